"""`adopt=True`: a resource adopts the webhook with its target, and the webhook is never deleted by it."""

from e2e.harness import WEBHOOK_TYPE, Stack
from e2e.providers import OTHER_PROJECT, declare_eu

BY_HAND = "made-by-hand-5b1c"
GIVEN = "given-secret-93ee"
DONE = '["BUNDLE_DONE"]'
URN = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::"


def target(name: str) -> str:
    return f"https://hooks.example.com/{name}"


def declare(
    name: str, triggers: str = '["ALL"]', extra: str = "adopt=True", options: str = "", at: str = ""
) -> str:
    """Return the declaration of a webhook. Its target is that of its name, or of `at`."""
    return f"""
webhook = SinchWebhook(
    "{name}",
    target="{target(at or name)}",
    triggers={triggers},
    opts=ResourceOptions({options}),
    {extra}
)
pulumi.export("{name}", webhook.secret)
"""


def create_by_hand(stack: Stack, name: str, project_id: str | None = None) -> str:
    """Create a webhook at Sinch and return its id."""
    webhook = stack.emulator.create_webhook(target(name), ["ALL"], BY_HAND, project_id)
    stack.note_confidential()
    return webhook.id


def ids(stack: Stack, project_id: str | None = None) -> set[str]:
    return {webhook.id for webhook in stack.emulator.webhooks(project_id)}


def writes(stack: Stack) -> list[str]:
    """Return the requests since the last call that change a webhook, with the last part of their paths."""
    entries = stack.emulator.journal.entries(path_contains="/webhooks")
    stack.emulator.journal.clear()
    return sorted(
        f"{entry.method} {entry.path.rpartition('/')[2]} {entry.status}"
        for entry in entries
        if entry.method != "GET"
    )


def left_alone(webhook_id: str) -> str:
    """Return the warning about an old resource whose webhook has a new owner."""
    return (
        f"webhook {webhook_id} was not deleted, because another resource of this program, or the replacement "
        "of this resource, owns the webhook now"
    )


def test_adopted_webhooks_get_the_triggers_and_only_a_given_secret(stack: Stack) -> None:
    """Adoption sets the triggers, and replaces the secret only if one is given, also later.

    Switching `adopt` on or off changes nothing.
    """
    given, kept = create_by_hand(stack, "given"), create_by_hand(stack, "kept")
    with_secret = f'secret="{GIVEN}"'
    stack.write(
        declare("given", DONE, f"adopt=True, {with_secret}")
        + declare("kept", DONE)
        + declare("created", extra="")
    )
    shown = stack.up().output
    project_id = stack.emulator.project_id
    assert f"adopted webhook {given} of project {project_id}; its secret was replaced" in shown
    assert f"adopted webhook {kept} of project {project_id}; its secret is unchanged" in shown
    assert writes(stack) == sorted([f"PUT {given} 200", f"PATCH {kept} 200", "POST webhooks 201"])
    (created,) = ids(stack) - {given, kept}
    for webhook_id, secret in ((given, GIVEN), (kept, BY_HAND)):
        webhook = stack.emulator.webhook(webhook_id)
        assert (webhook.secret, webhook.triggers) == (secret, ("BUNDLE_DONE",))
    generated = stack.emulator.webhook(created).secret
    assert stack.secret_outputs() == {"given": GIVEN, "kept": "", "created": generated}

    switched = declare("given", DONE, with_secret) + declare("created")
    stack.write(switched + declare("kept", DONE, ""))
    stack.assert_preview_is_empty()
    stack.write(switched + declare("kept", DONE, with_secret))
    stack.calls()
    stack.up()
    assert stack.calls() == ["token", "PUT 200"]
    assert stack.emulator.webhook(kept).secret == GIVEN
    assert stack.secret_outputs() == {"given": GIVEN, "kept": GIVEN, "created": generated}

    stack.refresh("--expect-no-changes")
    stack.destroy()
    assert ids(stack) == set()


def test_a_new_owner_keeps_the_webhook(stack: Stack) -> None:
    """A webhook with `adopt` stays after a rename, a forced replacement, and a move to another provider.

    The move changes nothing at Sinch.
    """
    stack.emulator.add_key("default", "key-of-the-default-provider", [OTHER_PROJECT])
    stack.environment |= {
        "SINCH_KEY_ID": "default",
        "SINCH_KEY_SECRET": "key-of-the-default-provider",
        "SINCH_PROJECT_ID": OTHER_PROJECT,
    }
    head = declare_eu(stack)
    names = ("renamed", "renamed-in-eu", "replaced", "moved")
    created = {name: create_by_hand(stack, name, OTHER_PROJECT) for name in names}
    stack.write(
        head
        + declare("old", at="renamed")
        + declare("old-in-eu", at="renamed-in-eu", options="provider=eu")
        + declare("replaced")
        + declare("moved")
    )
    stack.up()
    assert ids(stack, OTHER_PROJECT) == set(created.values())
    writes(stack)

    stack.write(
        head
        + declare("renamed")
        + declare("renamed-in-eu", options="provider=eu")
        + declare("replaced")
        + declare("moved", options="provider=eu")
    )
    warnings = [left_alone(created[name]) for name in names if name != "moved"]
    stack.up("--replace", f"{URN}replaced", warns=warnings)
    assert not [write for write in writes(stack) if created["moved"] in write or "POST" in write]
    assert ids(stack, OTHER_PROJECT) == set(created.values())
    assert {name: resource["id"] for name, resource in stack.state().items()} == created
    stack.assert_preview_is_empty("--refresh")
    stack.destroy()
    assert ids(stack, OTHER_PROJECT) == set()


def test_a_replacement_that_deletes_first_ends_with_a_new_webhook(stack: Stack) -> None:
    """`replace_on_changes` with the same target deletes the old webhook first and creates a new one.

    A forced replacement that deletes first fails without a deletion, and its advice completes it.
    """
    forced, changed = create_by_hand(stack, "forced"), create_by_hand(stack, "changed")
    on_changes, first = 'replace_on_changes=["triggers"]', "delete_before_replace=True"
    stack.write(declare("forced", options=first) + declare("changed", options=on_changes))
    stack.up()
    stack.pulumi("state", "taint", f"{URN}forced", "--yes")
    shown = stack.up(fails=True).output
    assert "so the webhook was kept on purpose" in shown
    assert "remove either adopt=True or delete_before_replace" in shown
    assert ids(stack) == {forced, changed}

    stack.write(declare("forced", extra="", options=first) + declare("changed", DONE, options=on_changes))
    stack.up()
    webhooks = {webhook.target: webhook for webhook in stack.emulator.webhooks()}
    assert {*webhooks} == {target("forced"), target("changed")}
    assert webhooks[target("forced")].id != forced
    assert webhooks[target("changed")].id != changed
    assert webhooks[target("changed")].triggers == ("BUNDLE_DONE",)
    stack.assert_preview_is_empty("--refresh")


def test_two_resources_cannot_take_over_one_webhook(stack: Stack) -> None:
    """If two resources adopt one webhook, one gets it and the other is rejected in the same run.

    Only one of them names its project, so that the constructor cannot detect the conflict.
    """
    webhook_id = create_by_hand(stack, "one")
    named = declare("named", extra=f'adopt=True, project_id="{stack.emulator.project_id}"', at="one")
    stack.write(declare("one") + named)
    shown = stack.up(fails=True).output
    assert "another resource of this stack owns the webhook with this target" in shown
    assert ids(stack) == {webhook_id}
    assert [resource["id"] for resource in stack.state().values()] == [webhook_id]
