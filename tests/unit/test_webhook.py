import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pulumi
import pytest
from pulumi import Output, ResourceOptions
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.rpc import is_rpc_secret, unwrap_rpc_secret
from pulumi_sinch import SinchWebhook, Trigger

TARGET = "https://hooks.example.com/sinch"
TYPE = "pulumi-python:dynamic/sinch:Webhook"


class Recorder(Mocks):
    """A mock engine that records the registered resources."""

    def __init__(self) -> None:
        self.registered: list[MockResourceArgs] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.registered.append(args)
        return args.resource_id or "the-id", args.inputs

    def call(self, args: MockCallArgs) -> Any:
        raise AssertionError(args)


Run = Callable[[Callable[[], Any]], Recorder]


@pytest.fixture
def run() -> Iterator[Run]:
    """Run a program under Pulumi's mocks, and await its result."""

    def run_program(program: Callable[[], Any]) -> Recorder:
        recorder = Recorder()
        set_mocks(recorder, project="project", stack="stack", preview=False)
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
        return recorder

    yield run_program
    pulumi.runtime.settings.reset_options()


def inputs_of(recorder: Recorder) -> dict[str, Any]:
    (args,) = recorder.registered
    return {key: value for key, value in args.inputs.items() if not key.startswith("__")}


def test_what_is_registered(run: Run) -> None:
    """Only given arguments are inputs, and members of `Trigger` are strings."""
    recorder = run(lambda: SinchWebhook("w", target=TARGET, triggers=[Trigger.ALL]))
    assert recorder.registered[0].typ == TYPE
    assert inputs_of(recorder) == {"target": TARGET, "triggers": ["ALL"]}


def test_every_input(run: Run) -> None:
    """Inputs keep their names."""
    given: dict[str, Any] = {
        "target": TARGET,
        "triggers": ["ALL"],
        "secret": "s3cret",
        "secret_version": 2,
        "project_id": "p",
        "adopt": True,
        "allow_unknown_triggers": True,
    }
    inputs = inputs_of(run(lambda: SinchWebhook("w", **given)))
    assert {key: unwrap_rpc_secret(value) for key, value in inputs.items()} == given


@pytest.mark.parametrize("secret", ["s3cret", Output.from_input("s3cret"), Output.secret("s3cret")])
def test_the_secret_stays_secret(secret: Any, run: Run) -> None:
    """The secret is a secret output, whatever type it was given as."""
    seen: list[bool] = []

    async def noted(is_secret: Awaitable[bool]) -> None:
        seen.append(await is_secret)

    def program() -> Any:
        webhook = SinchWebhook("w", target=TARGET, triggers=["ALL"], secret=secret)
        return asyncio.ensure_future(noted(webhook.secret.is_secret()))

    sent = inputs_of(run(program))["secret"]
    assert is_rpc_secret(sent)
    assert unwrap_rpc_secret(sent) == "s3cret"
    assert seen == [True]


ACTIVE, ERROR = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"
MEMBERS = {Trigger.WHATSAPP_SENDER_ERROR, Trigger.WHATSAPP_SENDER_ACTIVE}


@pytest.mark.parametrize(
    "make",
    [
        lambda: [ACTIVE, ERROR],
        lambda: (ACTIVE, ERROR),
        lambda: {ACTIVE, ERROR},
        lambda: frozenset(MEMBERS),
        lambda: MEMBERS,
        lambda: (trigger for trigger in [ACTIVE, ERROR]),
        {ACTIVE: 1, ERROR: 2}.keys,
        lambda: Output.from_input([ACTIVE, ERROR]),
        lambda: Output.from_input(None).apply(lambda _: {ERROR, ACTIVE}),
        lambda: Output.from_input(None).apply(lambda _: (ACTIVE, ERROR)),
        lambda: [Output.from_input(ACTIVE), Trigger.WHATSAPP_SENDER_ERROR],
        lambda: (Output.from_input(ACTIVE), ERROR),
    ],
)
def test_any_collection_of_triggers(make: Callable[[], Any], run: Run) -> None:
    """Lists, tuples, sets, iterators, and outputs of or in them are sent as a list."""
    recorder = run(lambda: SinchWebhook("w", target=TARGET, triggers=make()))
    assert inputs_of(recorder)["triggers"] == [ACTIVE, ERROR]


@pytest.mark.parametrize("wrong", ["ALL", 7, True])
@pytest.mark.parametrize("wrap", [lambda value: value, Output.from_input])
def test_wrong_triggers_reach_the_check(wrong: Any, wrap: Callable[[Any], Any], run: Run) -> None:
    """A value that is not a collection is passed on unchanged: `check` rejects it in the preview."""
    recorder = run(lambda: SinchWebhook("w", target=TARGET, triggers=wrap(wrong)))
    assert inputs_of(recorder)["triggers"] == wrong


class Plain(SinchWebhook):
    """A user's subclass."""


class Named(SinchWebhook, module="shop", name="Hook"):
    """A user's subclass with its own type."""


@pytest.mark.parametrize(
    ("kind", "typ"), [(SinchWebhook, TYPE), (Plain, TYPE), (Named, "pulumi-python:dynamic/shop:Hook")]
)
def test_the_type_of_a_subclass(kind: type[SinchWebhook], typ: str, run: Run) -> None:
    """A subclass keeps the type, and so the state, unless it names another type."""
    assert run(lambda: kind("w", target=TARGET, triggers=["ALL"])).registered[0].typ == typ


def test_get(run: Run) -> None:
    """`get` reads a webhook by its id, in the given project."""
    seen: list[Any] = []

    def program() -> Any:
        webhook = Plain.get("w", "some-id", project_id="p")
        assert isinstance(webhook, SinchWebhook)
        return Output.all(webhook.id, webhook.webhook_id).apply(seen.extend)

    recorder = run(program)
    assert inputs_of(recorder) == {"project_id": "p"}
    assert recorder.registered[0].resource_id == "some-id"
    assert seen == ["some-id", "some-id"]


def test_import_is_refused(run: Run) -> None:
    """`import_` is rejected with a message that names the alternatives."""

    def program() -> None:
        with pytest.raises(ValueError, match=r"adopt=True.*`pulumi-sinch import-file`"):
            SinchWebhook("w", target=TARGET, triggers=["ALL"], opts=ResourceOptions(import_="some-id"))

    assert run(program).registered == []


@pytest.mark.parametrize(
    "build",
    [
        lambda opts: SinchWebhook("w", target=TARGET, triggers=["ALL"], opts=opts),
        lambda opts: SinchWebhook.get("w", "some-id", opts=opts),
    ],
)
def test_options_of_the_caller_stay_as_they_are(build: Callable[[ResourceOptions], Any], run: Run) -> None:
    """The caller's options are not changed, so that one object can serve many resources."""
    opts = ResourceOptions(protect=True, additional_secret_outputs=["triggers"])
    before = dict(vars(opts))
    run(lambda: build(opts))
    assert vars(opts) == before


def test_the_webhook_id(run: Run) -> None:
    """`webhook_id` is the id."""
    seen: list[Any] = []

    def program() -> Any:
        webhook = SinchWebhook("w", target=TARGET, triggers=["ALL"])
        return Output.all(webhook.id, webhook.webhook_id).apply(seen.extend)

    run(program)
    assert seen == ["the-id", "the-id"]


def test_keywords_only() -> None:
    """Inputs are keyword-only, so that a later version can add some."""
    with pytest.raises(TypeError):
        SinchWebhook("w", TARGET, ["ALL"])  # type: ignore[call-arg]
