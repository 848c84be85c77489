"""The life cycle of a webhook on the real engine, with the requests of each step."""

from e2e.harness import Stack

TARGET = "https://hooks.example.com/sinch"


def one_webhook(
    extra: str = "", *, target: str = TARGET, triggers: str = '["WHATSAPP_SENDER_ACTIVE"]'
) -> str:
    return f'webhook = SinchWebhook("senders", target="{target}", triggers={triggers}, {extra})\n'


def test_fifteen_webhooks_cost_fifteen_posts_one_token_and_one_list(stack: Stack) -> None:
    """15 webhooks cost 15 POSTs, one token and one list. A later preview sends nothing."""
    program = """
for number in range(15):
    triggers = ["RCS_SENDER_COMMENT_ADDED", "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"][number % 3 :]
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=triggers)
"""
    stack.write(program)
    stack.up()
    assert sorted(stack.calls()) == ["GET 200", *["POST 201"] * 15, "token"]
    assert len(stack.emulator.webhooks()) == 15
    stack.assert_preview_is_empty()
    assert stack.calls() == []
    stack.write(program.replace("SENDER_ERROR", "SENDER_REJECTED"))
    stack.up()
    patches = stack.emulator.journal.entries("PATCH")
    assert len(patches) == 15
    assert set(patches[0].body or ()) == {"triggers"}
    stack.calls()
    stack.destroy()
    assert sorted(stack.calls()) == [*["DELETE 204"] * 15, "token"]
    assert stack.emulator.webhooks() == []


def test_a_change_is_one_patch_of_what_changed(stack: Stack) -> None:
    """A change shows and sends only the changed field, and the webhook keeps its id."""
    stack.write(one_webhook())
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.calls()
    stack.write(one_webhook(triggers="[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_ERROR]"))
    assert "[diff: ~triggers]" in stack.pulumi("preview").stdout
    stack.up()
    (patch,) = stack.emulator.journal.entries("PATCH")
    assert patch.body == {"triggers": ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]}
    assert stack.calls() == ["token", "PATCH 200"]
    new = "https://new.example.com/sinch"
    stack.write(one_webhook(target=new, triggers='["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]'))
    stack.up()
    assert stack.emulator.journal.entries("PATCH")[-1].body == {"target": new}
    (after,) = stack.emulator.webhooks()
    assert (after.id, after.target) == (before.id, new)


def test_order_and_repetition_of_triggers_are_no_change(stack: Stack) -> None:
    """Another order, duplicates or a Python set of the same triggers change nothing."""
    program = """
SinchWebhook("twice", target="https://a.example.com", triggers=FIRST)
SinchWebhook("set", target="https://b.example.com", triggers=SECOND)
"""
    start = '["WHATSAPP_SENDER_ERROR", "RCS_SENDER_COMMENT_ADDED"]'
    twice = '["RCS_SENDER_COMMENT_ADDED", "WHATSAPP_SENDER_ERROR", "RCS_SENDER_COMMENT_ADDED"]'
    as_set = "{Trigger.WHATSAPP_SENDER_ERROR, Trigger.RCS_SENDER_COMMENT_ADDED}"
    stack.write(program.replace("FIRST", start).replace("SECOND", start))
    stack.up()
    stack.write(program.replace("FIRST", twice).replace("SECOND", as_set))
    stack.assert_preview_is_empty()


def test_a_changed_project_replaces_the_webhook(stack: Stack) -> None:
    """A changed project creates the webhook in the new project and deletes the old one."""
    other = "11111111-2222-3333-4444-555555555555"
    stack.emulator.add_project(other)
    stack.emulator.add_key(
        stack.emulator.key_id, stack.emulator.key_secret, [stack.emulator.project_id, other]
    )
    stack.write(one_webhook())
    stack.up()
    stack.write(one_webhook(f'project_id="{other}"'))
    assert stack.preview_steps()["senders"]["replaceReasons"] == ["project_id"]
    stack.up()
    assert stack.emulator.webhooks() == []
    assert [webhook.target for webhook in stack.emulator.webhooks(other)] == [TARGET]


def test_a_changed_environment_variable_alone_replaces_nothing(stack: Stack) -> None:
    """A changed `SINCH_PROJECT_ID` does not replace an existing webhook."""
    stack.write(one_webhook())
    stack.up()
    stack.environment["SINCH_PROJECT_ID"] = "99999999-0000-0000-0000-000000000000"
    stack.up("--expect-no-changes")
    assert len(stack.emulator.webhooks()) == 1


def test_drift_is_seen_by_refresh_and_repaired_by_the_next_up(stack: Stack) -> None:
    """Refresh shows drift of target and triggers, and the next `up` repairs it."""
    stack.write(one_webhook())
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    stack.emulator.change_webhook(webhook.id, target="https://elsewhere.example.com/", triggers=["ALL"])
    shown = stack.preview("--refresh").stdout
    assert '~ target  : "https://elsewhere.example.com/" => "https://hooks.example.com/sinch"' in shown
    stack.calls()
    stack.refresh()
    assert stack.calls() == ["token", "GET 200"]
    assert stack.state()["senders"]["inputs"]["target"] == "https://elsewhere.example.com/"
    stack.up()
    (repaired,) = stack.emulator.webhooks()
    assert (repaired.id, repaired.target, repaired.triggers) == (
        webhook.id,
        TARGET,
        ("WHATSAPP_SENDER_ACTIVE",),
    )
    assert repaired.secret == webhook.secret
    stack.assert_preview_is_empty("--refresh")


def test_a_webhook_deleted_elsewhere_is_created_again_after_a_refresh(stack: Stack) -> None:
    """Refresh removes a deleted webhook from the state, and the next `up` creates it again."""
    stack.write(one_webhook())
    stack.up()
    stack.emulator.delete_webhook(stack.emulator.webhooks()[0].id)
    stack.write(one_webhook(triggers='["ALL"]'))
    failed = stack.up(fails=True)
    assert "HTTP 404 webhook_not_found" in failed.output
    assert "--refresh" in failed.output
    stack.refresh()
    assert "senders" not in stack.state()
    stack.up()
    assert len(stack.emulator.webhooks()) == 1


def test_destroy_works_when_the_webhook_is_gone_and_without_the_program(stack: Stack) -> None:
    """Refresh and destroy work from the state alone, even if the webhook is gone."""
    stack.write(one_webhook() + one_webhook(target="https://b.example.com").replace('"senders"', '"other"'))
    stack.up()
    stack.emulator.delete_webhook(stack.emulator.webhooks()[0].id)
    stack.write("raise RuntimeError('the program is not run')\n")
    stack.destroy()
    assert stack.emulator.webhooks() == []
    assert stack.state() == {}


def test_replacements_that_the_user_asks_for(stack: Stack) -> None:
    """`--replace`, `state taint` and `replace_on_changes` create a new webhook."""
    stack.write(one_webhook("opts=ResourceOptions(delete_before_replace=True)"))
    stack.up()
    ids = [stack.emulator.webhooks()[0].id]
    urn = stack.state()["senders"]["urn"]
    stack.up("--replace", urn)
    ids.append(stack.emulator.webhooks()[0].id)
    stack.pulumi("state", "taint", urn, "--yes")
    stack.up()
    ids.append(stack.emulator.webhooks()[0].id)
    stack.write(
        one_webhook('opts=ResourceOptions(replace_on_changes=["target"])', target="https://b.example.com")
    )
    stack.up()
    ids.append(stack.emulator.webhooks()[0].id)
    assert len(set(ids)) == 4
    assert len(stack.emulator.webhooks()) == 1


def test_a_replacement_on_changed_triggers_deletes_first(stack: Stack) -> None:
    """A replacement with the same project and target deletes the old webhook first."""
    stack.write(one_webhook())
    stack.up()
    stack.write(one_webhook('opts=ResourceOptions(replace_on_changes=["triggers"])', triggers='["ALL"]'))
    stack.up()
    assert [webhook.triggers for webhook in stack.emulator.webhooks()] == [("ALL",)]


def test_a_replacement_without_any_change_of_the_webhook(stack: Stack) -> None:
    """A changed `replacement_trigger` replaces an unchanged webhook and deletes the old one first."""
    stack.write(one_webhook("opts=ResourceOptions(replacement_trigger=1, delete_before_replace=True)"))
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.write(one_webhook("opts=ResourceOptions(replacement_trigger=2, delete_before_replace=True)"))
    stack.up()
    (after,) = stack.emulator.webhooks()
    assert (after.id != before.id, after.target) == (True, before.target)


def test_values_of_other_resources_pass_through_a_preview(stack: Stack) -> None:
    """Target, trigger and secret that are unknown in the preview are accepted."""
    stack.write("""
source = SinchWebhook("source", target="https://a.example.com", triggers=["ALL"])
SinchWebhook(
    "sink",
    target=source.id.apply(lambda id: f"https://b.example.com/{id}"),
    triggers=["WHATSAPP_SENDER_ERROR", source.id.apply(lambda _: "WHATSAPP_SENDER_ACTIVE")],
    secret=source.id.apply(lambda id: id[::-1]),
)
""")
    stack.preview()
    stack.up()
    sink = next(webhook for webhook in stack.emulator.webhooks() if "b.example.com" in webhook.target)
    assert sink.triggers == ("WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR")
    stack.assert_preview_is_empty()
