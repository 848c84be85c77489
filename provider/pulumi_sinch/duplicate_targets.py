"""Detect two webhooks of one program with the same target, before the second webhook is registered.

This module runs in the user's program, because only the program knows the names of both webhooks: the
provider checks each resource separately. Sometimes this module cannot know the final target of a webhook, for
example because a transformation can change the target. The module then does not compare this webhook with
other webhooks. If another webhook has the same target, Sinch rejects the second webhook with a 409.
"""

import asyncio
import threading
import weakref
from collections.abc import Awaitable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import pulumi.runtime
from pulumi import Input, Output, Resource, ResourceOptions, RunError
from pulumi.runtime import get_config, get_root_resource, settings
from pulumi.runtime.mocks import MockMonitor

from pulumi_sinch.api.targets import normalised
from pulumi_sinch.explicit_provider import provider_of
from pulumi_sinch.redaction import redact_target


@dataclass(frozen=True)
class Declaration:
    """A webhook as the program declares it. The engine treats two equal declarations as the same resource.

    Attributes:
        kind: The webhook's class, such as ``SinchWebhook``.
        name: The webhook's name in the stack.
        parent: The component that contains the webhook, or None.
    """

    kind: str
    name: str
    parent: "weakref.ref[Resource] | None"

    @classmethod
    def of(cls, kind: str, name: str, opts: ResourceOptions) -> "Declaration":
        """Describe the resource that a constructor is about to register."""
        return cls(kind, name, None if opts.parent is None else weakref.ref(opts.parent))

    def __str__(self) -> str:
        """Return the name in quotes, with the name of the component if there is one."""
        parent = self.parent() if self.parent is not None else None
        component = getattr(parent, "pulumi_resource_name", "")
        return f"{self.name!r} of {component!r}" if component else repr(self.name)


_Key = tuple[object, str | None, str]
"""Provider, project and target of a webhook. The project is `None` if the program does not know it, because
only the provider, the state or the environment has it."""


@dataclass
class _Program:
    """The webhooks that one running program has declared. Threads may share an instance."""

    declared: dict[_Key, Declaration] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, declaration: Declaration, provider: object, project: object, target: object) -> None:
        """Remember a webhook, unless its target or project is not valid.

        Raises:
            RunError: Another webhook of the program has the same target.
        """
        if not (isinstance(target, str) and target and isinstance(project, str | None)):
            return  # `check` reports invalid inputs
        with self.lock:
            other = self.declared.setdefault((provider, project, normalised(target)), declaration)
        if other != declaration:
            raise RunError(
                f"{declaration.kind} {declaration} has the same target as {other} ({redact_target(target)}), "
                "and Sinch allows a target only once in a project. The resource was not registered. Give "
                f"one of the two resources another target, or remove one. If you renamed {other.name!r} to "
                f"{declaration.name!r}, keep only {declaration.name!r} in the program, and give it "
                "opts=ResourceOptions(aliases=[…]) with the old name."
            )


_programs: "MutableMapping[object, MutableMapping[object, _Program]]" = weakref.WeakKeyDictionary()
_lock = threading.Lock()


def compared(
    declaration: Declaration, target: Input[str], project_id: Input[str] | None, opts: ResourceOptions
) -> dict[str, Any]:
    """Compare a webhook's target with the targets of the program's other webhooks.

    Args:
        declaration: The webhook.
        target: The argument `target` of the webhook's constructor.
        project_id: The argument `project_id` of the webhook's constructor.
        opts: The options of the webhook, including the options that the constructor adds.

    Returns:
        The inputs ``target`` and ``project_id`` to register. If a value is an output, the comparison runs as
        soon as the value is known, which is before the webhook is registered.

    Raises:
        RunError: Another webhook of the program has the same target.
    """
    program = _running_program()
    if program is None or not _is_decidable(opts):
        return {"target": target, "project_id": project_id}
    provider = provider_of(opts)
    account = None if provider is None else weakref.ref(provider)
    given_target, given_project = _output_if_late(target), _output_if_late(project_id)
    project = _default_project(provider) if given_project is None else given_project
    if isinstance(given_target, Output) or isinstance(project, Output):

        async def compare(known: Any) -> Any:  # noqa: ANN401 - whatever the output holds
            late = Output.from_input(project)
            if await late.is_known():
                program.add(declaration, account, await late.future(), known)
            return known

        given_target = Output.from_input(given_target).apply(compare)
    else:
        program.add(declaration, account, project, given_target)
    return {"target": given_target, "project_id": given_project}


def _running_program() -> _Program | None:
    """Return the Pulumi program that runs now. Returns None if several programs cannot be told apart.

    The connection to the engine identifies the program, because each program has its own connection. Several
    unit tests can share one connection. In unit tests, the asyncio task of the test identifies the program.
    """
    monitor = settings.get_monitor()
    run: object = monitor
    if isinstance(monitor, MockMonitor):
        try:
            run = asyncio.current_task()
        except RuntimeError:
            run = None
    if run is None:
        return None
    with _lock:
        runs = _programs.setdefault(monitor, weakref.WeakKeyDictionary())
        return runs.setdefault(run, _Program())


def _is_decidable(opts: ResourceOptions) -> bool:
    """Return whether the webhook will certainly get the target and the project that the program gives."""
    parent = opts.parent or get_root_resource()
    if opts.transformations or opts.transforms or getattr(parent, "_transformations", None):
        return False
    if _has_transforms():
        return False
    if {"target", "project_id", "*"} & {*(opts.ignore_changes or ())}:
        return False
    return opts.id is None and opts.urn is None  # otherwise Pulumi only reads the webhook


def _has_transforms() -> bool:
    """Return whether the program registered transforms. The SDK keeps them in a private attribute."""
    servicer = getattr(getattr(pulumi.runtime, "_callbacks", None), "_CallbackServicer", None)
    return any(getattr(one, "_transforms", None) for one in getattr(servicer, "_servicers", ()))


def _default_project(provider: Resource | None) -> Any:  # noqa: ANN401 - an input of the provider
    """Return the project of a webhook without `project_id`, or `None` if the program cannot know it."""
    if provider is None:
        return str(get_config("sinch:projectId") or "").strip() or None
    return getattr(provider, "_given_project_id", None)  # only our `Provider` has this attribute


def _output_if_late(value: Any) -> Any:  # noqa: ANN401 - any input
    return Output.from_input(value) if isinstance(value, Awaitable) else value
