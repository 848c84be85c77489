"""HTTP requests and responses, as the transport sends and returns them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from typing import Any

from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError


@dataclass(frozen=True, repr=False)
class Request:
    """An HTTP request.

    Attributes:
        action: The purpose, such as ``creating the webhook``. Every error message starts with it.
        method: HTTP method.
        url: Full URL.
        idempotent: Whether the request may be sent twice without harm.
        read_only: Whether the request changes nothing at Sinch. Such a request is never ambiguous.
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
        """True if the status is 2xx but the body is not JSON, such as a truncated body or a proxy's page."""
        success = HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
        return success and self.status != HTTPStatus.NO_CONTENT and self.data is None

    @property
    def ambiguous(self) -> bool:
        """True if a request that writes may have taken effect, in this attempt or an earlier one."""
        server_error = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        timeout = self.status == HTTPStatus.REQUEST_TIMEOUT
        return server_error or timeout or self.is_unreadable or self.after_ambiguous_attempt


Outcome = Response | ConnectionFailedError | AnswerLostError
"""The result of one attempt."""
