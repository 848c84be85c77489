"""What a program gets wrong fails its preview, all at once, and changes nothing."""

import pytest
from e2e.harness import Stack

TOKEN_IN_TARGET = "t0ken-in-the-target"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (f'target="hooks.example.com/{TOKEN_IN_TARGET}"', "target must be an http or https URL"),
        ('secret="s3cret-" * 19', "secret must have 1 to 128 characters, not 133"),
    ],
)
def test_wrong_input_fails_the_preview(stack: Stack, arguments: str, reason: str) -> None:
    """The reason starts with the property's name; target and secret are not printed. The rules: tests/plugin/test_bad_input.py."""
    given = {
        "target": f'"https://a.example.com/{TOKEN_IN_TARGET}"',
        "triggers": '["ALL"]',
        "secret": '"s3cret-x"',
    }
    name, _, value = arguments.partition("=")
    given[name] = value
    stack.write(f'SinchWebhook("senders", {", ".join(f"{key}={value}" for key, value in given.items())})\n')
    shown = stack.preview(fails=True).output
    assert reason in shown
    assert f"has a problem: {name}" in shown
    assert TOKEN_IN_TARGET not in shown
    assert "s3cret-" not in shown
    assert stack.calls() == []


def test_all_problems_are_told_at_once(stack: Stack) -> None:
    """One preview shows them all, also those of a value that is unknown elsewhere."""
    stack.write(
        'SinchWebhook("senders", target="nowhere", triggers=["NOPE"], secret="", secret_version=1.5)\n'
    )
    shown = stack.preview(fails=True).output
    for name in ("target", "triggers", "secret", "secret_version"):
        assert f"has a problem: {name}" in shown


def test_missing_credentials_fail_the_up_but_not_the_preview(stack: Stack) -> None:
    """The sentence names config keys and variables; a key set without `sinch:` is pointed at."""
    del stack.environment["SINCH_KEY_ID"], stack.environment["SINCH_KEY_SECRET"]
    stack.pulumi("config", "set", "keyId", "something")
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    stack.preview()
    shown = stack.up(fails=True).output
    assert "sinch:keyId (SINCH_KEY_ID)" in shown
    assert "sinch:keySecret (SINCH_KEY_SECRET)" in shown
    assert "pulumi config set sinch:keyId" in shown
    assert "Traceback" not in shown
    assert "senders" not in stack.state()


def test_a_missing_project_fails_the_preview(stack: Stack) -> None:
    """The sentence names the property, the config key and the variable."""
    del stack.environment["SINCH_PROJECT_ID"]
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.preview(fails=True).output
    assert "project_id is missing" in shown
    assert "sinch:projectId (SINCH_PROJECT_ID)" in shown


def test_a_rejected_target_in_the_state_blocks_nothing(stack: Stack) -> None:
    """A target that no program can declare any more is refreshed, kept while its triggers change, and deleted."""
    target = r"https://evil.example\@good.example/x"
    program = f'SinchWebhook("senders", target=r"{target}", triggers=["ALL"])\n'
    stack.write(program)
    refused = stack.preview(fails=True).output
    assert "target must not hold a backslash" in refused
    assert "good.example" not in refused.replace(program.strip(), "")
    stack.write(program.replace(target, "https://a.example.com"))
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    stack.emulator.change_webhook(webhook.id, target=target)
    stack.refresh()
    stack.write(program.replace("ALL", "BUNDLE_DONE"))
    stack.up()
    (updated,) = stack.emulator.webhooks()
    assert (updated.target, updated.triggers) == (target, ("BUNDLE_DONE",))
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_custom_timeouts_are_rejected_in_the_preview(stack: Stack) -> None:
    """The preview says that they have no effect, and which setting has; nothing is sent."""
    stack.write(
        'opts = ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="5m"))\n'
        'SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"], opts=opts)\n'
    )
    shown = stack.preview(fails=True).output
    assert "error: SinchWebhook 'senders' has custom_timeouts" in shown
    assert "Traceback" not in shown
    assert stack.calls() == []


def test_a_rejected_key_is_told_from_a_wrong_project(stack: Stack) -> None:
    """The token endpoint refuses a wrong key; a right key with a wrong project is refused by the API."""
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    wrong_key = stack.up(fails=True, environment={"SINCH_KEY_SECRET": "wrong-key-secret"}).output
    assert "fetching an access token failed (HTTP 401" in wrong_key
    assert "Sinch does not accept the access key: check sinch:keyId" in wrong_key
    wrong_project = stack.up(fails=True, environment={"SINCH_PROJECT_ID": "not-this-one"}).output
    assert "HTTP 401 unauthorized_error" in wrong_project
    assert "but not for project not-this-one" in wrong_project
    assert stack.emulator.webhooks() == []


def test_a_key_that_was_revoked_is_named_by_refresh(stack: Stack) -> None:
    """Refresh and destroy use the config of the last `up`: the error says so and names `--run-program`."""
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    stack.up()
    stack.emulator.add_key(stack.emulator.key_id, "rotated-key-secret", [stack.emulator.project_id])
    shown = stack.refresh(fails=True).output
    assert "--run-program" in shown
    assert "senders" in stack.state()


def test_a_taken_target_names_the_webhook_that_has_it(stack: Stack) -> None:
    """The 409 says which webhook it is and the ways on; nothing is in the state afterwards."""
    stranger = stack.emulator.create_webhook("https://a.example.com", ["ALL"])
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.up(fails=True).output
    assert "HTTP 409 webhook_exists" in shown
    for way in (stranger.id, "adopt=True", "aliases", "delete_before_replace=True", "import-file"):
        assert way in shown
    assert "senders" not in stack.state()
    assert stack.emulator.webhooks() == [stranger]


def test_a_full_project_lists_what_fills_it(stack: Stack) -> None:
    """The 424 names all 15 webhooks, without what their targets may hide; nothing is in the state afterwards."""
    strangers = [
        stack.emulator.create_webhook(f"https://team-{number}.example.com/?token={TOKEN_IN_TARGET}", ["ALL"])
        for number in range(15)
    ]
    stack.write('SinchWebhook("senders", target="https://a.example.com", triggers=["ALL"])\n')
    shown = stack.up(fails=True).output
    assert "HTTP 424 webhook_limit_reached" in shown
    for stranger in strangers:
        assert stranger.id in shown
    assert "https://team-7.example.com/" in shown
    assert TOKEN_IN_TARGET not in shown
    assert "senders" not in stack.state()
