"""The order of a webhook's triggers. Only the set of triggers matters, so another order is not a change."""

from collections.abc import Iterable, Sequence
from typing import Any

from pulumi import contains_unknowns

from pulumi_sinch.api.triggers import Trigger

KNOWN_TRIGGERS = frozenset(trigger.value for trigger in Trigger)


def known_part(triggers: Iterable[Any]) -> list[str]:
    """Return the triggers whose values are known."""
    return [str(trigger) for trigger in triggers if not contains_unknowns(trigger)]


def ordered_triggers(wanted: Sequence[Any], stored: Iterable[str]) -> list[Any]:
    """Order triggers so that the engine shows no change if only the order of the triggers is different.

    Returns:
        Each trigger once: first the triggers in the state, in the order of the state, and then the new
        triggers, sorted by name. New triggers that this release does not know follow after the other new
        triggers. Values that are unknown in a preview come last.
    """
    known = set(known_part(wanted))
    kept = [trigger for trigger in dict.fromkeys(stored) if trigger in known]
    added = sorted(known.difference(kept), key=lambda trigger: (trigger not in KNOWN_TRIGGERS, trigger))
    return [*kept, *added, *(trigger for trigger in wanted if contains_unknowns(trigger))]
