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


def test_killed_around_a_rotation(stack: Stack) -> None:
    """After a kill before or after a rotation, the next `up` sends another secret. State and Sinch agree."""
    stack.write(WEBHOOK % "")
    stack.up()
    for version, after_commit in ((2, False), (3, True)):
        (before,) = stack.emulator.webhooks()
        stack.write(WEBHOOK % f", secret_version={version}")
        up_killed_at(stack, "PATCH", after_commit=after_commit)
        stack.up(warns=[PENDING])
        (webhook,) = stack.emulator.webhooks()
        assert stack.secret_outputs() == {"secret": webhook.secret}
        assert webhook.secret != before.secret
        assert str(stack.state()["shop"]["outputs"]["secret_version"]).partition(".")[0] == str(version)
    stack.assert_preview_is_empty()


def test_some_of_several_fail(stack: Stack) -> None:
    """If one create and one adoption fail, the state has the other webhooks. The next `up` does the rest.

    The error of the failed adoption does not call it an update.
    """
    foreign_webhook = stack.emulator.create_webhook("https://hooks.example.com/3")
    to_adopt = stack.emulator.create_webhook("https://hooks.example.com/5")
    stack.emulator.faults.add("status", status=400, method="PATCH")
    program = """
for number in range(6):
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=["BUNDLE_DONE"],
        adopt=number == 5)
"""
    stack.write(program)
    # Without the option, the engine starts no more operations after a failure.
    failed = stack.up("--continue-on-error", fails=True).output
    assert foreign_webhook.id in failed
    assert "adopting the webhook failed (HTTP 400" in failed
    assert "updating the webhook" not in failed
    assert {*stack.state()} == {"webhook-0", "webhook-1", "webhook-2", "webhook-4"}
    stack.emulator.delete_webhook(foreign_webhook.id)
    stack.calls()
    stack.up()
    assert sorted(stack.calls()) == ["GET 200", "PATCH 200", "POST 201", "token"]
    assert stack.state()["webhook-5"]["id"] == to_adopt.id
    stack.assert_preview_is_empty()


def fail_without_sinch(stack: Stack, command: str) -> None:
    """Run a command during which Sinch stops, and check that it fails with a clear error."""
    stack.emulator.journal.clear()
    stack.emulator.faults.add("hang", path="*/webhooks*", times=None)
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


def test_sinch_goes_away_in_the_middle(stack: Stack) -> None:
    """If Sinch stops during a request, the command fails with a clear error, and works again later."""
    stack.write(WEBHOOK % "")
    stack.up()
    stack.environment["SINCH_TIMEOUT"] = "6"
    stack.write(WEBHOOK % ", secret_version=2")

    fail_without_sinch(stack, "refresh")
    stack.refresh()
    fail_without_sinch(stack, "up")
    stack.up()
    assert stack.secret_outputs() == {"secret": stack.emulator.webhooks()[0].secret}
    fail_without_sinch(stack, "destroy")
    stack.destroy()
    assert stack.emulator.webhooks() == []
