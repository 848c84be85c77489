"""Webhooks of other Sinch products in the same project, whose entries lack documented fields."""

import pytest
from e2e.harness import Stack
from odd_webhooks import ENTRIES, WITHOUT_ID, OddWebhooks

PROGRAM = """
senders = SinchWebhook("senders", target="https://a.example.com/sinch", triggers=["WHATSAPP_SENDER_ACTIVE"])
found = SinchWebhooks.get("found", opts=ResourceOptions(depends_on=[senders]))
pulumi.export("count", found.webhooks.apply(len))
"""


def test_odd_webhooks_block_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """All operations work next to odd webhooks, which are never changed."""
    odd = OddWebhooks(monkeypatch)
    ids = odd.add(stack.emulator)
    stack.pulumi("config", "set", "sinch:preflight", "error")
    stack.write(PROGRAM)
    stack.up()
    assert stack.secret_outputs()["count"] == len(ENTRIES) - len(WITHOUT_ID) + 1
    stack.refresh()
    stack.assert_preview_is_empty()
    stack.write(PROGRAM.replace("ACTIVE", "ERROR"))
    stack.up()
    stack.destroy()
    assert {webhook.id for webhook in stack.emulator.webhooks()} == {*ids.values()}
    assert all(webhook.triggers == ("ALL",) for webhook in stack.emulator.webhooks())


def test_a_webhook_of_ours_that_turns_odd_is_repaired(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing triggers and a missing target are drift, which refresh shows and the next `up` repairs."""
    odd = OddWebhooks(monkeypatch)
    stack.write(PROGRAM)
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    odd.fields[webhook.id] = {"triggers": None, "target": None, "projectId": None}
    stack.refresh()
    stack.refresh()
    drifted = stack.state()["senders"]
    assert drifted["id"] == webhook.id
    assert (drifted["outputs"]["target"], drifted["outputs"]["triggers"]) == ("", [])
    del odd.fields[webhook.id]
    stack.emulator.change_webhook(webhook.id, triggers=["ALL"], target="https://odd.example.com")
    stack.calls()
    stack.up()
    assert [call for call in stack.calls() if call.startswith(("P", "D"))] == ["PATCH 200"]
    (repaired,) = stack.emulator.webhooks()
    assert (repaired.id, repaired.target) == (webhook.id, "https://a.example.com/sinch")
    assert repaired.triggers == ("WHATSAPP_SENDER_ACTIVE",)
    stack.assert_preview_is_empty()


def test_a_webhook_of_ours_without_target_that_is_gone_is_removed(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A managed webhook with an empty target in the state is removed by refresh when it is gone."""
    odd = OddWebhooks(monkeypatch)
    stack.write(PROGRAM)
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    odd.fields[webhook.id] = {"target": None}
    stack.refresh()
    stack.emulator.delete_webhook(webhook.id)
    stack.refresh()
    assert "senders" not in stack.state()
