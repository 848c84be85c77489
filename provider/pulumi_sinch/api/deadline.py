"""The clock, and the deadline of an operation."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

_SHORTEST_TIMEOUT = 0.001
"""Minimum timeout in seconds. If the deadline passes just before a request, the remaining time is 0, but a
timeout of 0 is an error."""


@dataclass(frozen=True)
class Clock:
    """The source of time and randomness. Tests use another clock, so that no test has to wait.

    Attributes:
        monotonic: Returns the current time in seconds. This time never goes back.
        sleep: Waits for a number of seconds.
        random: Returns a random number that is at least 0 and less than 1.
    """

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random

    def deadline(self, seconds: float) -> "Deadline":
        """Return the deadline of an operation that starts now and may take `seconds`, retries included."""
        return Deadline(clock=self, seconds=seconds, ends_at=self.monotonic() + seconds)


@dataclass(frozen=True)
class Deadline:
    """The time at which one operation must end.

    Attributes:
        clock: The clock that measures the time.
        seconds: The maximum duration of the whole operation.
        ends_at: The time at which the operation must end, as a value of `clock.monotonic`.
    """

    clock: Clock
    seconds: float
    ends_at: float

    def remaining(self) -> float:
        """Return the seconds left, never less than 0."""
        return max(0.0, self.ends_at - self.clock.monotonic())

    def at_most(self, seconds: float) -> "Deadline":
        """Return the deadline of one part of this operation. The part may take at most `seconds` from now."""
        return Deadline(
            clock=self.clock,
            seconds=min(seconds, self.seconds),
            ends_at=min(self.clock.monotonic() + seconds, self.ends_at),
        )

    def attempt_timeout(self) -> float:
        """Return the timeout of one attempt in seconds.

        The timeout is at most a third of the operation's time, so that there is time for a lookup after a
        lost response.
        """
        return max(_SHORTEST_TIMEOUT, min(self.remaining(), self.seconds / 3))
