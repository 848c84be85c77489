"""The words for inputs and options in messages, in the syntax of the user's program.

A program uses one of two routes to this package: the dynamic provider, which is only for Python, or the
provider plugin. The provider plugin sets its route for each request that it handles. If no route is set,
messages have the syntax of the dynamic provider.
"""

import shlex
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """The words that messages use for one of the two routes: the dynamic provider or the provider plugin.

    Attributes:
        adopt: The input that makes a resource adopt the webhook that has its target.
        allow_unknown_triggers: The input that accepts triggers that this release does not know.
        aliases: The option that contains the old name of a renamed resource.
        delete_before_replace: The option that deletes a resource before its replacement is created.
        booleans: The two values of a boolean, as the program writes them.
        trigger_list: An example of a list of triggers.
        trigger_type: The type that contains the known triggers.
        list_function: The function that lists the webhooks of a project.
        import_command: A function that returns the command to import a webhook. Its arguments are the project
            and the id of the webhook. The id is empty if it is not known.
        spell: A function that replaces the property names in a message with the names of this route.
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
"""The words for the dynamic provider, which only Python programs can use."""

_current: ContextVar[Route] = ContextVar("route", default=PYTHON)


def current() -> Route:
    """Return the route of the request that this thread handles."""
    return _current.get()


@contextmanager
def serving(route: Route) -> Iterator[None]:
    """Use this route for all messages inside a ``with`` block."""
    token = _current.set(route)
    try:
        yield
    finally:
        _current.reset(token)
