"""`ignore_changes` of each property: ignored properties keep the value of the state."""

from e2e.harness import Stack

TARGET = "https://a.example.com/sinch"
START: dict[str, dict[str, str]] = {
    "target": {},
    "triggers": {},
    "secret": {"secret": '"s3cret-of-before"'},
    "secret_version": {"secret_version": "1"},
    "project_id": {},
    "adopt": {},
    "allow_unknown_triggers": {},
    "previous_secret": {},
}
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


def assert_nothing_changes(stack: Stack) -> None:
    """Fail if an `up` changes a resource or sends a request."""
    before, _ = stack.emulator.webhooks(), stack.calls()
    stack.up("--expect-no-changes")
    assert stack.emulator.webhooks() == before
    assert not stack.calls()


def test_each_property_can_be_ignored(stack: Stack) -> None:
    """An ignored property may change in the program: previews are empty and `up` sends nothing."""
    stack.write("".join(declare(name, name, **START[name]) for name in START))
    stack.up()
    assert_nothing_changes(stack)
    stack.write(
        "".join(
            declare(name, name, **(START[name] | ({name: CHANGED[name]} if name in CHANGED else {})))
            for name in START
        )
    )
    stack.assert_preview_is_empty()
    assert_nothing_changes(stack)


def test_everything_can_be_ignored(stack: Stack) -> None:
    """With `["*"]` every change is ignored, and secrets of every origin stay."""
    stack.emulator.create_webhook(f"{TARGET}/adopted")
    stack.write(declare("rotated", "target", secret_version="1") + declare("adopted", "*", adopt="True"))
    stack.up()
    start = {
        "generated": {},
        "given": {"secret": '"s3cret-of-before"'},
        "versioned": {"secret_version": "1"},
        "rotated": {"secret_version": "2"},
        "adopted": {"adopt": "True"},
    }
    stack.write(
        "".join(declare(name, "*" if name != "rotated" else "target", **start[name]) for name in start)
    )
    stack.up()
    stack.write("".join(declare(name, "*", **start[name]) for name in start))
    assert_nothing_changes(stack)
    stack.write("".join(declare(name, "*", **CHANGED) for name in start))
    assert_nothing_changes(stack)


def test_drift_can_be_ignored(stack: Stack) -> None:
    """After a refresh, an ignored property keeps the live value, even a trigger that is not known."""
    stack.write(declare("one", "*") + declare("two", "triggers"))
    stack.up()
    for webhook in stack.emulator.webhooks():
        stack.emulator.change_webhook(webhook.id, triggers=["FROM_THE_FUTURE"])
    stack.refresh()
    assert_nothing_changes(stack)


def test_an_ignored_secret_is_sent_again_with_a_new_version(stack: Stack) -> None:
    """If `secret` is ignored, a new `secret_version` sends the stored secret again."""
    stack.write(declare("one", "secret", secret_version="1"))
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.calls()
    stack.write(declare("one", "secret", secret_version="2"))
    stack.up()
    assert [call for call in stack.calls() if call.startswith("P")] == ["PATCH 200"]
    assert stack.emulator.webhooks() == [before]
