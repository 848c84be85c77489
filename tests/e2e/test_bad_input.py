"""Mistakes in a program fail its preview, all at once, and change nothing."""

from e2e.harness import Stack

TOKEN_IN_TARGET = "t0ken-in-the-target"


def test_wrong_input_fails_the_preview(stack: Stack) -> None:
    """One preview shows all problems. Each starts with the property's name, without target and secret.

    tests/plugin/test_bad_input.py tests the rules.
    """
    stack.write(
        f'SinchWebhook("senders", target="hooks.example.com/{TOKEN_IN_TARGET}", triggers=["NOPE"], '
        'secret="s3cret-" * 19, secret_version=1.5)\n'
    )
    shown = stack.preview(fails=True).output
    for reason in (
        "target must be an http or https URL",
        "triggers",
        "secret must have 1 to 128 characters, not 133",
        "secret_version",
    ):
        assert f"has a problem: {reason}" in shown
    assert TOKEN_IN_TARGET not in shown
    assert "s3cret-" not in shown
    assert stack.calls() == []


def test_missing_credentials_fail_the_up_but_not_the_preview(stack: Stack) -> None:
    """The error names config keys and variables, and points out a key that was set without `sinch:`."""
    del stack.environment["SINCH_KEY_ID"], stack.environment["SINCH_KEY_SECRET"]
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.pulumi("up", "--yes", "--config", "keyId=something", fails=True).output
    assert "Updating (dev)" in shown, "the preview failed"
    assert "sinch:keyId (SINCH_KEY_ID)" in shown
    assert "sinch:keySecret (SINCH_KEY_SECRET)" in shown
    assert "pulumi config set sinch:keyId" in shown
    assert "Traceback" not in shown
    assert "senders" not in stack.state()


def test_a_rejected_target_in_the_state_blocks_nothing(stack: Stack) -> None:
    """A target in the state that is not valid any more can be refreshed, kept by an update, and deleted."""
    target = r"https://evil.example\@good.example/x"
    program = f'SinchWebhook("senders", target=r"{target}", triggers=["ALL"])\n'
    stack.write(program)
    refused = stack.preview(fails=True).output
    assert "target must not contain a backslash" in refused
    assert "good.example" not in refused.replace(program.strip(), "")
    stack.write(program.replace(target, "https://a.example.com"))
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    stack.emulator.change_webhook(webhook.id, target=target)
    stack.write(program.replace("ALL", "BUNDLE_DONE"))
    stack.up("--refresh")
    (updated,) = stack.emulator.webhooks()
    assert (updated.target, updated.triggers) == (target, ("BUNDLE_DONE",))
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_custom_timeouts_are_rejected_in_the_preview(stack: Stack) -> None:
    """The preview says that custom timeouts have no effect and names the setting to use. Nothing is sent."""
    stack.write(
        'opts = ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m"))\n'
        'SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"], opts=opts)\n'
    )
    shown = stack.preview(fails=True).output
    assert "error: SinchWebhook 'senders' has custom_timeouts" in shown
    assert "Traceback" not in shown
    assert stack.calls() == []


def test_a_taken_target_names_the_webhook_that_has_it(stack: Stack) -> None:
    """The error for a taken target names the webhook and the next steps, and nothing enters the state."""
    foreign_webhook = stack.emulator.create_webhook("https://a.example.com", ["ALL"])
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.up(fails=True).output
    assert "HTTP 409 webhook_exists" in shown
    for way in (foreign_webhook.id, "adopt=True", "aliases", "delete_before_replace=True", "import-file"):
        assert way in shown
    assert "senders" not in stack.state()
    assert stack.emulator.webhooks() == [foreign_webhook]


def test_a_full_project_lists_what_fills_it(stack: Stack) -> None:
    """The error for a full project names all 15 redacted webhooks, and nothing enters the state."""
    foreign_webhooks = [
        stack.emulator.create_webhook(f"https://team-{number}.example.com/?token={TOKEN_IN_TARGET}", ["ALL"])
        for number in range(15)
    ]
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.up(fails=True).output
    assert "HTTP 424 webhook_limit_reached" in shown
    for foreign_webhook in foreign_webhooks:
        assert foreign_webhook.id in shown
    assert "https://team-7.example.com/" in shown
    assert TOKEN_IN_TARGET not in shown
    assert "senders" not in stack.state()
