"""The messages about requests and waits, on the real engine. The leak search covers them too."""

import re

from e2e.harness import Stack

PROGRAM = 'SinchWebhook("senders", target="https://hooks.example.com/sinch?token=t4rget", triggers=["ALL"])\n'


def test_debug_shows_each_request(stack: Stack) -> None:
    """`pulumi up --debug` prints method, path, status, milliseconds and attempt of each HTTP request."""
    stack.write(PROGRAM)
    ran = stack.up("--debug")
    requests = re.findall(r"debug: ([A-Z]+ /\S+: HTTP \d+) in \d+ ms \(attempt (\d) of 4\)", ran.output)
    path = f"/v1/projects/{stack.emulator.project_id}/webhooks"
    assert list(dict.fromkeys(requests)) == [
        ("POST /oauth2/token: HTTP 200", "1"),
        (f"GET {path}: HTTP 200", "1"),
        (f"POST {path}: HTTP 201", "1"),
    ]
    ours = "\n".join(line for line in ran.output.splitlines() if " of 4)" in line)
    assert "hooks.example.com" not in ours


def test_a_long_wait_is_visible(stack: Stack) -> None:
    """`pulumi up` prints one line when a retry waits more than 2 seconds, and no debug messages."""
    stack.write(PROGRAM)
    stack.emulator.faults.add("status", status=503, method="POST", path="*/webhooks", retry_after="3")
    ran = stack.up()
    assert "creating the webhook: HTTP 503, waiting 3 s before attempt 2 of 4" in ran.output
    assert "HTTP 201" not in ran.output
