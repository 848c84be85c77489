"""The signing secret on the real engine: given, generated, rotated; never in clear."""

import json
from typing import Any

import pytest
from e2e.harness import Stack

SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"

GIVEN = "given-secret-4f6c2a"
CHANGED = "changed-secret-9b1e7d"


def webhook(secret: str = "", triggers: str = '["ALL"]', extra: str = "") -> str:
    given = f'secret="{secret}",' if secret else ""
    return f"""
webhook = SinchWebhook("senders", target="https://hooks.example.com/", triggers={triggers}, {given} {extra})
pulumi.export("secret", webhook.secret)
pulumi.export("previous", webhook.previous_secret)
dependent = SinchWebhook(
    "dependent", target="https://b.example.com/", triggers=["ALL"], secret=webhook.secret.apply(lambda s: s[::-1])
)
"""


def is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and SECRET_SIGNATURE in value.values() and "ciphertext" in value


def assert_encrypted(stack: Stack) -> None:
    resource = stack.state()["senders"]
    for part in ("inputs", "outputs"):
        assert is_encrypted(resource[part]["secret"]), part
        assert is_encrypted(resource[part]["previous_secret"]), part


@pytest.mark.parametrize("given", [GIVEN, ""], ids=["given", "generated"])
def test_the_secret_is_encrypted_after_every_operation(stack: Stack, given: str) -> None:
    """In inputs and outputs: after create, update, refresh, drift repaired, rotation."""
    stack.write(webhook(given))
    stack.up()
    assert_encrypted(stack)
    stack.write(webhook(given, triggers='["WHATSAPP_SENDER_ACTIVE"]'))
    stack.up()
    assert_encrypted(stack)
    stack.emulator.change_webhook(stack.emulator.webhooks()[0].id, triggers=["ALL"])
    stack.refresh()
    assert_encrypted(stack)
    stack.up()
    assert_encrypted(stack)
    stack.write(webhook(given and CHANGED, extra="" if given else "secret_version=2"))
    stack.up()
    assert_encrypted(stack)


def test_a_changed_secret_is_shown_masked_and_sent_once(stack: Stack) -> None:
    """The preview says that it changes; one PATCH holds it; the one before becomes `previous_secret`."""
    stack.write(webhook(GIVEN))
    stack.up()
    assert stack.secret_outputs() == {"secret": GIVEN, "previous": ""}
    stack.calls()
    stack.write(webhook(CHANGED))
    assert "~ secret         : [secret] => [secret]" in stack.preview().stdout
    stack.up()
    senders = next(entry for entry in stack.emulator.journal.entries("PATCH"))
    assert senders.body == {"secret": "[secret]"}
    assert stack.secret_outputs() == {"secret": CHANGED, "previous": GIVEN}
    assert {stored.secret for stored in stack.emulator.webhooks()} == {CHANGED, CHANGED[::-1]}


def test_a_generated_secret_stays_until_its_version_changes(stack: Stack) -> None:
    """No-op runs, refresh, drift and updates keep it; a new version makes a new one and keeps the old as previous."""
    stack.write(webhook())
    stack.up()
    first = stack.secret_outputs()["secret"]
    assert len(first) == 43
    stack.up()
    stack.refresh()
    stack.write(webhook(triggers='["WHATSAPP_SENDER_ACTIVE"]'))
    stack.up()
    assert stack.secret_outputs() == {"secret": first, "previous": ""}
    stack.write(webhook(triggers='["WHATSAPP_SENDER_ACTIVE"]', extra="secret_version=1"))
    steps = stack.preview_steps()
    assert {*steps["senders"]["diffReasons"]} == {"secret", "previous_secret", "secret_version"}
    stack.up()
    outputs = stack.secret_outputs()
    assert outputs["previous"] == first
    assert outputs["secret"] != first
    assert outputs["secret"] in {stored.secret for stored in stack.emulator.webhooks()}
    stack.assert_preview_is_empty()


def test_a_version_sends_a_given_secret_again(stack: Stack) -> None:
    """Somebody changed the secret at Sinch, which no refresh can see: a new version repairs it."""
    stack.write(webhook(GIVEN))
    stack.up()
    target = next(stored for stored in stack.emulator.webhooks() if "hooks" in stored.target)
    stack.emulator.change_webhook(target.id, secret="somebody-elses-secret")
    stack.write(webhook(GIVEN, extra='secret_version="2"'))
    stack.up()
    assert stack.emulator.webhook(target.id).secret == GIVEN
    stack.write(webhook(GIVEN, extra="secret_version=2"))
    stack.assert_preview_is_empty()
    stack.calls()
    stack.write(webhook(GIVEN, triggers='["WHATSAPP_SENDER_ACTIVE"]', extra="secret_version=3"))
    stack.up()
    (put,) = stack.emulator.journal.entries("PUT")
    assert set(put.body or ()) == {"target", "secret", "triggers"}


def test_a_given_secret_removed_from_the_program_is_kept(stack: Stack) -> None:
    """Taking `secret` out of the program is no rotation."""
    stack.write(webhook(GIVEN))
    stack.up()
    stack.write(webhook())
    stack.assert_preview_is_empty()
    stack.up()
    assert stack.secret_outputs()["secret"] == GIVEN


def test_a_triggers_only_change_leaves_dependents_of_the_secret_alone(stack: Stack) -> None:
    """In its preview too: a dependent of `secret` must not look changed."""
    stack.write(webhook())
    stack.up()
    stack.write(webhook(triggers='["WHATSAPP_SENDER_ACTIVE"]'))
    assert {name: step["op"] for name, step in stack.preview_steps().items()} == {"senders": "update"}


def test_a_preview_as_json_holds_no_secret(stack: Stack) -> None:
    """Neither before nor after; the harness searches the output for it."""
    stack.write(webhook(GIVEN))
    stack.confidential.add(GIVEN)
    assert "[secret]" in json.dumps(stack.preview_steps()["senders"])
    stack.up("--json")
    stack.write(webhook(CHANGED))
    stack.confidential.add(CHANGED)
    stack.preview_steps()
