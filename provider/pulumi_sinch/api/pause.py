"""The pause of an account that sends too many requests."""

import math
import threading

from pulumi_sinch.api.deadline import Clock, Deadline


class Pause:
    """Holds back all requests of one account. Threads share it."""

    def __init__(self, clock: Clock) -> None:
        """Start without a pause."""
        self._clock = clock
        self._ends_at = -math.inf
        self._lock = threading.Lock()

    def extend(self, seconds: float) -> None:
        """Pause for at least this time from now on."""
        with self._lock:
            self._ends_at = max(self._ends_at, self._clock.monotonic() + seconds)

    def wait(self, deadline: Deadline) -> bool:
        """Wait until the pause is over. Returns False, without waiting longer, if it ends after the deadline."""
        # Another thread may extend the pause meanwhile.
        while (seconds := self._ends_at - self._clock.monotonic()) > 0:
            if seconds >= deadline.remaining():
                return False
            self._clock.sleep(seconds)
        return deadline.remaining() > 0
