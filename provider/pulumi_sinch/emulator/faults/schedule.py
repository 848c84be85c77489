"""The scheduled faults, and the choice of the fault for each request."""

import threading
from dataclasses import dataclass

from pydantic import ValidationError

from pulumi_sinch.emulator.faults.definition import Fault, FaultKind
from pulumi_sinch.emulator.problems import first_problem


@dataclass
class ScheduledFault:
    """A scheduled fault, with counters for matching requests and for failed requests.

    Attributes:
        number: Number of the fault. The first fault has the number 1.
        fault: The definition of the fault.
        seen: Number of requests so far that match the fault.
        hit: Number of requests so far that failed because of the fault.
    """

    number: int
    fault: Fault
    seen: int = 0
    hit: int = 0

    @property
    def is_due(self) -> bool:
        """True if the fault applies to the request that `next` just counted."""
        return self.seen >= self.fault.nth and not self.is_spent

    @property
    def is_spent(self) -> bool:
        """True if the fault has no effect any more, because `times` requests failed."""
        times = None if self.fault.kind == "page_loop" else self.fault.times
        return times is not None and self.hit >= times


class FaultSchedule:
    """The scheduled faults.

    Each fault counts the requests that match its method and path. If several faults apply to the same
    request, only the fault that was added first takes effect. The other faults wait for the next matching
    request.
    """

    def __init__(self) -> None:

        self._faults: list[ScheduledFault] = []
        self._lock = threading.Lock()
        self._count = 0

    def add(  # noqa: PLR0913 - see Fault, whose fields these are
        self,
        kind: FaultKind,
        *,
        method: str | None = None,
        path: str = "*",
        nth: int = 1,
        times: int | None = 1,
        status: int | None = None,
        body: str | None = None,
        retry_after: str | None = None,
        delay: float = 0,
        after_commit: bool | None = None,
    ) -> int:
        """Add a fault. `Fault` describes the arguments.

        Returns:
            The number of the new fault.

        Raises:
            ValueError: An argument is invalid, or two arguments contradict each other.
        """
        fields = {
            "kind": kind,
            "method": method,
            "path": path,
            "nth": nth,
            "times": times,
            "status": status,
            "body": body,
            "retry_after": retry_after,
            "delay": delay,
            "after_commit": after_commit,
        }
        try:
            fault = Fault.model_validate(fields)
        except ValidationError as error:
            raise ValueError(first_problem(error)) from None
        return self.schedule(fault)

    def schedule(self, fault: Fault) -> int:
        """Add a fault and return its number."""
        with self._lock:
            self._count += 1
            # Replace the list instead of changing it, because `next` reads it without the lock.
            self._faults = [*self._faults, ScheduledFault(self._count, fault)]
            return self._count

    def next(self, method: str, path: str) -> Fault | None:
        """Count a request in each matching fault. Returns the fault that takes effect, or None."""
        if not self._faults:
            return None
        with self._lock:
            matching = [entry for entry in self._faults if entry.fault.matches(method, path)]
            for entry in matching:
                entry.seen += 1
            due = next((entry for entry in matching if entry.is_due), None)
            if due is None:
                return None
            due.hit += 1
            return due.fault

    def list(self) -> list[ScheduledFault]:
        """Return all faults in the order in which they were added, including used-up faults."""
        return [*self._faults]

    def remove(self, number: int) -> bool:
        """Remove the fault with this number. Returns False if no fault has this number."""
        with self._lock:
            before = self._faults
            self._faults = [entry for entry in before if entry.number != number]
            return len(self._faults) < len(before)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults = []
