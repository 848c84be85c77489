"""Authentication with OAuth2 client credentials, HTTP basic, or a bearer token (CONTRACT.md, Authentication).

The classes of this module provide the ``Authorization`` header of a request.
"""

import base64
import re
import threading
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol

from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    DeadlineExceededError,
    SinchError,
    UnexpectedResponseError,
    error_class,
)
from pulumi_sinch.api.http_messages import Request, Response
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.redaction import sanitize_message

_DEFAULT_LIFETIME = 300.0
"""Assumed lifetime in seconds of a token whose response has no valid ``expires_in``. Sinch's tokens are valid
for about 3600 seconds."""
_LONGEST_LIFETIME = 86_400.0
_RENEWAL_MARGIN = 60.0
"""A token is renewed this many seconds before it expires. The margin is never more than a tenth of the
token's lifetime."""
_EARLY_RENEWAL_TIMEOUT = 5.0
"""Timeout in seconds of a renewal while the old token is still valid."""
_EARLY_RENEWAL_PAUSE = 10.0
"""Seconds between a failed early renewal and the next attempt to renew the token."""

_TOKEN = re.compile(r"[!-~]+")


class Auth(Protocol):
    """Provides the ``Authorization`` header of requests."""

    def authorization(self, deadline: Deadline) -> str:
        """Return the header's value."""

    def renew(self, rejected: str, deadline: Deadline) -> bool:
        """Fetch a new token, because the API rejected the token in the header `rejected` as expired.

        Returns False if the header is fixed, so that no new token can be fetched.
        """


def _basic(key_id: str, key_secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key_id}:{key_secret}".encode()).decode()


class FixedAuth:
    """An ``Authorization`` header that never changes: a given bearer token, or an access key with HTTP basic.

    Sinch recommends HTTP basic for tests only.
    """

    def __init__(self, header: str) -> None:
        """Use this header for all requests."""
        self._header = header

    @classmethod
    def basic(cls, key_id: str, key_secret: str) -> "FixedAuth":
        """Send the access key with every request (HTTP basic)."""
        return cls(_basic(key_id, key_secret))

    @classmethod
    def bearer(cls, access_token: str) -> "FixedAuth":
        """Send a given bearer token with every request."""
        return cls(f"Bearer {access_token}")

    def authorization(self, deadline: Deadline) -> str:  # noqa: ARG002 - it needs no request
        """Return the header."""
        return self._header

    def renew(self, rejected: str, deadline: Deadline) -> bool:  # noqa: ARG002 - it cannot be renewed
        """Return False, because a fixed header has no token that can be fetched again."""
        return False


@dataclass(frozen=True, repr=False)
class _Token:
    """A token, stored as the value of a header.

    The class has no generated repr, because a repr would show the token.
    """

    header: str
    renew_at: float
    expires_at: float


class OAuth2Auth:
    """Fetches a token with the access key, and renews the token before it expires.

    All threads share the token. The first thread that finds the token close to its expiry renews the token.
    """

    def __init__(self, transport: Transport, *, auth_url: str, key_id: str, key_secret: str) -> None:
        """Prepare token requests. The first token is fetched when a request needs it.

        Args:
            transport: Sends the token request.
            auth_url: The base URL, such as ``https://auth.sinch.com``.
            key_id: The id of the access key.
            key_secret: The secret of the access key.
        """
        self._transport = transport
        self._url = f"{auth_url}/oauth2/token"
        self._basic = _basic(key_id, key_secret)
        self._key_secret = key_secret
        self._clock = transport.clock
        self._token: _Token | None = None
        self._fetching = threading.Lock()

    def authorization(self, deadline: Deadline) -> str:
        """Return the header with a valid token.

        Raises:
            TokenError: The token endpoint sent an error, for example because it rejects the access key.
            SinchError: The token endpoint cannot be reached, or its response is invalid.
        """
        token = self._token
        if token is not None and self._clock.monotonic() < token.renew_at:
            return token.header
        if token is not None and self._clock.monotonic() < token.expires_at:
            return self._renewed_early(token, deadline)
        return self._replaced(token, deadline)

    def renew(self, rejected: str, deadline: Deadline) -> bool:
        """Replace the token that the API rejected as expired, unless another thread has replaced it."""
        token = self._token
        if token is not None and token.header == rejected:
            self._replaced(token, deadline)
        return True

    def _renewed_early(self, token: _Token, deadline: Deadline) -> str:
        """Renew a token that is still valid, and return the header to use.

        Only one thread renews the token. Until the new token arrives, all other threads use the old token. If
        the renewal fails, the thread that tried it also uses the old token.
        """
        if not self._fetching.acquire(blocking=False):
            return token.header
        try:
            if self._token is token:
                self._token = token = self._fetch(deadline.at_most(_EARLY_RENEWAL_TIMEOUT))
        except SinchError:
            self._token = token = replace(token, renew_at=self._clock.monotonic() + _EARLY_RENEWAL_PAUSE)
        finally:
            self._fetching.release()
        return token.header

    def _replaced(self, token: _Token | None, deadline: Deadline) -> str:
        """Replace a missing, expired or rejected token. Other threads wait for the new token."""
        if not self._fetching.acquire(timeout=deadline.remaining()):
            raise DeadlineExceededError(
                "fetching an access token failed: this operation waited for the token that another operation "
                f"was fetching, and none arrived within the timeout of {deadline.seconds:g} seconds"
            )
        try:
            if self._token is None or (token is not None and self._token.header == token.header):
                self._token = self._fetch(deadline)
            return self._token.header
        finally:
            self._fetching.release()

    def _fetch(self, deadline: Deadline) -> _Token:
        request = Request(
            action="fetching an access token",
            method="POST",
            url=self._url,
            read_only=True,
            form={"grant_type": "client_credentials"},
        )
        started = self._clock.monotonic()
        response = self._transport.send(request, self._basic, deadline)
        return self._parse(response, request.action, started)

    def _parse(self, response: Response, action: str, started: float) -> _Token:
        body = response.data if isinstance(response.data, dict) else {}
        if response.status != HTTPStatus.OK:
            error_code = self._sanitize(body.get("error", ""))
            raise error_class(error_code, response.status, from_token_endpoint=True)(
                action,
                status=response.status,
                error_code=error_code,
                message=self._sanitize(body.get("error_description", "")),
            )
        access_token = body.get("access_token")
        if not isinstance(access_token, str) or not _TOKEN.fullmatch(access_token):
            raise UnexpectedResponseError(
                f"{action} failed (HTTP {response.status}): the response has no token"
            )
        lifetime = body.get("expires_in")
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime > 0:
            lifetime = _DEFAULT_LIFETIME
        lifetime = min(lifetime, _LONGEST_LIFETIME)
        margin = min(_RENEWAL_MARGIN, lifetime / 10)
        return _Token(f"Bearer {access_token}", started + lifetime - margin, started + lifetime)

    def _sanitize(self, text: object) -> str:
        return sanitize_message(text, hide=(self._key_secret, self._basic.removeprefix("Basic ")))
