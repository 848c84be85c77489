"""Clock, sleep and randomness in one bundle, and the deadline that an operation must keep."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

_SHORTEST_TIMEOUT = 0.001
"""Seconds. The clock may reach the deadline just before a request is sent, and a timeout of 0 is an error."""


@dataclass(frozen=True)
class Timing:
    """What a test replaces to run without waiting.

    Attributes:
        clock: Monotonic seconds.
        sleep: Waits for that many seconds.
        random: A number from 0 up to, not including, 1.
    """

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    random: Callable[[], float] = random.random

    def deadline(self, seconds: float) -> "Deadline":
        """Start an operation that may take `seconds`, retries included."""
        return Deadline(clock=self.clock, seconds=seconds, ends_at=self.clock() + seconds)


@dataclass(frozen=True)
class Deadline:
    """The moment at which one operation ends, whatever the network does.

    Attributes:
        clock: Monotonic seconds.
        seconds: The operation's whole time.
        ends_at: The clock's reading at which it is over.
    """

    clock: Callable[[], float]
    seconds: float
    ends_at: float

    def remaining(self) -> float:
        """Return the seconds left, never less than 0."""
        return max(0.0, self.ends_at - self.clock())

    def at_most(self, seconds: float) -> "Deadline":
        """Return a deadline for a part of the operation that may take no longer than `seconds`."""
        return Deadline(
            clock=self.clock,
            seconds=min(seconds, self.seconds),
            ends_at=min(self.clock() + seconds, self.ends_at),
        )

    def attempt_timeout(self) -> float:
        """Return the seconds that one request may wait for its answer.

        A third of the whole time at most, so that an answer that never comes leaves time to look what happened.
        """
        return max(_SHORTEST_TIMEOUT, min(self.remaining(), self.seconds / 3))
