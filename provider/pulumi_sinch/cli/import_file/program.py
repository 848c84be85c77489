"""Generate a program that declares existing webhooks, in the format of ``ruff format``. Pure functions."""

from collections.abc import Sequence
from string import Template
from textwrap import indent

from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference
from pulumi_sinch.cli.import_file.names import identifier
from pulumi_sinch.core.trigger_order import KNOWN_TRIGGERS, ordered_triggers

_MODULE = Template('''\
"""Webhooks of the Sinch project $project, as `pulumi-sinch import-file` found them."""

from pulumi_sinch import $classes
$constant
$webhooks
''')

_MODULE_WITH_PROVIDER = Template('''\
"""Webhooks of the Sinch project $project, as `pulumi-sinch import-file` found them."""

import pulumi
from pulumi_sinch import $classes
$constant

def declare(
    $provider: pulumi.ProviderResource,
) -> dict[str, SinchWebhook]:
    """Declare the webhooks with the provider that their state names."""
    opts = pulumi.ResourceOptions(provider=$provider)
    return {
$webhooks
    }
''')

_WEBHOOK = Template("""\
SinchWebhook(
    "$name",
    target=$target,
${comment}    triggers=[
$triggers
    ],
$options)""")

# Optional lines of the templates.
_CONSTANT = Template("\nPROJECT_ID = $project_id\n")
_ALL_COMMENT = (
    "    # ALL covers the other triggers that Sinch has here: the first `pulumi up` takes them out.\n"
)
_PROJECT_OPTION = "    project_id=PROJECT_ID,\n"
_UNKNOWN_TRIGGERS_OPTION = "    allow_unknown_triggers=True,\n"
_PROVIDER_OPTION = "    opts=opts,\n"


def program_text(
    entries: Sequence[Entry],
    listed_project: str,
    *,
    project_id: str | None = None,
    provider: ProviderReference | None = None,
) -> str:
    """Return the source of a Python module that declares the webhooks as they are at Sinch.

    Args:
        entries: The webhooks, at least one.
        listed_project: The project of the webhooks, for the module's docstring.
        project_id: The module sets this project for each webhook. If None, the module sets no project, and
            the webhooks use the project of the stack's config.
        provider: The explicit provider of the webhooks. If given, the module has a function ``declare`` with
            the provider as its parameter.
    """
    known = any(trigger in KNOWN_TRIGGERS for entry in entries for trigger in entry.webhook.triggers)
    classes = "SinchWebhook, Trigger" if known else "SinchWebhook"
    constant = _CONSTANT.substitute(project_id=_literal(project_id)) if project_id else ""
    options = _PROJECT_OPTION if project_id is not None else ""
    if provider is None:
        webhooks = [f"{entry.name} = {_webhook(entry, options)}" for entry in entries]
        return _MODULE.substitute(
            project=listed_project, classes=classes, constant=constant, webhooks="\n\n".join(webhooks)
        )
    items = [f'"{entry.name}": {_webhook(entry, options, _PROVIDER_OPTION)},' for entry in entries]
    return _MODULE_WITH_PROVIDER.substitute(
        project=listed_project,
        classes=classes,
        constant=constant,
        provider=identifier(provider.name),
        webhooks=indent("\n".join(items), " " * 8),
    )


def _webhook(entry: Entry, project_option: str, provider_option: str = "") -> str:
    shown = declared_triggers(entry.webhook.triggers)
    all_known = KNOWN_TRIGGERS.issuperset(shown)
    return _WEBHOOK.substitute(
        name=entry.name,
        target=_literal(entry.webhook.target),
        comment=_ALL_COMMENT if len(shown) < len(set(entry.webhook.triggers)) else "",
        triggers="\n".join(f"        {_trigger(trigger)}," for trigger in shown),
        options=project_option + ("" if all_known else _UNKNOWN_TRIGGERS_OPTION) + provider_option,
    )


def declared_triggers(triggers: Sequence[str]) -> list[str]:
    """Return the triggers to declare for a webhook that has these triggers at Sinch.

    If ``ALL`` is among the triggers, the program declares only ``ALL``.
    """
    # `check` rejects ALL together with other triggers. A webhook at Sinch may have ALL and other triggers
    # (CONTRACT.md, Fields).
    return [Trigger.ALL.value] if Trigger.ALL.value in triggers else ordered_triggers(triggers, ())


def _trigger(trigger: str) -> str:
    return f"Trigger.{Trigger(trigger).name}" if trigger in KNOWN_TRIGGERS else _literal(trigger)


def _literal(text: str) -> str:
    """Return the text as a Python string literal, with the quotes that ``ruff format`` prefers."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_escaped(character, quote) for character in text) + quote


def _escaped(character: str, quote: str) -> str:
    if character in {quote, "\\"}:
        return f"\\{character}"
    return character if character.isprintable() else character.encode("unicode_escape").decode()
