"""`SinchWebhooks` without an engine."""

import base64
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.dynamic import Config, ConfigureRequest
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sinch import SettingsError, SinchWebhooks
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core import accounts
from pulumi_sinch.core.read import describe
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.lookup import SinchWebhooksProvider


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        assert args.resource_id == "webhooks"
        found = [{"id": "1", "target": "https://a.example/", "triggers": ["ALL"], "project_id": "p"}]
        return args.resource_id, {**args.inputs, "webhooks": found}

    def call(self, args: pulumi.runtime.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        raise NotImplementedError(args.token)


def test_it_works_under_mocks() -> None:
    """A program that lists webhooks can be tested under mocks."""
    pulumi.runtime.set_mocks(Mocks(), preview=False)
    targets: list[str] = []

    def program() -> pulumi.Output[None]:
        found = SinchWebhooks.get("found", project_id="p")
        return found.webhooks.apply(lambda webhooks: targets.extend(w["target"] for w in webhooks))

    pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    assert targets == ["https://a.example/"]


def test_it_can_only_be_read() -> None:
    """The constructor raises an error that names `get`."""
    with pytest.raises(TypeError, match=r"SinchWebhooks\.get"):
        SinchWebhooks()


def test_its_provider_is_pickled_by_reference() -> None:
    """The provider is pickled by reference, and its name never changes."""
    pickled = base64.b64decode(serialize_provider(SinchWebhooksProvider()))
    assert b"pulumi_sinch.lookup" in pickled
    assert b"SinchWebhooksProvider" in pickled
    assert len(pickled) < 80


def test_a_project_is_needed() -> None:
    """Without a project, the error names key and variable."""
    with pytest.raises(SettingsError, match=r"sinch:projectId \(SINCH_PROJECT_ID\)"):
        SinchWebhooksProvider().read("webhooks", {})


@pytest.fixture
def three_projects(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """Three projects with one webhook each. The environment names the first one."""
    projects = ["from-environment", "from-config", "given"]
    with Emulator(projects=projects) as emulator:
        for project_id in projects:
            emulator.create_webhook(f"https://{project_id}.example/", project_id=project_id)
        for key, value in emulator.environment.items():
            monkeypatch.setenv(key, value)
        yield emulator
    accounts._accounts.clear()


@pytest.mark.parametrize(
    ("given", "config", "expected"),
    [
        ({}, {}, "from-environment"),
        ({}, {"sinch:projectId": "from-config"}, "from-config"),
        ({"project_id": "given"}, {"sinch:projectId": "from-config"}, "given"),
    ],
)
def test_it_lists_the_project_that_is_meant(
    given: dict[str, str], config: dict[str, str], expected: str, three_projects: Emulator
) -> None:
    """The project is the program's, else the config's, else the environment's. The list is one request."""
    provider = SinchWebhooksProvider()
    provider.configure(ConfigureRequest(Config(config, "shop")))
    read = provider.read("webhooks", given)
    outputs = read.outs or {}
    assert (read.id, outputs["project_id"]) == ("webhooks", expected)
    assert [found["target"] for found in outputs["webhooks"]] == [f"https://{expected}.example/"]
    assert [entry.method for entry in three_projects.journal.entries()] == ["POST", "GET"]


def test_the_list_is_ordered_by_target_and_its_triggers_are_sorted() -> None:
    """The list is ordered by target with sorted triggers, because Sinch documents no order."""
    listed = [
        Webhook(id="1", target="https://b.example/", triggers=("NEW_ONE", "BUNDLE_DONE", "ALL")),
        Webhook(id="2", target="https://a.example/", triggers=("ALL",)),
    ]
    assert describe(listed, "p") == [
        {"id": "2", "target": "https://a.example/", "triggers": ["ALL"], "project_id": "p"},
        {
            "id": "1",
            "target": "https://b.example/",
            "triggers": ["ALL", "BUNDLE_DONE", "NEW_ONE"],
            "project_id": "p",
        },
    ]
