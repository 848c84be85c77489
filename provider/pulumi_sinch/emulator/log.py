"""The base class for the journal of requests and the log of deliveries."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Numbered(Protocol):
    """The type of log entries, such as journal entries and deliveries. Each entry has a number."""

    @property
    def number(self) -> int:
        """Number of the entry. The first entry has the number 1."""


EntryT = TypeVar("EntryT", bound=Numbered)


class Log(Generic[EntryT]):
    """A log that keeps only the latest entries, oldest first.

    Args:
        size: Maximum number of entries to keep.
    """

    def __init__(self, size: int = 10_000) -> None:

        self._entries: deque[EntryT] = deque(maxlen=size)
        self._lock = threading.Lock()
        self._count = 0

    def clear(self) -> None:
        """Remove all entries. The next entry gets the next number, not the number 1."""
        with self._lock:
            self._entries.clear()

    def _append(self, create: Callable[[int], EntryT]) -> EntryT:
        """Call `create` with the number of the new entry, and add the entry that `create` returns."""
        with self._lock:
            self._count += 1
            entry = create(self._count)
            self._entries.append(entry)
            return entry

    def _after(self, number: int) -> list[EntryT]:
        """Return the entries whose number is higher than `number`."""
        with self._lock:
            entries = list(self._entries)
        return [entry for entry in entries if entry.number > number]
