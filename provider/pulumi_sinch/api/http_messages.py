"""The HTTP requests that `Transport` sends, and the HTTP responses that it returns."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError

_REFUSED_BY_SINCH = frozenset({400, 404, 409, 424})
"""Documented statuses with which Sinch rejects a request (CONTRACT.md, Calls). Gateways send these statuses
too, so only a body with an ``errorCode`` proves that Sinch sent the response."""
_REFUSED_FROM_HEAD = frozenset({401, 407, 414, 429, 431})
"""Statuses with which a server or gateway rejects a request because of its first line or its headers. The
request is not processed, so it changes nothing."""


@dataclass(frozen=True, repr=False)
class Request:
    """An HTTP request.

    Attributes:
        action: The purpose, such as ``creating the webhook``. Every error message about the request
            starts with this text.
        method: HTTP method.
        url: Full URL.
        idempotent: Whether the request may be sent twice without harm.
        read_only: Whether the request changes nothing at Sinch. A read-only request is never ambiguous.
        params: Query parameters.
        json: JSON body.
        form: Form body.
    """

    action: str
    method: str
    url: str
    idempotent: bool = True
    read_only: bool = False
    params: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        """Return a text without the body, which may contain the signing secret."""
        return f"Request({self.method} {self.url})"


@dataclass(frozen=True, repr=False)
class Response:
    """A complete HTTP response.

    Attributes:
        status: HTTP status.
        headers: Headers with case-insensitive names.
        body: Raw bytes.
        after_ambiguous_attempt: Whether an earlier attempt of the same request was ambiguous.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    after_ambiguous_attempt: bool = False

    def __repr__(self) -> str:
        """Return a text without headers and body, which may contain a token."""
        return f"Response(HTTP {self.status})"

    @cached_property
    def data(self) -> Any:  # noqa: ANN401 - JSON is any value
        """The body parsed as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def is_unreadable(self) -> bool:
        """True if the body of a 2xx (except 204) is not JSON, such as a truncated body or a proxy's page."""
        return self._is_success and self.status != HTTPStatus.NO_CONTENT and self.data is None

    @property
    def _is_success(self) -> bool:
        return HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES

    @property
    def is_refusal(self) -> bool:
        """True if the response proves that this attempt changed nothing.

        Any other error response can come from a gateway that forwarded the request to Sinch, so Sinch has
        possibly processed the request. For example, a gateway sends a 403 or a 413 because it rejects the
        contents or the size of Sinch's response.
        """
        if self.status in _REFUSED_FROM_HEAD:
            return True
        error_code = self.data.get("errorCode") if isinstance(self.data, dict) else None
        return self.status in _REFUSED_BY_SINCH and isinstance(error_code, str) and error_code != ""

    @property
    def ambiguous(self) -> bool:
        """True if it is not certain whether a write request took effect.

        The cause is this response, such as a gateway's 502, or an earlier ambiguous attempt of the same
        request.
        """
        if self.after_ambiguous_attempt or self.is_unreadable:
            return True
        return not (self._is_success or self.is_refusal)


Outcome = Response | ConnectionFailedError | AnswerLostError
"""The result of one attempt: a response or an error."""
