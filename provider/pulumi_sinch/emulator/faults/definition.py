"""The definition of a fault: the kind of failure, and the requests that fail."""

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

# These kinds change the response of a request that took effect. By default, a fault of any other kind fails
# the request before it takes effect.
_AFTER_COMMIT = frozenset({"truncated_body", "truncated_json", "empty", "page_loop"})
_WHOLE_STATUS = frozenset({"html", "status"})


class Fault(BaseModel):
    """A failure, and a description of the requests that fail.

    Attributes:
        kind: The kind of failure. ``status``: respond with the HTTP status of the attribute `status`.
            ``delay``: wait, then respond normally. ``hang``: send no response until the client closes the
            connection. ``reset``: reset the connection without a response. ``truncated_body``: close the
            connection in the middle of the body. ``truncated_json``: send a complete response whose JSON is
            cut in half. ``html``: respond with an HTML page. ``empty``: respond without a body.
            ``expired_token``: respond with 401 and a ``www-authenticate`` header that says that the token
            expired. ``page_loop``: set the ``nextPageToken`` of every list response to the token of the first
            page, so that the list never ends.
        method: HTTP method of the requests that the fault matches. Default: any method.
        path: Shell pattern for the path of the requests that the fault matches. ``*`` also matches slashes.
        nth: Position of the first request that fails, counted among the matching requests. 1 is the first
            matching request after the fault was added.
        times: Number of matching requests that fail, counted from the request at position `nth`. `None` means
            every matching request from that position on. ``page_loop`` ignores `times` and works as with
            `None`.
        status: HTTP status of the response, for the kinds ``status``, ``html`` and ``empty``. Required
            if `kind` is ``status``. The default for ``html`` is 502. The default for ``empty`` is the
            status of the real response.
        body: Body of the response, for the kinds ``status`` and ``html``. The default for ``status`` is the
            error body that Sinch documents for the HTTP status. The default for ``html`` is a short page.
        retry_after: Value of the ``Retry-After`` header. Default: no header.
        delay: Seconds to wait before the failure. For the kind ``delay``, this wait is the whole failure.
        after_commit: Whether the request takes effect before the failure. Default: true for
            ``truncated_body``, ``truncated_json``, ``empty`` and ``page_loop``, false for other kinds.
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
            # `str`, because the kind is not validated yet and can be a value that cannot be hashed.
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
        """Return whether this fault matches a request with this method and path."""
        return (self.method is None or self.method.upper() == method) and fnmatchcase(path, self.path)
