"""The definition of a fault, and the requests that it matches."""

from fnmatch import fnmatchcase
from typing import ClassVar, Literal

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

# These kinds change the response of a request that took effect. The others fail the request before it takes
# effect.
_AFTER_COMMIT = frozenset({"truncated_body", "truncated_json", "empty", "page_loop"})
_WHOLE_STATUS = frozenset({"html", "status"})


class Fault(BaseModel):
    """A failure, and the requests that it matches.

    Attributes:
        kind: ``status``: respond with the given status. ``delay``: only wait (see `delay`). ``hang``: send no
            response until the client closes the connection. ``reset``: reset the connection without a
            response. ``truncated_body``: close the connection in the middle of the body. ``truncated_json``:
            a complete response whose JSON is truncated. ``html``: an HTML page. ``empty``: the response's
            status without a body. ``expired_token``: 401 whose ``www-authenticate`` says expired.
            ``page_loop``: a list that always has the same ``nextPageToken``.
        method: HTTP method. Default: any.
        path: Pattern of the path, as in a shell: ``*`` matches any text, slashes included.
        nth: The first matching request to fail, counted from 1 when the fault is added.
        times: Number of requests that fail, `None` for all. A ``page_loop`` ignores it and never ends.
        status: HTTP status of ``status`` (required) and ``html`` (default 502). With ``empty``, the status to
            send. Default: the status of the real response.
        body: Body for ``status`` and ``html``. Default: a documented body or a page.
        retry_after: Value of a ``Retry-After`` header.
        delay: Seconds to wait before the failure.
        after_commit: Whether the request takes effect before the failure. Default: true for the kinds
            that change a response, false for the others.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

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
            # The kind is not validated yet. It may be a value that cannot be hashed.
            return {**values, "after_commit": str(values.get("kind")) in _AFTER_COMMIT}
        return values

    @model_validator(mode="after")
    def _check(self) -> "Fault":
        if self.kind == "status" and self.status is None:
            raise ValueError("a fault of kind status needs a status")
        if self.status is not None and self.kind not in _WHOLE_STATUS | {"empty"}:
            raise ValueError(f"a fault of kind {self.kind} takes no status")
        if not self.after_commit and self.kind in _AFTER_COMMIT:
            raise ValueError(
                f"a fault of kind {self.kind} damages a response, so after_commit cannot be false"
            )
        if self.kind == "expired_token" and self.after_commit:
            raise ValueError("an expired token is rejected before the commit, so after_commit cannot be true")
        return self

    def matches(self, method: str, path: str) -> bool:
        """Return whether a request matches."""
        return (self.method is None or self.method.upper() == method) and fnmatchcase(path, self.path)
