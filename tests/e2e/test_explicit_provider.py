"""Explicit providers on the real engine: several projects, changed keys, moves, unknown inputs."""

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack

EU, US = "eu-project", "us-project"
EU_KEY, US_KEY = "key-secret-of-the-eu-project", "key-secret-of-the-us-project"
SECOND_EU_KEY = "second-key-secret-of-the-eu-project"

PROVIDERS = f"""
eu = Provider("eu", project_id="{EU}", key_id="eu-key", key_secret=pulumi.Output.secret("{EU_KEY}"))
us = Provider("us", project_id="{US}", key_id="us-key", key_secret=pulumi.Output.secret("{US_KEY}"))
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
COMPONENT = """
class Callbacks(pulumi.ComponentResource):
    def __init__(self, name, opts):
        super().__init__("shop:index:Callbacks", name, None, opts)
        SinchWebhook(f"{name}-senders", target=f"https://hooks.example.com/{name}",
            triggers=["WHATSAPP_SENDER_ACTIVE"], opts=ResourceOptions(parent=self))
"""
LISTED = COMPONENT + 'Callbacks("listed", ResourceOptions(providers=[eu]))\n'
LATE_KEY = f"""
from pulumi.dynamic import CreateResult, Resource, ResourceProvider

class Keys(ResourceProvider):
    def create(self, props):
        return CreateResult("key", {{**props, "secret": props["given"]}})

class Key(Resource):
    def __init__(self, name, given):
        super().__init__(Keys(), name, {{"given": given, "secret": None}},
            ResourceOptions(additional_secret_outputs=["secret", "given"]))

key = Key("key", pulumi.Output.secret("{US_KEY}"))
late = Provider("late", project_id="{US}", key_id="us-key", key_secret=key.secret)
SinchWebhook("late-senders", target="https://hooks.example.com/late", triggers=["WHATSAPP_SENDER_ACTIVE"],
    opts=ResourceOptions(provider=late))
"""


@pytest.fixture
def regions(stack: Stack) -> Stack:
    """A stack without a default account, whose emulator has two more projects, each with its own key."""
    stack.emulator.add_key("eu-key", EU_KEY, [EU])
    stack.emulator.add_key("us-key", US_KEY, [US])
    for key in ("SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET"):
        del stack.environment[key]
    return stack


def targets(stack: Stack, project_id: str) -> list[str]:
    return sorted(webhook.target for webhook in stack.emulator.webhooks(project_id))


def test_each_webhook_has_the_project_and_the_key_of_its_provider(regions: Stack) -> None:
    """Each webhook is created in its provider's project, also if the same run creates the provider's key.

    A rotated key changes only the provider. Refresh and destroy work without the program, except a refresh
    after the old key was revoked too early.
    """
    program = PROVIDERS + WEBHOOKS + LISTED + LATE_KEY
    regions.write(program)
    assert regions.preview_steps()["late-senders"]["op"] == "create"
    regions.up()
    assert targets(regions, EU) == ["https://hooks.example.com/listed", "https://hooks.example.com/senders"]
    assert targets(regions, US) == ["https://hooks.example.com/late", "https://hooks.example.com/senders"]

    regions.emulator.add_key("eu-key-2", SECOND_EU_KEY, [EU])
    regions.emulator.remove_key("eu-key")
    regions.write(program.replace("eu-key", "eu-key-2").replace(EU_KEY, SECOND_EU_KEY))
    refused = regions.refresh(fails=True)  # with the key that the last `up` saved
    assert "The access key is not known" in refused.output
    regions.preview("--refresh", "--run-program")
    regions.calls()
    steps = regions.preview_steps()
    assert {name: step["op"] for name, step in steps.items() if step["op"] != "same"} == {"eu": "update"}
    regions.up()
    assert regions.calls() == []

    drifted = {
        webhook.id: f"https://drifted.example.com/{webhook.id}"
        for webhook in (*regions.emulator.webhooks(EU), *regions.emulator.webhooks(US))
    }
    for webhook_id, target in drifted.items():
        regions.emulator.change_webhook(webhook_id, target=target)
    regions.write("raise Exception('the program must not run')")
    regions.refresh()
    # Each provider lists its project once.
    assert sorted(regions.calls()) == ["GET 200"] * 3 + ["token"] * 3
    saved = [resource for resource in regions.state().values() if resource["type"] == WEBHOOK_TYPE]
    assert {webhook["id"]: webhook["outputs"]["target"] for webhook in saved} == drifted
    regions.destroy()
    assert regions.emulator.webhooks(EU) == regions.emulator.webhooks(US) == []


def test_a_webhook_moves_to_an_explicit_provider_without_being_replaced(regions: Stack) -> None:
    """A webhook moves between the default and an explicit provider of one project without a request."""
    regions.environment |= {"SINCH_KEY_ID": "eu-key", "SINCH_KEY_SECRET": EU_KEY}
    by_default = WEBHOOKS.replace("(eu, us)", "(eu,)").replace("provider=region", "provider=None")
    regions.write(PROVIDERS + by_default)
    regions.up("--config", f"sinch:projectId={EU}")
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


def test_a_mapping_that_pulumi_ignores_fails_the_program(regions: Stack) -> None:
    """`{"sinch": eu}` fails with the right spelling, and no webhook is created in the default account."""
    regions.write(PROVIDERS + COMPONENT + 'Callbacks("mapped", ResourceOptions(providers={"sinch": eu}))\n')
    regions.environment |= {
        "SINCH_PROJECT_ID": US,
        "SINCH_KEY_ID": "us-key",
        "SINCH_KEY_SECRET": US_KEY,
    }
    for shown in (regions.preview(fails=True).output, regions.up(fails=True).output):
        assert "error: SinchWebhook 'mapped-senders' would use the default provider" in shown
        assert "providers=[…]" in shown
        assert "Traceback" not in shown
    assert targets(regions, US) == []


def test_the_state_holds_no_key_in_clear(regions: Stack) -> None:
    """A key secret and a token given as plain strings are encrypted in the state.

    A key secret of the environment is not in the state.
    """
    account = 'project_id="us-project", key_id="us-key", timeout=20'
    given = f'key_secret="{US_KEY}", access_token="a-ready-bearer-token"'
    regions.write(f'Provider("given", {account}, {given})\nProvider("left-out", {account})\n')
    regions.confidential |= {US_KEY, "a-ready-bearer-token"}
    regions.up(environment={"SINCH_KEY_SECRET": US_KEY})
    providers = {
        resource["urn"].rpartition("::")[2]: resource for resource in regions._deployment()["resources"]
    }
    for name, secrets in (("given", {"sinch:keySecret", "sinch:accessToken"}), ("left-out", set[str]())):
        for values in (providers[name]["inputs"], providers[name]["outputs"]):
            assert set(values) == {"sinch:projectId", "sinch:keyId", "sinch:timeout"} | secrets
            assert all("ciphertext" in values[key] for key in secrets)


def test_arguments_that_are_left_out_come_from_the_environment_and_never_from_the_stack(
    stack: Stack,
) -> None:
    """An explicit provider ignores the stack's `sinch:` config."""
    stack.emulator.add_project(US)
    stack.write(
        'us = Provider("us")\n'
        'SinchWebhook("senders", target="https://hooks.example.com/", triggers=["WHATSAPP_SENDER_ACTIVE"],'
        " opts=ResourceOptions(provider=us))"
    )
    stack.up("--config", f"sinch:projectId={US}")
    assert targets(stack, stack.emulator.project_id) == ["https://hooks.example.com/"]
