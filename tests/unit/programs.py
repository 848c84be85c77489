"""Runs small Pulumi programs under mocks, and records the resources that they register."""

import gc
from collections.abc import Callable, Mapping
from typing import Any

import pulumi
from pulumi import RunError
from pulumi.runtime import MockCallArgs, MockResourceArgs, Mocks, set_mocks


class Recorder(Mocks):
    """A mock engine that records the registered resources."""

    def __init__(self) -> None:
        self.registered: list[MockResourceArgs] = []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        self.registered.append(args)
        return args.resource_id or f"id-of-{args.name}", args.inputs

    def call(self, args: MockCallArgs) -> Any:
        raise AssertionError(args)

    @property
    def names(self) -> list[str]:
        """The names of the registered resources, without providers and components."""
        return sorted(args.name for args in self.registered if args.typ.startswith("pulumi-python:"))

    @property
    def provider_names(self) -> dict[str, str]:
        """The name of the provider of each resource. Empty for the default provider."""
        return {
            args.name: (args.provider or "").partition("::id-of-")[0].rpartition("::")[2]
            for args in self.registered
            if args.typ.startswith("pulumi-python:")
        }


def run(
    program: Callable[[], Any], *, preview: bool = False, config: Mapping[str, str] | None = None
) -> Recorder:
    """Run a program as one stack under its own mocks, and wait for everything that it started."""
    recorder = Recorder()
    set_mocks(recorder, project="project", stack="stack", preview=preview)
    pulumi.runtime.set_all_config(dict(config or {}))
    try:
        pulumi.runtime.test(program)()  # type: ignore[no-untyped-call]
    finally:
        pulumi.runtime.set_all_config({})
        pulumi.runtime.settings.reset_options()
    return recorder


def failure_of(program: Callable[[], Any], **options: Any) -> str:
    """Run a program that has to fail, and return the message of its `RunError`.

    The outputs that failed with it are freed at once. Each logs an error when it is freed, which makes some
    Python versions fail if it happens while another test parses Python.
    """
    try:
        run(program, **options)
    except RunError as error:
        message = str(error)
    else:
        raise AssertionError("the program did not fail")
    gc.collect()
    return message
