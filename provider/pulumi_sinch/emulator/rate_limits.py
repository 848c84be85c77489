"""Rate limits for each project and each access key.

Sinch documents no rate limits, so the emulator has none by default.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.problems import first_problem

MIN_RATE = 0.001
"""Lowest rate, in requests per second. Lower rates could mean a `Retry-After` of hours."""
MAX_BURST = 1_000_000


class RateLimits(BaseModel):
    """Rate limits, as token buckets: each project and each access key has a bucket.

    The tokens in a bucket permit requests. They are not access tokens. A bucket starts full. Each request
    takes one token from the bucket of its project and one token from the bucket of its access key.

    Attributes:
        per_project: Number of tokens that the bucket of a project gains per second. Default: no limit.
        per_key: Number of tokens that the bucket of an access key gains per second. Requests for access
            tokens count too. Default: no limit.
        burst: Number of tokens in a full bucket.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    per_project: float | None = Field(default=None, ge=MIN_RATE, allow_inf_nan=False)
    per_key: float | None = Field(default=None, ge=MIN_RATE, allow_inf_nan=False)
    burst: int = Field(default=10, ge=1, le=MAX_BURST)


def checked_limits(*, per_project: float | None, per_key: float | None, burst: int) -> RateLimits:
    """Validate rate limits and return them.

    Raises:
        ValueError: A limit is invalid. The message is a sentence about the first invalid limit.
    """
    try:
        return RateLimits(per_project=per_project, per_key=per_key, burst=burst)
    except ValidationError as error:
        raise ValueError(first_problem(error)) from None


@dataclass
class _Bucket:
    rate: float
    burst: int
    tokens: float
    filled_at: float

    def fill(self, now: float) -> None:
        gained = self.rate * max(0.0, now - self.filled_at)
        self.tokens = min(self.burst, self.tokens + gained)
        self.filled_at = now

    @property
    def wait(self) -> float:
        """Seconds until the bucket contains a token."""
        return max(0.0, (1 - self.tokens) / self.rate)


class RateLimiter:
    """Rejects requests that exceed the rate limits.

    Args:
        now: Function that returns the current time in seconds.
        limits: The rate limits at the start and after `reset`.
    """

    def __init__(self, now: Callable[[], float], limits: RateLimits) -> None:

        self._now = now
        self._initial = limits
        self._lock = threading.Lock()
        self.set(limits)

    def set(self, limits: RateLimits) -> None:
        """Replace the rate limits. All buckets are full again."""
        with self._lock:
            self.limits = limits
            self._buckets: dict[tuple[str, str], _Bucket] = {}

    def reset(self) -> None:
        """Restore the initial rate limits. All buckets are full again."""
        self.set(self._initial)

    def admit(self, key_id: str, project_id: str | None = None) -> None:
        """Accept a request and take one token from each of its buckets, or reject the request.

        Args:
            key_id: Id of the access key that the request uses.
            project_id: The project of the request. None for a request to the token endpoint.

        Raises:
            RefusedError: At least one bucket of the request is empty (429). `retry_after` is the number of
                seconds until each of these buckets contains a token. A rejected request takes no token.
        """
        with self._lock:
            buckets = [self._bucket("key", key_id, self.limits.per_key)]
            if project_id is not None:
                buckets.append(self._bucket("project", project_id, self.limits.per_project))
            limited = [bucket for bucket in buckets if bucket is not None]
            wait = max((bucket.wait for bucket in limited), default=0.0)
            if wait > 0:
                raise errors.too_many_requests(math.ceil(wait))
            for bucket in limited:
                bucket.tokens -= 1

    def _bucket(self, kind: str, name: str, rate: float | None) -> _Bucket | None:
        if rate is None:
            return None
        now, burst = self._now(), self.limits.burst
        bucket = self._buckets.setdefault((kind, name), _Bucket(rate, burst, burst, now))
        bucket.fill(now)
        return bucket
