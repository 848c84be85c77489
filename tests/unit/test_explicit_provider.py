from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi import ResourceOptions
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi_sinch import Provider
from pulumi_sinch.core.settings import ENVIRONMENT


class Recorder(Mocks):
    """A mock engine that records the registered resources."""

    def __init__(self) -> None:
        self.registered: list[MockResourceArgs] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.registered.append(args)
        return "the-id", args.inputs

    def call(self, args: MockCallArgs) -> Any:
        raise AssertionError(args)


@pytest.fixture
def engine() -> Iterator[Recorder]:
    recorder = Recorder()
    set_mocks(recorder, project="project", stack="stack", preview=False)
    yield recorder
    pulumi.runtime.settings.reset_options()


def declared(engine: Recorder, **given: Any) -> dict[str, Any]:
    """Declare a provider and return the inputs that it registers."""
    pulumi.runtime.test(lambda: Provider("eu", **given))()  # type: ignore[no-untyped-call]
    (args,) = engine.registered
    assert args.typ == "pulumi:providers:pulumi-python"
    return args.inputs


def test_what_is_left_out_is_no_input(engine: Recorder) -> None:
    """A setting that is not given is not an input, so that the environment decides."""
    assert declared(engine) == {}


def test_inputs_have_the_names_of_the_config(engine: Recorder) -> None:
    """Each setting is an argument. Only the two that prove who sends a request are secrets."""
    inputs = declared(
        engine,
        project_id="p",
        key_id="k",
        key_secret="s3cret",
        access_token="t0ken",
        auth="basic",
        api_url="https://api.example",
        auth_url="https://auth.example",
        timeout=20,
        preflight="warn",
        opts=ResourceOptions(protect=True),
    )
    assert inputs.keys() == {f"sinch:{key}" for key in ENVIRONMENT}
    assert {key for key, value in inputs.items() if is_rpc_secret(value)} == {
        "sinch:keySecret",
        "sinch:accessToken",
    }
    assert {key: unwrap_rpc_secret(value) for key, value in inputs.items()} == {
        "sinch:projectId": "p",
        "sinch:keyId": "k",
        "sinch:keySecret": "s3cret",
        "sinch:accessToken": "t0ken",
        "sinch:auth": "basic",
        "sinch:apiUrl": "https://api.example",
        "sinch:authUrl": "https://auth.example",
        "sinch:timeout": 20,
        "sinch:preflight": "warn",
    }
