"""The signing secret on the real engine: given, generated, rotated, and never in plain text.

The rules of docs/secrets.md, "Given or generated", and their tests. S: in tests/simulation/test_secrets.py,
because the rule does not depend on the engine.

- generated if not given, and kept by no-op runs, refresh and updates:
  test_a_generated_secret_stays_until_its_version_changes
- kept when drift is repaired: test_drift_is_repaired_with_the_secret_as_it_was
- not given, `secret_version` changed, a new one: test_a_generated_secret_stays_until_its_version_changes
- removing `secret_version` rotates too: S test_two_rotations_keep_the_one_before_the_last
- given: test_a_changed_secret_is_shown_masked_and_sent_once
- given, `secret_version` changed, sent again: S test_a_version_sends_a_given_secret_again
- a given one removed, kept: S test_a_given_secret_removed_from_the_program_is_kept
- given instead of the generated one, a rotation: S test_a_generated_secret_gives_way_to_a_given_one
- given as an unknown output: test_a_secret_that_is_known_only_during_up
- adopted without one, Sinch's stays: test_an_adopted_webhook_keeps_sinchs_secret_until_one_is_asked_for
- adopted with one: S test_an_adopted_webhook_gets_the_secret_that_is_given
- `adopt` without a webhook to adopt, generated: S test_a_webhook_created_by_adopt_rotates_like_any_other
- imported without one, Sinch's stays: test_an_imported_webhook_keeps_sinchs_secret_until_one_is_asked_for
- replaced, as a new webhook: test_a_replaced_webhook_gets_a_new_generated_secret,
  test_a_replaced_webhook_keeps_a_given_secret
- `previous_secret` is the one before, and survives no-op runs, refresh and updates:
  S test_two_rotations_keep_the_one_before_the_last
- a rotation is shown in the preview, also for dependents: test_dependents_see_a_rotation_in_its_preview
- dependents see no other change: test_a_triggers_only_change_leaves_dependents_of_the_secret_alone
- always encrypted: test_the_secret_is_encrypted_after_every_operation
"""

import json
from typing import Any

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY
from pulumi_sinch.provider import SinchWebhookProvider

GIVEN = "given-secret-4f6c2a"
CHANGED = "changed-secret-9b1e7d"
SINCHS_OWN = "only-sinch-knows-7d02"
TARGET = "https://hooks.example.com/"


def webhook(secret: str = "", triggers: str = '["ALL"]', extra: str = "") -> str:
    given = f'secret="{secret}",' if secret else ""
    return f"""
webhook = SinchWebhook("senders", target="{TARGET}", triggers={triggers}, {given} {extra})
pulumi.export("secret", webhook.secret)
pulumi.export("previous", webhook.previous_secret)
reversed_secret = webhook.secret.apply(lambda s: s[::-1])
dependent = SinchWebhook(
    "dependent", target="https://b.example.com/", triggers=["ALL"], secret=reversed_secret
)
"""


def alone(extra: str = "", triggers: str = '["ALL"]') -> str:
    """A webhook on which no other resource depends, so that its secret may be empty."""
    return f"""
webhook = SinchWebhook("senders", target="{TARGET}", triggers={triggers}, {extra})
pulumi.export("secret", webhook.secret)
pulumi.export("previous", webhook.previous_secret)
"""


def stored_secret(stack: Stack) -> str:
    """Return the secret that Sinch signs with."""
    return next(stored.secret for stored in stack.emulator.webhooks() if stored.target == TARGET)


def is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and SECRET_SIGNATURE in value.values() and "ciphertext" in value


def assert_encrypted(stack: Stack) -> None:
    resource = stack.state()["senders"]
    for part in ("inputs", "outputs"):
        assert is_encrypted(resource[part]["secret"]), part
        assert is_encrypted(resource[part]["previous_secret"]), part


@pytest.mark.parametrize("given", [GIVEN, ""], ids=["given", "generated"])
def test_the_secret_is_encrypted_after_every_operation(stack: Stack, given: str) -> None:
    """The secret is encrypted after create, update, refresh, a repaired drift and a rotation."""
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
    """A changed secret is masked in the preview, sent with one PATCH, and kept as `previous_secret`."""
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
    """A generated secret stays until its version changes, and then becomes the previous one."""
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


def test_a_triggers_only_change_leaves_dependents_of_the_secret_alone(stack: Stack) -> None:
    """A change of only the triggers does not affect dependents of the secret, nor its preview."""
    stack.write(webhook())
    stack.up()
    stack.write(webhook(triggers='["WHATSAPP_SENDER_ACTIVE"]'))
    assert {name: step["op"] for name, step in stack.preview_steps().items()} == {"senders": "update"}


def test_a_preview_as_json_holds_no_secret(stack: Stack) -> None:
    """A preview as JSON contains no secret."""
    stack.write(webhook(GIVEN))
    stack.confidential.add(GIVEN)
    assert "[secret]" in json.dumps(stack.preview_steps()["senders"])
    stack.up("--json")
    stack.write(webhook(CHANGED))
    stack.confidential.add(CHANGED)
    stack.preview_steps()


def test_drift_is_repaired_with_the_secret_as_it_was(stack: Stack) -> None:
    """`up --refresh` repairs target and triggers, and sends no secret."""
    stack.write(alone())
    stack.up()
    outputs = stack.secret_outputs()
    (webhook,) = stack.emulator.webhooks()
    stack.emulator.change_webhook(
        webhook.id, target="https://elsewhere.example.com/", triggers=["BUNDLE_DONE"]
    )
    stack.emulator.journal.clear()
    stack.up("--refresh")
    (patch,) = stack.emulator.journal.entries("PATCH")
    assert set(patch.body or ()) == {"target", "triggers"}
    assert stack.emulator.webhooks() == [webhook]
    assert stack.secret_outputs() == outputs == {"secret": webhook.secret, "previous": ""}


MADE = """
from pulumi import Output, ResourceOptions
from pulumi.dynamic import CreateResult, Resource, ResourceProvider, UpdateResult

class Provider(ResourceProvider):
    serialize_as_secret_always = False
    def create(self, props):
        return CreateResult("made", {**props, "made": props["word"]})
    def update(self, _id, _olds, news):
        return UpdateResult({**news, "made": news["word"]})

class Made(Resource):
    def __init__(self, word, number):
        props = {"word": Output.secret(word), "number": number, "made": None}
        super().__init__(Provider(), "made", props, ResourceOptions(additional_secret_outputs=["made"]))
"""


def test_a_secret_that_is_known_only_during_up(stack: Stack) -> None:
    """A secret that is unknown in the preview is sent by `up` only if it differs."""
    (stack.program_folder / "made.py").write_text(MADE)
    stack.confidential |= {GIVEN, CHANGED}

    def write(word: str, number: int) -> None:
        stack.write(f'from made import Made\nmade = Made("{word}", {number})\n' + alone("secret=made.made"))

    write(GIVEN, 1)
    stack.preview()
    stack.up()
    assert stored_secret(stack) == GIVEN
    write(GIVEN, 2)
    assert {*stack.preview_steps()["senders"]["diffReasons"]} == {"secret", "previous_secret"}
    stack.calls()
    stack.up()
    assert stack.calls() == []
    assert stack.secret_outputs() == {"secret": GIVEN, "previous": ""}
    write(CHANGED, 3)
    stack.preview()
    stack.up()
    assert stack.secret_outputs() == {"secret": CHANGED, "previous": GIVEN}
    assert stored_secret(stack) == CHANGED


def ask_for_a_secret(stack: Stack, triggers: str = '["ALL"]') -> None:
    """Generate a secret for a webhook whose secret only Sinch knows, and check the requests."""
    stack.write(alone("secret_version=1", triggers))
    assert "secret" in stack.preview_steps()["senders"]["diffReasons"]
    stack.emulator.journal.clear()
    stack.up()
    (put,) = stack.emulator.journal.entries("PUT")
    assert set(put.body or ()) == {"target", "secret", "triggers"}
    assert len(stored_secret(stack)) == 43
    assert stack.secret_outputs() == {"secret": stored_secret(stack), "previous": ""}
    stack.assert_preview_is_empty()
    assert_encrypted(stack)


def assert_sinchs_own_stays(stack: Stack) -> None:
    """No-op runs, refresh and updates neither change the secret at Sinch nor show one."""
    stack.write(alone(triggers='["BUNDLE_DONE"]'))
    assert {*stack.preview_steps()["senders"]["diffReasons"]} - {"adopt"} == {"triggers"}
    stack.emulator.journal.clear()
    stack.up()
    (patch,) = stack.emulator.journal.entries("PATCH")
    assert set(patch.body or ()) == {"triggers"}
    stack.refresh()
    stack.assert_preview_is_empty()
    assert stored_secret(stack) == SINCHS_OWN
    assert stack.secret_outputs() == {"secret": "", "previous": ""}


def test_an_adopted_webhook_keeps_sinchs_secret_until_one_is_asked_for(stack: Stack) -> None:
    """An adopted webhook has an empty `secret`, until `secret_version` generates one with a PUT."""
    stack.emulator.create_webhook(TARGET, ["ALL"], SINCHS_OWN)
    stack.write(alone("adopt=True"))
    stack.up()
    assert stack.secret_outputs() == {"secret": "", "previous": ""}
    stack.write(alone())
    assert_sinchs_own_stays(stack)
    ask_for_a_secret(stack, '["BUNDLE_DONE"]')


def import_webhook(stack: Stack) -> None:
    """Import the webhook without a secret, as docs/import.md says."""
    (webhook,) = stack.emulator.webhooks()
    inputs = {
        PROVIDER_KEY: serialize_provider(SinchWebhookProvider()),
        "target": webhook.target,
        "triggers": [*webhook.triggers],
        "project_id": webhook.project_id,
    }
    unknown = {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": '""'}
    resource = {
        "type": WEBHOOK_TYPE,
        "name": "senders",
        "id": webhook.id,
        "inputs": inputs,
        "outputs": {**inputs, "secret": unknown, "previous_secret": unknown},
    }
    file = stack.folder / "import.json"
    file.write_text(json.dumps({"resources": [resource]}))
    stack.pulumi(
        "import", "--file", str(file), "--generate-code=false", "--protect=false", "--yes", "--skip-preview"
    )


def test_an_imported_webhook_keeps_sinchs_secret_until_one_is_asked_for(stack: Stack) -> None:
    """An imported webhook has an empty `secret`, until `secret_version` generates one with a PUT."""
    stack.emulator.create_webhook(TARGET, ["ALL"], SINCHS_OWN)
    import_webhook(stack)
    stack.write(alone())
    stack.up()
    stack.refresh()
    assert stored_secret(stack) == SINCHS_OWN
    assert stack.secret_outputs() == {"secret": "", "previous": ""}
    ask_for_a_secret(stack)


def test_a_replaced_webhook_gets_a_new_generated_secret(stack: Stack) -> None:
    """A replaced webhook gets a new generated secret, without a previous one."""
    stack.write(alone("opts=ResourceOptions(delete_before_replace=True)"))
    stack.up()
    first = stored_secret(stack)
    stack.confidential.add(first)
    stack.up("--replace", stack.state()["senders"]["urn"])
    assert stored_secret(stack) != first
    assert stack.secret_outputs() == {"secret": stored_secret(stack), "previous": ""}
    stack.assert_preview_is_empty()


def test_a_replaced_webhook_keeps_a_given_secret(stack: Stack) -> None:
    """A replaced webhook keeps the secret that the program gives."""
    stack.write(alone(f'secret="{GIVEN}", opts=ResourceOptions(delete_before_replace=True)'))
    stack.up()
    stack.up("--replace", stack.state()["senders"]["urn"])
    assert stack.secret_outputs() == {"secret": GIVEN, "previous": ""}
    assert stored_secret(stack) == GIVEN


@pytest.mark.parametrize("given", [GIVEN, ""], ids=["given", "generated"])
def test_dependents_see_a_rotation_in_its_preview(stack: Stack, given: str) -> None:
    """A rotation is shown as a masked change of dependents, which get the secret in the same `up`."""
    stack.confidential |= {GIVEN, CHANGED}
    stack.write(webhook(given))
    stack.up()
    stack.write(webhook(given and CHANGED, extra="" if given else "secret_version=2"))
    steps = stack.preview_steps()
    assert {name: step["op"] for name, step in steps.items()} == {"senders": "update", "dependent": "update"}
    assert "secret" in steps["dependent"]["diffReasons"]
    stack.up()
    (dependent,) = (stored for stored in stack.emulator.webhooks() if stored.target != TARGET)
    assert dependent.secret == stored_secret(stack)[::-1]
    stack.assert_preview_is_empty()
