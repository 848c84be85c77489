"""`ignore_changes` of each property: ignored properties keep the value of the state."""

from collections.abc import Collection

from e2e.harness import Stack

TARGET = "https://a.example.com/sinch"
EACH: dict[str, dict[str, str]] = {
    "target": {},
    "triggers": {},
    "secret": {"secret": '"s3cret-of-before"'},
    "secret_version": {"secret_version": "1"},
    "project_id": {},
    "adopt": {},
    "allow_unknown_triggers": {},
    "previous_secret": {},
}
"""Webhooks that ignore the property that they are named after, with arguments."""

ORIGINS = {
    "generated": {},
    "given": {"secret": '"s3cret-of-before"'},
    "versioned": {"secret_version": "1"},
    "rotated": {"secret_version": "2"},
    "adopted": {"adopt": "True"},
}
"""Webhooks that ignore everything, named after the origins of their secrets, with arguments."""

CHANGED = {
    "target": '"https://b.example.com/"',
    "triggers": '["ALL"]',
    "secret": '"s3cret-of-after"',
    "secret_version": "2",
    "project_id": '"elsewhere"',
    "adopt": "True",
    "allow_unknown_triggers": "True",
}


def declare(name: str, ignored: str, **arguments: str) -> str:
    given = {
        "target": f'"{TARGET}/{name}"',
        "triggers": '["WHATSAPP_SENDER_ACTIVE"]',
        **arguments,
        "opts": f'ResourceOptions(ignore_changes=["{ignored}"])',
    }
    return f'SinchWebhook("{name}", {", ".join(f"{key}={value}" for key, value in given.items())})\n'


def declare_each(changed: Collection[str] = ()) -> str:
    """Declare the webhooks of `EACH`, with a change of the ignored property if it is in `changed`."""
    return "".join(
        declare(name, name, **(arguments | ({name: CHANGED[name]} if name in changed else {})))
        for name, arguments in EACH.items()
    )


def declare_versions(version: str) -> str:
    """Declare two webhooks that do not ignore `secret_version`."""
    return "".join(
        declare(name, ignored, secret_version=version)
        for name, ignored in (("rotated", "target"), ("sent-again", "secret"))
    )


def assert_nothing_changes(stack: Stack) -> None:
    """Fail if an `up` changes a resource or sends a request."""
    before, _ = stack.emulator.webhooks(), stack.calls()
    stack.up("--expect-no-changes")
    assert stack.emulator.webhooks() == before
    assert not stack.calls()


def test_ignored_properties_keep_their_values(stack: Stack) -> None:
    """Ignored properties may change in the program or at Sinch: previews are empty and `up` sends nothing.

    If only `secret` is ignored, a new `secret_version` sends the stored secret again.
    """
    stack.emulator.create_webhook(f"{TARGET}/adopted")
    others = "".join(declare(name, "*", **ORIGINS[name]) for name in ORIGINS if name != "rotated")
    stack.write(declare_each() + others + declare_versions("1"))
    stack.up()
    sent_again = stack.emulator.webhook(stack.state()["sent-again"]["id"])
    stack.calls()
    stack.write(declare_each() + others + declare_versions("2"))
    stack.up()
    requests = stack.emulator.journal.entries(path_contains=sent_again.id)
    assert [(entry.method, entry.status) for entry in requests if entry.method != "GET"] == [("PATCH", 200)]
    assert stack.emulator.webhook(sent_again.id) == sent_again

    kept = declare("sent-again", "secret", secret_version="2")
    stack.write(declare_each() + kept + "".join(declare(name, "*", **ORIGINS[name]) for name in ORIGINS))
    assert_nothing_changes(stack)
    stack.write(declare_each(CHANGED) + kept + "".join(declare(name, "*", **CHANGED) for name in ORIGINS))
    stack.assert_preview_is_empty()
    assert_nothing_changes(stack)

    for name in ("triggers", "generated"):
        stack.emulator.change_webhook(stack.state()[name]["id"], triggers=["FROM_THE_FUTURE"])
    stack.refresh()
    assert_nothing_changes(stack)
