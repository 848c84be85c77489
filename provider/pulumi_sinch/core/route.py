"""The syntax of names and options in messages, for each route: dynamic provider or provider plugin.

The provider plugin sets its route for each request that it serves. The default is the route of Python
programs.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """The syntax of one route.

    Attributes:
        adopt: Asks a resource to adopt the webhook that has its target.
        allow_unknown_triggers: Accepts triggers that this release does not know.
        aliases: The option that names the old name of a resource.
        delete_before_replace: The option that deletes a resource before its replacement is created.
        booleans: The two values of a boolean.
        trigger_list: A list of triggers, as an example.
        trigger_type: The type that holds the known triggers.
        list_function: The function that lists the webhooks of a project.
        import_command: Returns the command that imports a webhook, given its project and its id. The id is
            empty if it is unknown.
        spell: Replaces the property names in a message with those of the route.
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
    """Return the route of the request that this thread serves."""
    return _current.get()


@contextmanager
def serving(route: Route) -> Iterator[None]:
    """Set the route of the requests in this context."""
    token = _current.set(route)
    try:
        yield
    finally:
        _current.reset(token)
