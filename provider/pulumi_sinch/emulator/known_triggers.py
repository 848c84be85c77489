"""Check the trigger of an event, and suggest similar triggers for a misspelt trigger."""

import difflib
from collections.abc import Collection

from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.emulator.store import Store

EVENTS = tuple(trigger.value for trigger in Trigger if trigger is not Trigger.ALL)


def check_event(trigger: str, store: Store) -> None:
    """Check that an event's trigger is known.

    Known triggers are the triggers that Sinch documents, the extra triggers of the emulator, and all triggers
    of stored webhooks. This function also accepts ``ALL`` and an empty string. `sample_event` rejects both.

    Raises:
        ValueError: The trigger is not known. The message suggests similar triggers.
    """
    named = {name for webhook in store.all_webhooks() for name in webhook.triggers}
    known = {*EVENTS, *store.behavior.extra_triggers, *named} - {"ALL"}
    if trigger not in {*known, "ALL", ""}:
        raise ValueError(
            f"{trigger[:80]!r} is not a known trigger.{suggestion(trigger, known)} For a newer trigger, use "
            "the option for extra triggers, or create a webhook that names it."
        )


def suggestion(name: str, known: Collection[str]) -> str:
    """Return a sentence such as ``Did you mean BUNDLE_DONE?``, with a space before it.

    Returns an empty string if no known trigger is similar.
    """
    similar = difflib.get_close_matches(name.upper(), sorted(known), n=2) or difflib.get_close_matches(
        name, sorted(known), n=2
    )
    return f" Did you mean {' or '.join(similar)}?" if similar else ""
