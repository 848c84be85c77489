"""The syntax that messages use for names and options. Both adapters share the messages, not the syntax.

The adapter of the provider plugin declares its route around each call that it serves. Otherwise it is the route of
Python programs.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """The words of one route.

    Attributes:
        adopt: Asks a resource to adopt the webhook that has its target.
        allow_unknown_triggers: Accepts triggers that this release does not know.
        aliases: The option that names the old name of a resource.
        delete_before_replace: The option that deletes a resource before its replacement is created.
        booleans: The values of a flag.
        trigger_list: A list of triggers, as an example.
        trigger_type: The type that holds the known triggers.
        list_function: Lists the webhooks of a project.
        import_command: The command that imports a webhook, from its project and its id. The id is empty if it is unknown.
        spell: Spells the names of properties in a message as users write them.
    """

    adopt: str
    allow_unknown_triggers: str
    aliases: str
    delete_before_replace: str
    booleans: str
    trigger_list: str
    trigger_type: str
    list_function: str
    import_command: Callable[[str, str], str]
    spell: Callable[[str], str] = str


def _import_file(project_id: str, webhook_id: str) -> str:
    chosen = f" --id {shlex.quote(webhook_id)}" if webhook_id else ""
    return f"pulumi-sinch import-file --project {project_id}{chosen}"


PYTHON = Route(
    adopt="adopt=True",
    allow_unknown_triggers="allow_unknown_triggers=True",
    aliases="opts=ResourceOptions(aliases=[…])",
    delete_before_replace="opts=ResourceOptions(delete_before_replace=True)",
    booleans="True or False",
    trigger_list='triggers=["…"]',
    trigger_type="pulumi_sinch.Trigger",
    list_function="SinchWebhooks.get",
    import_command=_import_file,
)
"""The dynamic provider: only Python programs can use it."""

_current: ContextVar[Route] = ContextVar("route", default=PYTHON)


def current() -> Route:
    """Return the route of the call that this thread serves."""
    return _current.get()


@contextmanager
def serving(route: Route) -> Iterator[None]:
    """Declare the route of a call."""
    token = _current.set(route)
    try:
        yield
    finally:
        _current.reset(token)
