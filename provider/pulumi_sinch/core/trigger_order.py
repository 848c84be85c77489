"""The order of a webhook's triggers. They are a set, so another order is not a change."""

from collections.abc import Iterable, Sequence
from typing import Any

from pulumi import contains_unknowns

from pulumi_sinch.api.triggers import Trigger

KNOWN_TRIGGERS = frozenset(trigger.value for trigger in Trigger)


def known_part(triggers: Iterable[Any]) -> list[str]:
    """Return the triggers whose values are known."""
    return [str(trigger) for trigger in triggers if not contains_unknowns(trigger)]


def ordered_triggers(wanted: Sequence[Any], stored: Iterable[str]) -> list[Any]:
    """Order triggers so that another order of the same set does not show as a change.

    Returns:
        Each trigger once. First the stored triggers in their stored order, then new triggers sorted by name,
        then new triggers that this release does not know, then unknown values.
    """
    known = set(known_part(wanted))
    kept = [trigger for trigger in dict.fromkeys(stored) if trigger in known]
    added = sorted(known.difference(kept), key=lambda trigger: (trigger not in KNOWN_TRIGGERS, trigger))
    return [*kept, *added, *(trigger for trigger in wanted if contains_unknowns(trigger))]
