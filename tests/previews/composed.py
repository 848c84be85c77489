"""Compose one preview of several recorded ones."""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from previews.records import Record

_STACK = "::pulumi:pulumi:Stack::"


def compose(records: Iterable[Record], order: random.Random) -> dict[str, Any]:
    """Return a preview with the changes of all records. The steps of each record keep their order.

    The steps of a refresh come first, as in the engine's previews.
    """
    previews = [record.preview for record in records]
    steps = [[step for step in preview["steps"] if _STACK not in step["urn"]] for preview in previews]
    stack = [step for step in previews[0]["steps"] if _STACK in step["urn"]]
    refreshed = _interleave([[step for step in part if step["op"] == "refresh"] for part in steps], order)
    planned = _interleave([[step for step in part if step["op"] != "refresh"] for part in steps], order)
    summary: Counter[str] = Counter()
    for preview in previews:
        summary.update(preview["changeSummary"])
    # Each preview counts the stack itself.
    for preview in previews[1:]:
        summary.subtract(
            step["op"] for step in preview["steps"] if _STACK in step["urn"] and step["op"] != "refresh"
        )
    return {
        "steps": [*stack, *refreshed, *planned],
        "diagnostics": [entry for preview in previews for entry in preview.get("diagnostics", [])],
        "changeSummary": {op: count for op, count in summary.items() if count > 0},
    }


def _interleave(parts: Sequence[Sequence[Any]], order: random.Random) -> list[Any]:
    waiting = [list(part) for part in parts if part]
    steps = []
    while waiting:
        part = order.choice(waiting)
        steps.append(part.pop(0))
        waiting = [part for part in waiting if part]
    return steps
