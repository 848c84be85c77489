"""Failures on demand: which request meets which one."""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

FaultKind = Literal[
    "status",
    "delay",
    "hang",
    "reset",
    "truncated_body",
    "truncated_json",
    "html",
    "empty",
    "expired_token",
    "page_loop",
]

# These spoil the answer to a request that was carried out; the others stand in its way.
_AFTER_COMMIT = frozenset({"truncated_body", "truncated_json", "empty", "page_loop"})
_WHOLE_STATUS = frozenset({"html", "status"})


class Fault(BaseModel):
    """One failure and the requests that meet it.

    Attributes:
        kind: ``status``: the given status is answered. ``delay``: only wait, see `delay`. ``hang``: no answer
            comes until the client gives up. ``reset``: the connection is reset without an answer.
            ``truncated_body``: the connection ends in the middle of the body. ``truncated_json``: a whole
            answer whose JSON is cut. ``html``: an HTML page. ``empty``: the answer's status without a body.
            ``expired_token``: 401 whose ``www-authenticate`` says expired. ``page_loop``: a list that gives
            the same ``nextPageToken`` for ever.
        method: HTTP method, any when left out.
        path: Pattern of the path, as in a shell: ``*`` stands for any text, slashes included.
        nth: The first matching request to fail, counted from 1 when the fault is added.
        times: How many requests fail, `None` for all. A ``page_loop`` has no end whatever is given.
        status: HTTP status of ``status`` (required) and ``html`` (default 502); for ``empty``, in place of
            the answer's own.
        body: Text of the body for ``status`` and ``html``; a documented body or a page when left out.
        retry_after: Value of a ``Retry-After`` header.
        delay: Seconds to wait before the failure.
        after_commit: Whether the request is carried out before the failure. The default is true for the kinds
            that spoil an answer and false for the others.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind
    method: str | None = None
    path: str = "*"
    nth: int = Field(default=1, ge=1)
    times: int | None = Field(default=1, ge=1)
    status: int | None = Field(default=None, ge=200, le=599)
    body: str | None = None
    retry_after: str | None = Field(default=None, pattern=r"^[\x20-\x7e]*$")
    delay: float = Field(default=0, ge=0, le=3600)
    after_commit: bool = False

    @model_validator(mode="before")
    @classmethod
    def _fill_after_commit(cls, values: object) -> object:
        if isinstance(values, dict) and values.get("after_commit") is None:
            return {**values, "after_commit": values.get("kind") in _AFTER_COMMIT}
        return values

    @model_validator(mode="after")
    def _check(self) -> "Fault":
        if self.kind == "status" and self.status is None:
            raise ValueError("a fault of kind status needs a status")
        if self.status is not None and self.kind not in _WHOLE_STATUS | {"empty"}:
            raise ValueError(f"a fault of kind {self.kind} takes no status")
        if not self.after_commit and self.kind in _AFTER_COMMIT:
            raise ValueError(
                f"a fault of kind {self.kind} spoils an answer: it cannot come before the commit"
            )
        if self.kind == "expired_token" and self.after_commit:
            raise ValueError("an expired token is refused before the commit")
        return self

    def matches(self, method: str, path: str) -> bool:
        """Tell whether a request is one that this fault is for."""
        return (self.method is None or self.method.upper() == method) and fnmatchcase(path, self.path)


@dataclass
class ScheduledFault:
    """A fault and what became of it.

    Attributes:
        number: Names the fault, from 1.
        fault: What happens to which requests.
        seen: Matching requests so far.
        hit: Requests that met it so far.
    """

    number: int
    fault: Fault
    seen: int = 0
    hit: int = 0

    @property
    def is_due(self) -> bool:
        """Whether the request counted last is to meet it."""
        return self.seen >= self.fault.nth and not self.is_spent

    @property
    def is_spent(self) -> bool:
        """Whether no further request will meet it."""
        times = None if self.fault.kind == "page_loop" else self.fault.times
        return times is not None and self.hit >= times


class FaultSchedule:
    """The faults to come.

    Every fault counts the requests that match it. When several are due at once, the one added first acts and
    the others wait for the next matching request, so faults for the same requests happen one after another.
    """

    def __init__(self) -> None:
        """Start without faults."""
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
        """Add a fault; the arguments are the fields of `Fault`.

        Returns:
            The fault's number.

        Raises:
            ValueError: The fields do not go together.
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
        return self.schedule(Fault.model_validate(fields))

    def schedule(self, fault: Fault) -> int:
        """Add a fault and return its number."""
        with self._lock:
            self._count += 1
            # Replaced, not changed in place: `next` looks at the list without the lock.
            self._faults = [*self._faults, ScheduledFault(self._count, fault)]
            return self._count

    def next(self, method: str, path: str) -> Fault | None:
        """Count a request and return the fault that it meets."""
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
        """Return all faults, spent ones included, in the order in which they were added."""
        return [*self._faults]

    def remove(self, number: int) -> bool:
        """Remove one fault and tell whether it was there."""
        with self._lock:
            before = self._faults
            self._faults = [entry for entry in before if entry.number != number]
            return len(self._faults) < len(before)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults = []
