"""A log of the latest entries, the base of the journal of requests and the log of deliveries."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """An entry of a log."""

    @property
    def number(self) -> int:
        """Number of the entry, from 1."""


EntryT = TypeVar("EntryT", bound=Numbered)


class Log(Generic[EntryT]):
    """The latest entries, oldest first.

    Args:
        size: Number of entries to keep.
    """

    def __init__(self, size: int = 10_000) -> None:

        self._entries: deque[EntryT] = deque(maxlen=size)
        self._lock = threading.Lock()
        self._count = 0

    def clear(self) -> None:
        """Remove all entries. The numbering continues."""
        with self._lock:
            self._entries.clear()

    def _append(self, create: Callable[[int], EntryT]) -> EntryT:
        """Add an entry. `create` gets its number."""
        with self._lock:
            self._count += 1
            entry = create(self._count)
            self._entries.append(entry)
            return entry

    def _after(self, number: int) -> list[EntryT]:
        """Return the entries with a higher number."""
        with self._lock:
            entries = list(self._entries)
        return [entry for entry in entries if entry.number > number]
