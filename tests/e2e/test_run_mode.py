"""`pulumi-sinch emulator -- pulumi …` with the real CLI."""

import json
import subprocess
from pathlib import Path

from e2e.harness import COMMAND_TIMEOUT, Ran, Stack

ONE = 'SinchWebhook("senders", target="https://hooks.example.com/", triggers=["ALL"])\n'


def run(stack: Stack, state: Path, *arguments: str) -> None:
    """Run the CLI with its own emulator, which stores webhooks in a file."""
    finished = subprocess.run(
        ["pulumi-sinch", "emulator", "--state", state, "--", "pulumi", *arguments, "--yes", "--skip-preview"],
        cwd=stack.program_folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    stack.ran.append(Ran(finished.returncode, finished.stdout, finished.stderr))
    assert finished.returncode == 0, finished.stdout + finished.stderr


def webhooks(state: Path) -> list[str]:
    (stored,) = json.loads(state.read_text())["projects"].values()
    return [webhook["target"] for webhook in stored]


def test_up_and_destroy_need_nothing_but_the_command(stack: Stack, tmp_path: Path) -> None:
    """Each command has an emulator at another port. The second one deletes the webhook of the first."""
    for name in [name for name in stack.environment if name.startswith("SINCH_")]:
        del stack.environment[name]
    stack.write(ONE)
    state = tmp_path / "sinch.json"
    run(stack, state, "up")
    assert webhooks(state) == ["https://hooks.example.com/"]
    run(stack, state, "destroy")
    assert webhooks(state) == []
