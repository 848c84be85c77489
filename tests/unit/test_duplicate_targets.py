"""Two webhooks with the same target in one program are found before the second one is registered."""

import re
from collections.abc import Callable
from typing import Any

import pulumi
import pytest
from pulumi import Output, ResourceOptions, RunError
from pulumi.runtime import set_mocks
from pulumi.runtime.sync_await import _sync_await
from pulumi_sinch import Provider, SinchWebhook
from unit.programs import Recorder, failure_of, run

TARGET = "https://hooks.example.com/sinch?token=t0ken-in-target"
CONFIG = {"sinch:projectId": "configured"}
UNKNOWN = object()
"""Represents an output that is not known in the preview."""


def declare(name: str, target: Any = TARGET, **given: Any) -> SinchWebhook:
    return SinchWebhook(name, target=target, triggers=["ALL"], **given)


def unknown() -> Output[Any]:
    """An output that the preview does not know."""

    async def value(of: Any) -> Any:
        return of

    return Output({*()}, value(None), value(of=False))


def two(first: dict[str, Any], second: dict[str, Any]) -> Callable[[], None]:
    """A program with two webhooks. Callables run inside the program, where Pulumi can create outputs."""

    def program() -> None:
        for name, given in (("first", first), ("second", second)):
            declare(name, **{key: value() if callable(value) else value for key, value in given.items()})

    return program


def output(value: Any) -> Callable[[], Output[Any]]:
    return lambda: Output.from_input(value)


def secret(value: Any) -> Callable[[], Output[Any]]:
    return lambda: Output.secret(value)


def awaitable(value: Any) -> Callable[[], Any]:
    async def given() -> Any:
        return value

    return given


duplicates = pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"target": TARGET.replace("https://hooks", "HTTPS://Hooks")}),
        ({}, {"target": output(TARGET)}),
        ({"target": output(TARGET)}, {}),
        ({"target": secret(TARGET)}, {"target": output(TARGET)}),
        ({"target": awaitable(TARGET)}, {"target": awaitable(TARGET)}),
        ({"project_id": "p"}, {"project_id": "p"}),
        ({"project_id": "p"}, {"project_id": output("p")}),
        ({"project_id": output("p")}, {"project_id": awaitable("p"), "target": output(TARGET)}),
        ({"project_id": "configured"}, {}),
        ({}, {"project_id": output("configured")}),
        ({}, {"adopt": True}),
        ({"adopt": True}, {"adopt": True}),
        ({}, {"opts": ResourceOptions(aliases=[pulumi.Alias(name="before")])}),
    ],
)


@duplicates
@pytest.mark.parametrize("preview", [True, False])
def test_the_second_webhook_with_a_target_fails_the_program(
    preview: bool, first: dict[str, Any], second: dict[str, Any]
) -> None:
    """The error names both webhooks, and only the redacted target."""
    text = failure_of(two(first, second), preview=preview, config=CONFIG)
    assert text.startswith("SinchWebhook '")
    assert {"'first'", "'second'"} <= {*text.split()}
    assert "https://hooks.example.com/sinch?…" in text.lower()
    assert "t0ken-in-target" not in text


def test_a_plain_duplicate_is_never_registered() -> None:
    """The constructor fails, so `up --skip-preview` does not create the second webhook either."""
    recorded: list[Recorder] = []

    def program() -> None:
        declare("first")
        with pytest.raises(RunError):
            declare("second")

    recorded.append(run(program))
    assert recorded[0].names == ["first"]


different = pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"target": "https://hooks.example.com/other"}),
        ({}, {"target": output("https://hooks.example.com/other")}),
        ({}, {"target": unknown}),
        ({"target": unknown}, {"target": unknown}),
        ({"project_id": "p"}, {"project_id": "q"}),
        ({"project_id": "p"}, {"project_id": output("q")}),
        ({"project_id": "p"}, {"project_id": unknown}),
        ({"project_id": "p"}, {}),
        ({"target": ""}, {"target": ""}),
        ({"target": None}, {"target": None}),
        ({"target": 7}, {"target": output(7)}),
        ({}, {"opts": ResourceOptions(ignore_changes=["target"])}),
        ({}, {"opts": ResourceOptions(ignore_changes=["*"])}),
        ({"opts": ResourceOptions(ignore_changes=["project_id"])}, {}),
        ({}, {"opts": ResourceOptions(id="an-id")}),
        ({}, {"opts": ResourceOptions(transformations=[lambda _: None])}),
    ],
)


@different
@pytest.mark.parametrize("preview", [True, False])
def test_what_is_no_duplicate(preview: bool, first: dict[str, Any], second: dict[str, Any]) -> None:
    """Other targets or projects, unknown or invalid values, and undecidable cases are not reported."""
    assert run(two(first, second), preview=preview, config=CONFIG).names == ["first", "second"]


def test_a_project_that_nothing_names_is_one_project() -> None:
    """A project that only the provider knows is not compared with a project that a webhook names."""
    program = two({"project_id": "p"}, {})
    assert run(program).names == ["first", "second"]


def test_two_webhooks_without_a_project_are_in_the_same_one() -> None:
    """Two webhooks without a project are in the same project, whatever the state or the environment says."""
    assert "'first'" in failure_of(two({}, {}))


@pytest.mark.parametrize("wrap", [lambda value: value, Output.from_input])
def test_the_project_of_an_explicit_provider(wrap: Callable[[str], Any]) -> None:
    """A webhook without a project has the project of its provider, never of the stack."""

    def program(second: str) -> None:
        eu = Provider("eu", project_id=wrap("in-europe"))
        declare("first", opts=ResourceOptions(provider=eu))
        declare("second", project_id=second, opts=ResourceOptions(provider=eu))

    assert "'first'" in failure_of(lambda: program("in-europe"), config=CONFIG)
    assert run(lambda: program("configured"), config=CONFIG).names == ["first", "second"]


class Callbacks(pulumi.ComponentResource):
    def __init__(self, name: str, opts: ResourceOptions | None = None, webhook: str = "") -> None:
        super().__init__("shop:index:Callbacks", name, None, opts)
        declare(webhook or f"{name}-webhook", opts=ResourceOptions(parent=self))


def test_other_providers_are_other_accounts() -> None:
    """The same target in two accounts is accepted, also in a component."""

    def program() -> None:
        eu, us, br = (Provider(name) for name in ("eu", "us", "br"))
        declare("by-default")
        declare("in-eu", opts=ResourceOptions(provider=eu))
        Callbacks("us", ResourceOptions(providers=[us]))
        declare("in-br", opts=ResourceOptions(providers=[br]))

    recorder = run(program, config=CONFIG)
    assert recorder.provider_names == {"by-default": "", "in-eu": "eu", "us-webhook": "us", "in-br": "br"}


@pytest.mark.parametrize(
    "inherited", [lambda eu: {"providers": [eu]}, lambda eu: {"provider": eu}], ids=["providers", "provider"]
)
def test_an_inherited_provider_is_the_same_account(inherited: Callable[[Provider], dict[str, Any]]) -> None:
    """A webhook of a component is compared with a webhook that names the same provider itself."""

    def program() -> None:
        eu = Provider("eu")
        declare("first", opts=ResourceOptions(provider=eu))
        Callbacks("second", ResourceOptions(**inherited(eu)))

    assert re.search("'second-webhook' .*'first'", failure_of(program))


def test_equal_names_below_two_components() -> None:
    """If both names are equal, the message distinguishes the webhooks by their components."""

    def program() -> None:
        Callbacks("blue", webhook="w")
        Callbacks("green", webhook="w")

    assert re.search("'w' of 'green' .*'w' of 'blue'", failure_of(program))


def test_the_same_resource_twice_is_left_to_the_engine() -> None:
    """Two resources with one name and one parent are left to the engine, which reports the name."""

    def program() -> None:
        declare("w")
        declare("w")

    assert run(program).names == ["w", "w"]


def test_a_lookup_has_any_target() -> None:
    """A lookup (`get`) may have any target."""

    def program() -> None:
        declare("managed")
        SinchWebhook.get("first", "an-id")
        SinchWebhook.get("second", "an-id")

    assert run(program).names == ["first", "managed", "second"]


def test_each_program_has_its_own_webhooks() -> None:
    """Each stack in a process and each unit test may declare the same webhook."""
    for name in ("one", "other", "third"):
        assert run(lambda name=name: declare(name)).names == [name]  # type: ignore[misc]


def test_tests_that_share_their_mocks_are_programs_of_their_own() -> None:
    """Tests that share one `set_mocks` call may declare the same webhook."""
    recorder = Recorder()
    set_mocks(recorder)
    try:
        for name in ("one", "other"):
            pulumi.runtime.test(lambda name=name: declare(name))()  # type: ignore[no-untyped-call]
    finally:
        pulumi.runtime.settings.reset_options()
    assert recorder.names == ["one", "other"]


def test_a_program_outside_the_event_loop_is_not_judged() -> None:
    """Outside `pulumi.runtime.test`, nothing is reported: one test cannot be distinguished from the next."""
    recorder = Recorder()
    set_mocks(recorder)
    try:
        declare("one")
        declare("other")
        _sync_await(pulumi.runtime.stack.wait_for_rpcs())
    finally:
        pulumi.runtime.settings.reset_options()
    assert recorder.names == ["one", "other"]


def test_a_secret_target_stays_a_secret() -> None:
    """A secret target stays marked after the comparison, with a plain project and with an output."""

    def program() -> None:
        declare("plain-project", target=Output.secret(TARGET), project_id="p")
        declare("late-project", target=Output.secret(TARGET), project_id=Output.from_input("q"))

    registered = run(program).registered
    assert [pulumi.runtime.rpc.is_rpc_secret(args.inputs["target"]) for args in registered] == [True, True]
