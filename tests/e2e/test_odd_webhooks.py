"""Webhooks of other Sinch products in the same project, whose entries lack documented fields."""

import pytest
from e2e.harness import Stack
from odd_webhooks import ENTRIES, WITHOUT_ID, OddWebhooks

PROGRAM = """
ours = [
    SinchWebhook(name, target=f"https://a.example.com/{name}", triggers=["WHATSAPP_SENDER_ACTIVE"])
    for name in NAMES
]
found = SinchWebhooks.get("found", opts=ResourceOptions(depends_on=ours))
pulumi.export("count", found.webhooks.apply(len))
"""


def test_odd_webhooks_block_nothing(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """All operations work next to odd webhooks, which are never changed.

    If a managed webhook turns odd, refresh shows the drift, and the next `up` repairs it. If it is then gone,
    refresh removes it from the state.
    """
    odd = OddWebhooks(monkeypatch)
    ids = odd.add(stack.emulator)
    stack.write(PROGRAM.replace("NAMES", '("senders", "deleted")'))
    stack.up("--config", "sinch:preflight=error")
    assert stack.secret_outputs()["count"] == len(ENTRIES) - len(WITHOUT_ID) + 2
    stack.assert_preview_is_empty("--refresh")

    webhook, deleted = (stack.emulator.webhook(stack.state()[name]["id"]) for name in ("senders", "deleted"))
    odd.fields[webhook.id] = {"triggers": None, "target": None, "projectId": None}
    odd.fields[deleted.id] = {"target": None}
    stack.refresh()
    assert stack.state()["deleted"]["outputs"]["target"] == ""
    stack.emulator.delete_webhook(deleted.id)
    stack.refresh()
    assert "deleted" not in stack.state()
    drifted = stack.state()["senders"]
    assert drifted["id"] == webhook.id
    assert (drifted["outputs"]["target"], drifted["outputs"]["triggers"]) == ("", [])

    del odd.fields[webhook.id]
    stack.emulator.change_webhook(webhook.id, triggers=["ALL"], target="https://odd.example.com")
    stack.write(PROGRAM.replace("NAMES", '["senders"]'))
    stack.calls()
    stack.up()
    assert [call for call in stack.calls() if call.startswith(("P", "D"))] == ["PATCH 200"]
    assert stack.emulator.webhook(webhook.id) == webhook
    stack.assert_preview_is_empty()

    stack.destroy()
    assert {webhook.id for webhook in stack.emulator.webhooks()} == {*ids.values()}
    assert all(webhook.triggers == ("ALL",) for webhook in stack.emulator.webhooks())
