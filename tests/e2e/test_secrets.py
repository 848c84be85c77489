"""The signing secret on the real engine: given, generated, rotated, and never in plain text.

The rules of docs/secrets.md, "Given or generated", and their tests. S: in tests/simulation/test_secrets.py,
because the rule does not depend on the engine.

- generated if not given, and kept by no-op runs, refresh and updates:
  test_a_secret_stays_and_is_always_encrypted
- kept when drift is repaired: test_a_secret_stays_and_is_always_encrypted
- not given, `secret_version` changed, a new one: test_a_rotation_is_masked_and_reaches_dependents
- removing `secret_version` rotates too: S test_two_rotations_keep_the_one_before_the_last
- given: test_a_rotation_is_masked_and_reaches_dependents
- given, `secret_version` changed, sent again: S test_a_version_sends_a_given_secret_again
- a given one removed, kept: S test_a_given_secret_removed_from_the_program_is_kept
- given instead of the generated one, a rotation: S test_a_generated_secret_gives_way_to_a_given_one
- given as an unknown output: test_a_secret_that_is_known_only_during_up
- adopted without one, Sinch's stays: test_an_adopted_or_imported_webhook_keeps_sinchs_secret
- adopted with one: S test_an_adopted_webhook_gets_the_secret_that_is_given
- `adopt` without a webhook to adopt, generated: S test_a_webhook_created_by_adopt_rotates_like_any_other
- imported without one, Sinch's stays: test_an_adopted_or_imported_webhook_keeps_sinchs_secret
- replaced, as a new webhook: test_a_replaced_webhook_gets_a_new_generated_or_the_given_secret
- `previous_secret` is the one before, and survives no-op runs, refresh and updates:
  S test_two_rotations_keep_the_one_before_the_last
- a rotation is shown in the preview, also for dependents: test_a_rotation_is_masked_and_reaches_dependents
- dependents see no other change: test_a_secret_stays_and_is_always_encrypted
- always encrypted: test_a_secret_stays_and_is_always_encrypted, and after a rotation
  test_a_rotation_is_masked_and_reaches_dependents
"""

import json
from typing import Any

from e2e.harness import WEBHOOK_TYPE, Stack
from pulumi.dynamic.dynamic import PROVIDER_KEY, serialize_provider
from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY
from pulumi_sinch.provider import SinchWebhookProvider

GIVEN = "given-secret-4f6c2a"
CHANGED = "changed-secret-9b1e7d"
SINCHS_OWN = "only-sinch-knows-7d02"
TARGET = "https://hooks.example.com/"


def webhook(name: str, arguments: str = "", triggers: str = "ALL") -> str:
    """Return the declaration of a webhook, and an output with its secrets."""
    return f"""
{name} = SinchWebhook("{name}", target="{TARGET}{name}", triggers=["{triggers}"], {arguments})
pulumi.export("{name}", {{"secret": {name}.secret, "previous": {name}.previous_secret}})
"""


def dependent(name: str) -> str:
    """Return the declaration of a webhook whose secret is the reversed secret of another one."""
    return f"""
SinchWebhook(
    "after_{name}",
    target="{TARGET}after_{name}",
    triggers=["ALL"],
    secret={name}.secret.apply(lambda secret: secret[::-1]),
)
"""


def given_and_generated(given: str, version: str = "", triggers: str = "ALL") -> str:
    """Return a program with a given and a generated secret, each with a dependent."""
    return (
        webhook("given", f'secret="{given}"', triggers)
        + dependent("given")
        + webhook("generated", version, triggers)
        + dependent("generated")
    )


def stored_secret(stack: Stack, name: str) -> str:
    """Return the secret that Sinch signs with."""
    return next(stored.secret for stored in stack.emulator.webhooks() if stored.target == TARGET + name)


def is_encrypted(value: Any) -> bool:
    return isinstance(value, dict) and SECRET_SIGNATURE in value.values() and "ciphertext" in value


def assert_encrypted(stack: Stack, *names: str) -> None:
    resources = stack.state()
    for name in names:
        for part in ("inputs", "outputs"):
            assert is_encrypted(resources[name][part]["secret"]), (name, part)
            assert is_encrypted(resources[name][part]["previous_secret"]), (name, part)


def test_a_secret_stays_and_is_always_encrypted(stack: Stack) -> None:
    """A given and a generated secret stay the same, and are hidden in the JSON output of preview and `up`.

    They are encrypted in the state after create, a run without changes, update, refresh and repaired drift.
    """
    stack.confidential.add(GIVEN)
    stack.write(given_and_generated(GIVEN))
    assert "[secret]" in json.dumps(stack.preview_steps()["given"])
    stack.up("--json")
    first = stack.secret_outputs()
    assert first["given"] == {"secret": GIVEN, "previous": ""}
    assert first["generated"] == {"secret": stored_secret(stack, "generated"), "previous": ""}
    assert len(first["generated"]["secret"]) == 43
    assert_encrypted(stack, "given", "generated")
    stack.up("--expect-no-changes")
    assert_encrypted(stack, "given", "generated")

    # An update of only the triggers does not change the dependents of the secret.
    stack.write(given_and_generated(GIVEN, triggers="WHATSAPP_SENDER_ACTIVE"))
    steps = stack.preview_steps()
    assert {name: step["op"] for name, step in steps.items()} == {"given": "update", "generated": "update"}
    stack.up()
    assert stack.secret_outputs() == first
    assert_encrypted(stack, "given", "generated")

    # `refresh` finds new triggers, and `up --refresh` also finds a new target. `up` repairs both.
    webhooks = stack.emulator.webhooks()
    for stored in webhooks:
        stack.emulator.change_webhook(stored.id, triggers=["BUNDLE_DONE"])
    stack.refresh()
    assert_encrypted(stack, "given", "generated")
    for stored in webhooks:
        stack.emulator.change_webhook(stored.id, target=f"{stored.target}/elsewhere")
    stack.emulator.journal.clear()
    stack.up("--refresh")
    patches = stack.emulator.journal.entries("PATCH")
    assert [set(patch.body or ()) for patch in patches] == [{"target", "triggers"}] * 4
    assert stack.emulator.webhooks() == webhooks
    assert stack.secret_outputs() == first
    assert_encrypted(stack, "given", "generated")


def test_a_rotation_is_masked_and_reaches_dependents(stack: Stack) -> None:
    """The preview of a rotation masks the secret, also for dependents, and `up` sends each secret once.

    The old secret becomes `previous_secret`.
    """
    stack.confidential |= {GIVEN, CHANGED}
    stack.write(given_and_generated(GIVEN))
    stack.up()
    first = stack.secret_outputs()["generated"]["secret"]

    stack.write(given_and_generated(CHANGED, version="secret_version=1"))
    steps = stack.preview_steps()
    names = ("given", "after_given", "generated", "after_generated")
    assert {name: step["op"] for name, step in steps.items()} == dict.fromkeys(names, "update")
    assert {*steps["generated"]["diffReasons"]} == {"secret", "previous_secret", "secret_version"}
    for name in names:
        assert "secret" in steps[name]["diffReasons"]
    assert stack.preview().stdout.count("~ secret         : [secret] => [secret]") == len(names)

    stack.emulator.journal.clear()
    stack.up()
    assert [patch.body for patch in stack.emulator.journal.entries("PATCH")] == [{"secret": "[secret]"}] * 4
    outputs = stack.secret_outputs()
    assert outputs["given"] == {"secret": CHANGED, "previous": GIVEN}
    assert outputs["generated"] == {"secret": stored_secret(stack, "generated"), "previous": first}
    assert outputs["generated"]["secret"] != first
    assert stored_secret(stack, "given") == CHANGED
    for name in ("given", "generated"):
        assert stored_secret(stack, f"after_{name}") == stored_secret(stack, name)[::-1]
    assert_encrypted(stack, "given", "generated")
    stack.assert_preview_is_empty()


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
        made = f'from made import Made\nmade = Made("{word}", {number})\n'
        stack.write(made + webhook("senders", "secret=made.made"))

    write(GIVEN, 1)
    stack.pulumi("up", "--yes", "--diff")
    assert stored_secret(stack, "senders") == GIVEN
    write(GIVEN, 2)
    assert {*stack.preview_steps()["senders"]["diffReasons"]} == {"secret", "previous_secret"}
    stack.calls()
    stack.up()
    assert stack.calls() == []
    assert stack.secret_outputs() == {"senders": {"secret": GIVEN, "previous": ""}}
    write(CHANGED, 3)
    stack.pulumi("up", "--yes", "--diff")
    assert stack.secret_outputs() == {"senders": {"secret": CHANGED, "previous": GIVEN}}
    assert stored_secret(stack, "senders") == CHANGED


def import_webhook(stack: Stack, name: str) -> None:
    """Import a webhook without a secret, as docs/import.md says."""
    (webhook,) = (stored for stored in stack.emulator.webhooks() if stored.target == TARGET + name)
    inputs = {
        PROVIDER_KEY: serialize_provider(SinchWebhookProvider()),
        "target": webhook.target,
        "triggers": [*webhook.triggers],
        "project_id": webhook.project_id,
    }
    unknown = {SIGNATURE_KEY: SECRET_SIGNATURE, "plaintext": '""'}
    resource = {
        "type": WEBHOOK_TYPE,
        "name": name,
        "id": webhook.id,
        "inputs": inputs,
        "outputs": {**inputs, "secret": unknown, "previous_secret": unknown},
    }
    file = stack.folder / "import.json"
    file.write_text(json.dumps({"resources": [resource]}))
    stack.pulumi(
        "import", "--file", str(file), "--generate-code=false", "--protect=false", "--yes", "--skip-preview"
    )


def assert_sinchs_own_stays(stack: Stack) -> None:
    for name in ("adopted", "imported"):
        assert stored_secret(stack, name) == SINCHS_OWN
        assert stack.secret_outputs()[name] == {"secret": "", "previous": ""}


def test_an_adopted_or_imported_webhook_keeps_sinchs_secret(stack: Stack) -> None:
    """An adopted and an imported webhook have an empty `secret`, until `secret_version` generates one.

    No-op runs, refresh and updates neither change the secret at Sinch nor show one. A PUT sends the new one.
    """
    for name in ("adopted", "imported"):
        stack.emulator.create_webhook(TARGET + name, ["ALL"], SINCHS_OWN)
    import_webhook(stack, "imported")
    stack.write(webhook("adopted", "adopt=True") + webhook("imported"))
    stack.up()
    assert_sinchs_own_stays(stack)

    stack.write(webhook("adopted", triggers="BUNDLE_DONE") + webhook("imported", triggers="BUNDLE_DONE"))
    steps = stack.preview_steps()
    assert {*steps["adopted"]["diffReasons"]} - {"adopt"} == {"triggers"}
    assert {*steps["imported"]["diffReasons"]} == {"triggers"}
    stack.emulator.journal.clear()
    stack.up("--refresh")
    assert [set(patch.body or ()) for patch in stack.emulator.journal.entries("PATCH")] == [{"triggers"}] * 2
    assert_sinchs_own_stays(stack)
    stack.assert_preview_is_empty("--refresh")

    arguments = ("secret_version=1", "BUNDLE_DONE")
    stack.write(webhook("adopted", *arguments) + webhook("imported", *arguments))
    steps = stack.preview_steps()
    stack.emulator.journal.clear()
    stack.up()
    puts = stack.emulator.journal.entries("PUT")
    assert [set(put.body or ()) for put in puts] == [{"target", "secret", "triggers"}] * 2
    for name in ("adopted", "imported"):
        assert {*steps[name]["diffReasons"]} == {"secret", "secret_version"}
        assert len(stored_secret(stack, name)) == 43
        assert stack.secret_outputs()[name] == {"secret": stored_secret(stack, name), "previous": ""}
    assert_encrypted(stack, "adopted", "imported")
    stack.assert_preview_is_empty()


def test_a_replaced_webhook_gets_a_new_generated_or_the_given_secret(stack: Stack) -> None:
    """A replaced webhook gets a new generated secret or keeps the given one, without a previous one."""
    options = "opts=ResourceOptions(delete_before_replace=True)"
    stack.write(webhook("given", f'secret="{GIVEN}", {options}') + webhook("generated", options))
    stack.up()
    first = stored_secret(stack, "generated")
    stack.confidential.add(first)
    state = stack.state()
    stack.up("--replace", state["given"]["urn"], "--replace", state["generated"]["urn"])
    assert stored_secret(stack, "generated") != first
    assert stored_secret(stack, "given") == GIVEN
    assert stack.secret_outputs() == {
        "given": {"secret": GIVEN, "previous": ""},
        "generated": {"secret": stored_secret(stack, "generated"), "previous": ""},
    }
    stack.assert_preview_is_empty()
