"""Tests of the program without an engine, as a template for your own. Run `pytest` in this folder.

Pulumi's mocks replace the engine, so the tests need neither credentials nor a network.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import pytest
import yaml
from callbacks import WantedWebhook, declare, wanted_webhooks
from pulumi_sinch import Trigger
from rules import Rules, broken_rules, enforce

HERE = Path(__file__).parent
ENVIRONMENTS = ["dev", "staging", "prod"]


class Recorder(pulumi.runtime.Mocks):
    """A mock engine that records declared resources."""

    def __init__(self) -> None:
        self.declared: dict[str, dict[str, Any]] = {}

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        self.declared[args.name] = args.inputs
        return f"id-of-{args.name}", args.inputs

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]]]:
        raise NotImplementedError(args.token)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    mocks = Recorder()
    pulumi.runtime.set_mocks(mocks, project="sinch-callbacks", stack="test", preview=False)
    yield mocks
    pulumi.runtime.settings.reset_options()


def config_of(environment: str) -> dict[str, Any]:
    config = yaml.safe_load((HERE / f"Pulumi.{environment}.yaml").read_text())["config"]
    return {key.partition(":")[2]: value for key, value in config.items()}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_declares_what_its_config_says(environment: str, recorder: Recorder) -> None:
    config = config_of(environment)
    outputs: dict[str, str] = {}

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> pulumi.Output[None]:
        webhooks = declare(wanted_webhooks(config["webhooks"]), protect=False)
        targets = {name: webhook.target for name, webhook in webhooks.items()}
        return pulumi.Output.all(**targets).apply(outputs.update)

    program()
    assert outputs == {name: webhook["target"] for name, webhook in config["webhooks"].items()}
    assert {name: inputs["triggers"] for name, inputs in recorder.declared.items()} == {
        name: webhook["triggers"] for name, webhook in config["webhooks"].items()
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_each_environment_keeps_its_own_rules(environment: str) -> None:
    config = config_of(environment)
    enforce(Rules.read(config["rules"]), wanted_webhooks(config["webhooks"]))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_triggers_are_spelt_right(environment: str) -> None:
    for webhook in wanted_webhooks(config_of(environment)["webhooks"]).values():
        assert set(webhook.triggers) <= {trigger.value for trigger in Trigger}


def test_no_two_environments_share_a_project_or_a_target() -> None:
    configs = [config_of(environment) for environment in ENVIRONMENTS]
    assert len({config["projectId"] for config in configs}) == len(ENVIRONMENTS)
    targets = [webhook["target"] for config in configs for webhook in config["webhooks"].values()]
    assert len(targets) == len(set(targets))


def test_production_is_protected_and_may_not_have_all() -> None:
    config = config_of("prod")
    assert config["protect"] is True
    assert Rules.read(config["rules"]).allow_all is False


RULES = Rules(hosts=("hooks.example.com",), at_most=2)
GOOD = WantedWebhook("https://hooks.example.com/sinch", ("BUNDLE_DONE",))


@pytest.mark.parametrize(
    ("wanted", "problem"),
    [
        (
            WantedWebhook("http://hooks.example.com/", ("BUNDLE_DONE",)),
            "one: the target must begin with https://",
        ),
        (
            WantedWebhook("https://hooks.example.org/", ("BUNDLE_DONE",)),
            "one: hooks.example.org is not one of this environment's hosts: hooks.example.com",
        ),
        (
            WantedWebhook("https://hooks.example.com/", ("ALL",)),
            "one: name the triggers here, instead of ALL",
        ),
    ],
)
def test_a_broken_rule_is_named(wanted: WantedWebhook, problem: str) -> None:
    assert [*broken_rules(RULES, {"one": wanted, "good": GOOD})] == [problem]


def test_a_stack_may_not_have_more_webhooks_than_its_share() -> None:
    three = dict.fromkeys(["one", "two", "three"], GOOD)
    with pytest.raises(ValueError, match="3 webhooks are more than the 2"):
        enforce(RULES, three)
