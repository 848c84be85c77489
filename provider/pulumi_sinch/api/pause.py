"""A pause for all requests of an account after a 429 (too many requests)."""

import math
import threading

from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.request_log import RequestLog


class Pause:
    """Delays all requests of one account after a 429. All threads share one pause."""

    def __init__(self, clock: Clock, log: RequestLog) -> None:

        self._clock = clock
        self._log = log
        self._ends_at = -math.inf
        self._reported_until = -math.inf
        self._lock = threading.Lock()

    def extend(self, seconds: float) -> None:
        """Extend the pause to at least this many seconds from now."""
        with self._lock:
            self._ends_at = max(self._ends_at, self._clock.monotonic() + seconds)

    def wait(self, deadline: Deadline, action: str, attempt: int) -> bool:
        """Wait until the pause is over.

        Args:
            deadline: The deadline of the operation.
            action: The purpose of the request that waits.
            attempt: The number of the request's next attempt.

        Returns:
            True if the request may be sent now. False if the pause does not end before the deadline, or if
            the deadline has passed.
        """
        # Another thread may extend the pause while this thread sleeps.
        while (seconds := self._ends_at - self._clock.monotonic()) > 0:
            if seconds >= deadline.remaining():
                return False
            if self._is_unreported():
                self._log.wait_begins(action, "HTTP 429", seconds, attempt)
            self._clock.sleep(seconds)
        return deadline.remaining() > 0

    def _is_unreported(self) -> bool:
        """Return whether this thread must report the pause. Only the first waiting thread reports it."""
        with self._lock:
            if self._clock.monotonic() < self._reported_until:
                return False
            self._reported_until = self._ends_at
            return True
