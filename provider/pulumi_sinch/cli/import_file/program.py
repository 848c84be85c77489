"""The program that declares webhooks just as they are, formatted as ``ruff format`` does. Pure functions."""

from collections.abc import Sequence

from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference
from pulumi_sinch.cli.import_file.names import identifier
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, ordered_triggers


def program_text(
    entries: Sequence[Entry],
    listed_project: str,
    *,
    project_id: str | None = None,
    provider: ProviderReference | None = None,
) -> str:
    """Return a module that declares the webhooks just as they are, formatted as ``ruff format`` does.

    Args:
        entries: At least one.
        listed_project: Where they were found; for the reader.
        project_id: Written into every webhook; left to the stack's config where it is `None`.
        provider: Given one, the module holds a function ``declare`` that takes the provider.
    """
    known = any(trigger in KNOWN_TRIGGERS for entry in entries for trigger in entry.webhook.triggers)
    imports = [
        *(["import pulumi"] if provider else []),
        f"from pulumi_sinch import SinchWebhook{', Trigger' if known else ''}",
    ]
    constant = ["", f"PROJECT_ID = {_literal(project_id)}"] if project_id else []
    head = [
        f'"""Webhooks of the Sinch project {listed_project}, as `pulumi-sinch import-file` found them."""',
        "",
        *imports,
        *constant,
    ]
    named = project_id is not None
    if provider is None:
        calls = [_call(entry, named=named) for entry in entries]
        body = [line for call in calls for line in ("", f"{call[0]} = {call[1]}", *call[2:])]
    else:
        body = _function(entries, identifier(provider.name), named=named)
    return "\n".join([*head, *body]) + "\n"


def _function(entries: Sequence[Entry], parameter: str, *, named: bool) -> list[str]:
    calls = [_call(entry, named=named, options=True) for entry in entries]
    items = [
        line
        for call in calls
        for line in (
            f'        "{call[0]}": {call[1]}',
            *(f"        {line}" for line in call[2:-1]),
            f"        {call[-1]},",
        )
    ]
    return [
        "",
        "",
        "def declare(",
        f"    {parameter}: pulumi.ProviderResource,",
        ") -> dict[str, SinchWebhook]:",
        '    """Declare the webhooks with the provider that their state names."""',
        f"    opts = pulumi.ResourceOptions(provider={parameter})",
        "    return {",
        *items,
        "    }",
    ]


def _call(entry: Entry, *, named: bool, options: bool = False) -> list[str]:
    """Return the name of a webhook, then the lines of its constructor's call."""
    shown, notes = declared_triggers(entry.webhook.triggers), []
    if len(shown) < len(set(entry.webhook.triggers)):
        notes = [
            "    # ALL covers the other triggers that Sinch has here: the first `pulumi up` takes them out."
        ]
    extra = [
        *(["    project_id=PROJECT_ID,"] if named else []),
        *(["    allow_unknown_triggers=True,"] if not KNOWN_TRIGGERS.issuperset(shown) else []),
        *(["    opts=opts,"] if options else []),
    ]
    return [
        entry.name,
        "SinchWebhook(",
        f'    "{entry.name}",',
        f"    target={_literal(entry.webhook.target)},",
        *notes,
        "    triggers=[",
        *(f"        {_trigger(trigger)}," for trigger in shown),
        "    ],",
        *extra,
        ")",
    ]


def declared_triggers(triggers: Sequence[str]) -> list[str]:
    """Return the triggers that a program declares for those that Sinch has."""
    # `check` refuses ALL together with others, which Sinch may hold nevertheless (CONTRACT.md, Fields).
    return [Trigger.ALL.value] if Trigger.ALL.value in triggers else ordered_triggers(triggers, ())


def _trigger(trigger: str) -> str:
    return f"Trigger.{Trigger(trigger).name}" if trigger in KNOWN_TRIGGERS else _literal(trigger)


def _literal(text: str) -> str:
    """Return a string literal with the quotes that ``ruff format`` prefers."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode()
