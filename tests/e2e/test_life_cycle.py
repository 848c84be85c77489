"""The life cycle of a webhook on the real engine, with the requests of each step."""

import re

from e2e.harness import Stack


def webhook(
    name: str, extra: str = "", *, target: str = "", triggers: str = '["WHATSAPP_SENDER_ACTIVE"]'
) -> str:
    """Return the declaration of a webhook. Its default target ends with its name."""
    target = target or f"https://hooks.example.com/{name}"
    return f'{name} = SinchWebhook("{name}", target="{target}", triggers={triggers}, {extra})\n'


def test_fifteen_webhooks_cost_fifteen_posts_one_token_and_one_list(stack: Stack) -> None:
    """15 webhooks cost 15 POSTs, one token and one list. A preview sends nothing.

    Another order, duplicates or a Python set of the same triggers change nothing. Destroy works from the
    state alone, even if a webhook is gone.
    """
    program = """
for number in range(15):
    triggers = ["RCS_SENDER_COMMENT_ADDED", "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"][number % 3 :]
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=triggers)
"""
    stack.write(program)
    stack.up()
    assert sorted(stack.calls()) == ["GET 200", *["POST 201"] * 15, "token"]
    assert len(stack.emulator.webhooks()) == 15

    variants = "[triggers, [*reversed(triggers), triggers[-1]], {Trigger(one) for one in triggers}]"
    stack.write(program.replace("triggers=triggers", f"triggers={variants}[number // 5]"))
    stack.assert_preview_is_empty()
    assert stack.calls() == []

    stack.write(program.replace("SENDER_ERROR", "SENDER_REJECTED"))
    stack.up()
    patches = stack.emulator.journal.entries("PATCH")
    assert len(patches) == 15
    assert set(patches[0].body or ()) == {"triggers"}
    stack.calls()

    stack.emulator.delete_webhook(stack.emulator.webhooks()[0].id)
    stack.write("raise RuntimeError('the program is not run')\n")
    stack.destroy()
    assert sorted(stack.calls()) == [*["DELETE 204"] * 14, "DELETE 404", "token"]
    assert stack.emulator.webhooks() == []
    assert stack.state() == {}


def test_a_change_is_one_patch_of_what_changed(stack: Stack) -> None:
    """A change shows and sends only the changed field, and the webhook keeps its id.

    A target, trigger or secret that is unknown in the preview is accepted.
    """
    depending = """
SinchWebhook(
    "depending",
    target=senders.id.apply(lambda id: f"https://b.example.com/{id}"),
    triggers=["WHATSAPP_SENDER_ERROR", senders.id.apply(lambda _: "WHATSAPP_SENDER_ACTIVE")],
    secret=senders.id.apply(lambda id: id[::-1]),
)
"""
    stack.write(webhook("senders") + webhook("moved") + depending)
    stack.preview()
    stack.up()
    created, moved, senders = stack.emulator.webhooks()
    assert created.target == f"https://b.example.com/{senders.id}"
    assert created.triggers == ("WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR")
    assert created.secret == senders.id[::-1]
    stack.calls()

    new = "https://new.example.com/sinch"
    triggers = "[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_ERROR]"
    stack.write(webhook("senders", triggers=triggers) + webhook("moved", target=new) + depending)
    shown = stack.pulumi("preview").stdout
    assert sorted(re.findall(r"\[diff: .*\]", shown)) == ["[diff: ~target]", "[diff: ~triggers]"]
    assert re.findall(r"\d+ (?:to \w+|unchanged)", shown) == ["2 to update", "2 unchanged"]
    stack.up()
    patches = {entry.path.rpartition("/")[2]: entry.body for entry in stack.emulator.journal.entries("PATCH")}
    assert patches == {
        senders.id: {"triggers": ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]},
        moved.id: {"target": new},
    }
    assert sorted(stack.calls()) == ["PATCH 200", "PATCH 200", "token"]
    assert stack.emulator.webhook(moved.id).target == new
    assert len(stack.emulator.webhooks()) == 3


def test_drift_is_seen_by_refresh_and_repaired_by_the_next_up(stack: Stack) -> None:
    """Refresh shows drift of target and triggers, and the next `up` repairs it.

    Refresh removes a deleted webhook from the state, and the next `up` creates it again. A changed
    `SINCH_PROJECT_ID` does not replace an existing webhook.
    """
    stack.write(webhook("senders") + webhook("deleted"))
    stack.up()
    deleted, before = stack.emulator.webhooks()
    elsewhere = "https://elsewhere.example.com/"
    stack.emulator.change_webhook(before.id, target=elsewhere, triggers=["ALL"])
    stack.emulator.delete_webhook(deleted.id)
    stack.write(webhook("senders") + webhook("deleted", triggers='["ALL"]'))
    failed = stack.up(fails=True)
    assert "HTTP 404 webhook_not_found" in failed.output
    assert "--refresh" in failed.output

    shown = stack.preview("--refresh").stdout
    assert f'~ target  : "{elsewhere}" => "https://hooks.example.com/senders"' in shown
    stack.calls()
    stack.refresh()
    assert sorted(stack.calls()) == ["GET 200", "GET 404", "token"]
    assert [*stack.state()] == ["senders"]
    assert stack.state()["senders"]["inputs"]["target"] == elsewhere

    stack.up()
    created, repaired = stack.emulator.webhooks()
    assert repaired == before
    assert (created.target, created.triggers) == (deleted.target, ("ALL",))
    stack.environment["SINCH_PROJECT_ID"] = "99999999-0000-0000-0000-000000000000"
    stack.assert_preview_is_empty("--refresh")


def test_replacements_that_the_user_asks_for(stack: Stack) -> None:
    """`--replace`, `state taint`, `replace_on_changes`, `replacement_trigger` and another project replace.

    A replacement on changed triggers deletes the old webhook first, because project and target stay.
    """
    other = "11111111-2222-3333-4444-555555555555"
    projects = [stack.emulator.project_id, other]
    stack.emulator.add_key(stack.emulator.key_id, stack.emulator.key_secret, projects)
    deletes_first = "opts=ResourceOptions(delete_before_replace=True)"
    trigger = "opts=ResourceOptions(replacement_trigger={}, delete_before_replace=True)"
    stays = webhook("asked", deletes_first) + webhook("tainted", deletes_first)
    changing = webhook("project") + webhook("target") + webhook("triggers")
    stack.write(stays + changing + webhook("triggered", trigger.format(1)))
    stack.up()
    old = {one.id for one in stack.emulator.webhooks()}
    assert len(old) == 6

    urns = {name: resource["urn"] for name, resource in stack.state().items()}
    stack.pulumi("state", "taint", urns["tainted"], "--yes")
    changed = (
        webhook("project", f'project_id="{other}"')
        + webhook("target", 'opts=ResourceOptions(replace_on_changes=["target"])', target="https://b.example")
        + webhook("triggers", 'opts=ResourceOptions(replace_on_changes=["triggers"])', triggers='["ALL"]')
    )
    stack.write(stays + changed + webhook("triggered", trigger.format(2)))
    assert stack.preview_steps("--replace", urns["asked"])["project"]["replaceReasons"] == ["project_id"]
    stack.up("--replace", urns["asked"])
    assert [one.target for one in stack.emulator.webhooks(other)] == ["https://hooks.example.com/project"]
    new = {one.target.rpartition("/")[2]: one for one in stack.emulator.webhooks()}
    assert [*new] == ["b.example", "asked", "tainted", "triggered", "triggers"]
    assert new["triggers"].triggers == ("ALL",)
    assert not old & {one.id for one in new.values()}
