"""Which webhooks the resources of this run hold, so that deleting another resource never takes one away.

Two resources of one state can share a webhook: one that was renamed, and the new one that took its webhook over with
``adopt=True``. The engine then deletes the old one, in this run or, should this run fail before, in the next. Kept apart
from `registry`, because `diff` needs it and must not load what speaks HTTP.
"""

import threading

_held: set[str] = set()
_adopted: set[str] = set()
_lock = threading.Lock()


def hold(webhook_id: str) -> None:
    """Remember that a resource goes on with this webhook after this run."""
    with _lock:
        _held.add(webhook_id)


def adopt(webhook_id: str) -> None:
    """Remember that a resource took this webhook over in this run."""
    with _lock:
        _held.add(webhook_id)
        _adopted.add(webhook_id)


def is_adopted(webhook_id: str) -> bool:
    """Whether a resource took this webhook over in this run."""
    with _lock:
        return webhook_id in _adopted


def is_held(webhook_id: str) -> bool:
    """Whether a resource goes on with this webhook after this run."""
    with _lock:
        return webhook_id in _held


def start_run() -> None:
    """Forget everything; a plugin process serves one run, tests many."""
    with _lock:
        _held.clear()
        _adopted.clear()
