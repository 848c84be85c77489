"""Explicit providers on the real engine: several projects, changed keys, moves, unknown inputs."""

import json
from collections.abc import Callable

import pytest
from e2e.harness import Stack

EU, US = "eu-project", "us-project"
EU_KEY, US_KEY = "key-secret-of-the-eu-project", "key-secret-of-the-us-project"

PROVIDERS = """
config = pulumi.Config()
eu = Provider("eu", project_id="eu-project", key_id="eu-key", key_secret=config.require_secret("eu"))
us = Provider("us", project_id="us-project", key_id="us-key", key_secret=config.require_secret("us"))
"""
WEBHOOKS = """
for region in (eu, us):
    SinchWebhook(
        f"senders-{region._name}",
        target="https://hooks.example.com/senders",
        triggers=["WHATSAPP_SENDER_ACTIVE"],
        opts=ResourceOptions(provider=region),
    )
"""


@pytest.fixture
def regions(stack: Stack) -> Stack:
    """A stack whose emulator has two more projects, each with its own key."""
    stack.emulator.add_key("eu-key", EU_KEY, [EU])
    stack.emulator.add_key("us-key", US_KEY, [US])
    stack.pulumi("config", "set-all", "--secret", f"eu={EU_KEY}", "--secret", f"us={US_KEY}")
    for key in ("SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET"):
        del stack.environment[key]
    return stack


def set_default_account(stack: Stack, project_id: str, key_id: str, key_secret: str) -> None:
    """Configure the account of the default provider."""
    plain = ("--plaintext", f"sinch:projectId={project_id}", "--plaintext", f"sinch:keyId={key_id}")
    stack.pulumi("config", "set-all", *plain, "--secret", f"sinch:keySecret={key_secret}")


def targets(stack: Stack, project_id: str) -> list[str]:
    return [webhook.target for webhook in stack.emulator.webhooks(project_id)]


def test_two_sinch_projects_in_one_program(regions: Stack) -> None:
    """Each webhook is created and refreshed in its provider's project, and destroyed without the program."""
    regions.write(PROVIDERS + WEBHOOKS)
    regions.up()
    assert targets(regions, EU) == targets(regions, US) == ["https://hooks.example.com/senders"]
    regions.assert_preview_is_empty()
    regions.calls()

    for webhook in (*regions.emulator.webhooks(EU), *regions.emulator.webhooks(US)):
        regions.emulator.change_webhook(webhook.id, target="https://drifted.example.com/")
    regions.write("raise Exception('the program must not run')")
    regions.refresh()
    assert sorted(regions.calls()) == ["GET 200", "GET 200", "token", "token"]
    assert {webhook["outputs"]["target"] for webhook in regions.state().values()} == {
        "https://drifted.example.com/"
    }
    regions.destroy()
    assert regions.emulator.webhooks(EU) == regions.emulator.webhooks(US) == []


def test_a_new_key_touches_no_webhook(regions: Stack) -> None:
    """A rotated access key previews as a change of only the provider, and sends no webhook request.

    If the old key was revoked too early, refresh without the program fails and says why. With the program it
    works.
    """
    regions.write(PROVIDERS + WEBHOOKS)
    regions.up()
    regions.emulator.add_key("eu-key-2", "second-key-secret-of-the-eu-project", [EU])
    regions.emulator.remove_key("eu-key")
    regions.pulumi("config", "set", "--secret", "eu", "second-key-secret-of-the-eu-project")
    regions.write(PROVIDERS.replace("eu-key", "eu-key-2") + WEBHOOKS)
    refused = regions.refresh(fails=True)  # with the key that the last `up` saved
    assert "The access key is not known" in refused.output
    regions.preview("--refresh", "--run-program")
    regions.calls()

    steps = regions.preview_steps()
    assert {name: step["op"] for name, step in steps.items() if step["op"] != "same"} == {"eu": "update"}
    regions.up()
    assert regions.calls() == []

    regions.refresh()
    assert sorted(regions.calls()) == ["GET 200", "GET 200", "token", "token"]


def test_a_webhook_moves_to_an_explicit_provider_without_being_replaced(regions: Stack) -> None:
    """A webhook moves between the default and an explicit provider of one project without a request."""
    set_default_account(regions, EU, "eu-key", EU_KEY)
    by_default = WEBHOOKS.replace("(eu, us)", "(eu,)").replace("provider=region", "provider=None")
    regions.write(PROVIDERS + by_default)
    regions.up()
    created = regions.emulator.webhooks(EU)[0].id
    regions.calls()

    regions.write(PROVIDERS + by_default.replace("provider=None", "provider=region"))
    assert "replace" not in {step["op"] for step in regions.preview_steps().values()}
    regions.up()
    assert [webhook.id for webhook in regions.emulator.webhooks(EU)] == [created]
    assert regions.state()["senders-eu"]["provider"].rpartition("::")[0].endswith("::eu")
    assert regions.calls() == []

    regions.write(PROVIDERS + by_default)
    regions.up()
    assert regions.calls() == []
    assert [webhook.id for webhook in regions.emulator.webhooks(EU)] == [created]


COMPONENT = """
class Callbacks(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("shop:index:Callbacks", name, None, opts)
        SinchWebhook(f"{name}-senders", target=f"https://hooks.example.com/{name}",
            triggers=["WHATSAPP_SENDER_ACTIVE"], opts=ResourceOptions(parent=self))
"""


def test_a_component_hands_its_provider_on(regions: Stack) -> None:
    """`providers=[eu]` applies to the webhooks of a component."""
    regions.write(PROVIDERS + COMPONENT + 'Callbacks("listed", ResourceOptions(providers=[eu]))\n')
    regions.up()
    assert targets(regions, EU) == ["https://hooks.example.com/listed"]


def test_a_mapping_that_pulumi_ignores_fails_the_program(regions: Stack) -> None:
    """`{"sinch": eu}` fails with the right spelling, and no webhook is created in the default account."""
    regions.write(PROVIDERS + COMPONENT + 'Callbacks("mapped", ResourceOptions(providers={"sinch": eu}))\n')
    set_default_account(regions, US, "us-key", US_KEY)
    for shown in (regions.preview(fails=True).output, regions.up(fails=True).output):
        assert "error: SinchWebhook 'mapped-senders' would use the default provider" in shown
        assert "providers=[…]" in shown
        assert "Traceback" not in shown
    assert targets(regions, US) == []


LATE_KEY = """
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Keys(ResourceProvider):
    def create(self, props):
        return CreateResult("key", {**props, "secret": props["given"]})

class Key(Resource):
    def __init__(self, name, given):
        super().__init__(Keys(), name, {"given": given, "secret": None},
            ResourceOptions(additional_secret_outputs=["secret", "given"]))

key = Key("key", config.require_secret("eu"))
late = Provider("late", project_id="eu-project", key_id="eu-key", key_secret=key.secret)
SinchWebhook("senders", target="https://hooks.example.com/late", triggers=["WHATSAPP_SENDER_ACTIVE"],
    opts=ResourceOptions(provider=late))
"""


def test_a_provider_may_wait_for_a_key_that_this_very_run_makes(regions: Stack) -> None:
    """A webhook whose provider is unknown in the preview shows as a create, and `up` creates it."""
    regions.write(PROVIDERS + LATE_KEY)
    steps = regions.preview_steps()
    assert steps["senders"]["op"] == "create"
    regions.up()
    assert targets(regions, EU) == ["https://hooks.example.com/late"]
    regions.assert_preview_is_empty()
    regions.destroy()
    assert targets(regions, EU) == []


@pytest.mark.parametrize("where", ["argument", "environment"])
def test_the_state_holds_no_key_in_clear(regions: Stack, where: str) -> None:
    """A key secret and a token given as plain strings are encrypted in the state."""
    plain = f', key_secret="{US_KEY}", access_token="a-ready-bearer-token"' if where == "argument" else ""
    regions.write(f'Provider("us", project_id="us-project", key_id="us-key", timeout=20{plain})')
    regions.confidential |= {US_KEY, "a-ready-bearer-token"}
    regions.up(environment={"SINCH_KEY_SECRET": US_KEY})
    exported = regions.pulumi("stack", "export").stdout
    provider = next(
        resource
        for resource in json.loads(exported)["deployment"]["resources"]
        if resource["urn"].endswith("::us")
    )
    given = {"sinch:keySecret", "sinch:accessToken"} if where == "argument" else set()
    for values in (provider["inputs"], provider["outputs"]):
        assert {key for key in values if key in {"sinch:keySecret", "sinch:accessToken"}} == given
        assert all("ciphertext" in values[key] for key in given)
        assert set(values) - given == {"sinch:projectId", "sinch:keyId", "sinch:timeout"}


def test_arguments_that_are_left_out_come_from_the_environment_and_never_from_the_stack(
    make_stack: Callable[..., Stack],
) -> None:
    """An explicit provider ignores the stack's `sinch:` config."""
    stack = make_stack()
    stack.emulator.add_project(US)
    stack.pulumi("config", "set", "sinch:projectId", US)
    stack.write(
        'us = Provider("us")\n'
        'SinchWebhook("senders", target="https://hooks.example.com/", triggers=["WHATSAPP_SENDER_ACTIVE"],'
        " opts=ResourceOptions(provider=us))"
    )
    stack.up()
    assert targets(stack, stack.emulator.project_id) == ["https://hooks.example.com/"]
