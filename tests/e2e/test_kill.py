"""The engine and its plugin are killed, or Sinch becomes unreachable, during an operation."""

import re
import sys

import pytest
from e2e.harness import Stack
from e2e.killing import Running, wait_until
from loopback import out_of_reach

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")

TARGET = "https://hooks.example.com/shop"
PENDING = "Attempting to deploy or update resources with 1 pending operations from previous deployment."
WEBHOOK = (
    f'w = SinchWebhook("shop", target="{TARGET}", triggers=["ALL"]%s)\npulumi.export("secret", w.secret)\n'
)


def up_killed_at(stack: Stack, method: str, *, after_commit: bool) -> None:
    """Start an `up`, and kill it while the response to its request is delayed."""
    before = [webhook.secret for webhook in stack.emulator.webhooks()]
    stack.emulator.faults.add(
        "hang", method=method, path="*/webhooks*", times=None, after_commit=after_commit
    )
    running = Running(stack, "up", "--yes", "--skip-preview")

    def is_held() -> bool:
        held = any(
            entry.method == method and entry.fault
            for entry in stack.emulator.journal.entries(method, "/webhooks")
        )
        return held and (not after_commit or [w.secret for w in stack.emulator.webhooks()] != before)

    wait_until(is_held, f"{method} at the emulator")
    running.kill()
    stack.emulator.faults.clear()
    stack.pulumi("cancel", "--yes")


def test_killed_before_a_create_is_carried_out(stack: Stack) -> None:
    """After a kill before the create took effect, the next `up` creates the webhook."""
    stack.write(WEBHOOK % "")
    up_killed_at(stack, "POST", after_commit=False)
    assert stack.emulator.webhooks() == []
    stack.up(warns=[PENDING])
    assert [webhook.target for webhook in stack.emulator.webhooks()] == [TARGET]
    assert stack.secret_outputs() == {"secret": stack.emulator.webhooks()[0].secret}
    stack.assert_preview_is_empty()


def test_killed_after_a_create_was_carried_out(stack: Stack) -> None:
    """After a kill behind the create, the next `up` names the webhook and the next steps, which work."""
    stack.write(WEBHOOK % "")
    up_killed_at(stack, "POST", after_commit=True)
    (left,) = stack.emulator.webhooks()
    assert stack.state() == {}
    failed = stack.up(fails=True, warns=[PENDING]).output
    assert f"Webhook {left.id} of project" in failed
    assert "An interrupted `up`" in failed
    assert "adopt=True" in failed
    stack.write(WEBHOOK % ", adopt=True")
    stack.up(warns=[PENDING])
    stack.write(WEBHOOK % ', secret_version="2"')
    stack.up(warns=[PENDING])
    (webhook,) = stack.emulator.webhooks()
    assert webhook.id == left.id == stack.state()["shop"]["id"]
    assert stack.secret_outputs() == {"secret": webhook.secret}
    assert webhook.secret != left.secret
    stack.assert_preview_is_empty()
    stack.destroy(warns=[PENDING])
    assert stack.emulator.webhooks() == []


@pytest.mark.parametrize("after_commit", [False, True])
def test_killed_around_a_rotation(stack: Stack, *, after_commit: bool) -> None:
    """After a kill during a rotation, the next `up` sends another secret, and state and Sinch agree."""
    stack.write(WEBHOOK % "")
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.write(WEBHOOK % ", secret_version=2")
    up_killed_at(stack, "PATCH", after_commit=after_commit)
    stack.up(warns=[PENDING])
    (webhook,) = stack.emulator.webhooks()
    assert stack.secret_outputs() == {"secret": webhook.secret}
    assert webhook.secret != before.secret
    stack.assert_preview_is_empty()


def test_one_of_several_fails(stack: Stack) -> None:
    """If one of several creates fails, the others are in the state. The next `up` creates only that one."""
    foreign_webhook = stack.emulator.create_webhook("https://hooks.example.com/3")
    program = """
for number in range(5):
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=["ALL"])
"""
    stack.write(program)
    # Without the option, the engine starts no more operations after a failure.
    failed = stack.up("--continue-on-error", fails=True).output
    assert foreign_webhook.id in failed
    assert {*stack.state()} == {"webhook-0", "webhook-1", "webhook-2", "webhook-4"}
    stack.emulator.delete_webhook(foreign_webhook.id)
    stack.calls()
    stack.up()
    assert sorted(stack.calls()) == ["GET 200", "POST 201", "token"]
    stack.assert_preview_is_empty()


@pytest.mark.parametrize("command", ["up", "refresh", "destroy"])
def test_sinch_goes_away_in_the_middle(stack: Stack, command: str) -> None:
    """If Sinch stops during a request, the command fails with a clear error, and works again later."""
    stack.write(WEBHOOK % "")
    stack.up()
    stack.write(WEBHOOK % ", secret_version=2")
    stack.emulator.faults.add("hang", path="*/webhooks*", times=None)
    stack.environment["SINCH_TIMEOUT"] = "6"
    running = Running(stack, command, "--yes", "--skip-preview")
    wait_until(
        lambda: any(entry.fault for entry in stack.emulator.journal.entries()), "request at the emulator"
    )
    with out_of_reach(stack.emulator):
        ran = running.wait()
    assert ran.returncode != 0
    assert "no connection could be made" in ran.output or "the connection broke" in ran.output
    assert re.search(r"run (the command|`pulumi up`)[^.:]* again", ran.output, re.IGNORECASE)
    stack.emulator.faults.clear()
    getattr(stack, command)()
    if command == "destroy":
        assert stack.emulator.webhooks() == []
    else:
        if command == "refresh":
            stack.up()
        assert stack.secret_outputs() == {"secret": stack.emulator.webhooks()[0].secret}
