"""The three ways to prove who calls: OAuth2 client credentials, HTTP basic, a ready bearer token.

CONTRACT.md, Authentication. Every way gives the one ``Authorization`` header of a request.
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
    TokenError,
    UnexpectedResponseError,
)
from pulumi_sinch.api.transport import Reply, Request, Transport
from pulumi_sinch.redaction import sanitize

_DEFAULT_LIFETIME = 300.0
"""Seconds that a token without ``expires_in`` is used; Sinch's live about 3600."""
_LONGEST_LIFETIME = 86_400.0
_RENEWAL_MARGIN = 60.0
"""Seconds before its expiry at which a token is renewed, or a tenth of its life where that is shorter."""
_EARLY_RENEWAL_TIMEOUT = 5.0
"""Seconds that a renewal may cost an operation which could go on with the token it has."""
_EARLY_RENEWAL_PAUSE = 10.0
"""Seconds before an early renewal that failed is tried again."""

_TOKEN = re.compile(r"[!-~]+")


class Auth(Protocol):
    """Gives requests their ``Authorization`` header."""

    def authorization(self, deadline: Deadline) -> str:
        """Return the header's value."""

    def renew(self, rejected: str, deadline: Deadline) -> bool:
        """Replace a header that the API called expired; `False` where there is no other."""


def _basic(key_id: str, key_secret: str) -> str:
    return "Basic " + base64.b64encode(f"{key_id}:{key_secret}".encode()).decode()


class FixedAuth:
    """A header that never changes: HTTP basic (test use only, says Sinch) or a ready bearer token."""

    def __init__(self, header: str) -> None:
        """Take the header as it is."""
        self._header = header

    @classmethod
    def basic(cls, key_id: str, key_secret: str) -> "FixedAuth":
        """Send the access key itself with every request."""
        return cls(_basic(key_id, key_secret))

    @classmethod
    def bearer(cls, access_token: str) -> "FixedAuth":
        """Send a token that somebody else fetched."""
        return cls(f"Bearer {access_token}")

    def authorization(self, deadline: Deadline) -> str:  # noqa: ARG002 - nothing to wait for
        """Return the header."""
        return self._header

    def renew(self, rejected: str, deadline: Deadline) -> bool:  # noqa: ARG002 - there is no other
        """Return `False`."""
        return False


@dataclass(frozen=True, repr=False)
class _Token:
    """A token as a header. Without a generated repr, which would show it."""

    header: str
    renew_at: float
    expires_at: float


class OAuth2Auth:
    """A token fetched with the access key, shared by all threads and renewed ahead of its expiry by one of them."""

    def __init__(self, transport: Transport, *, auth_url: str, key_id: str, key_secret: str) -> None:
        """Remember where to fetch the token; nothing is fetched before it is needed.

        Args:
            transport: Sends the token request.
            auth_url: Such as ``https://auth.sinch.com``; ``/oauth2/token`` is appended.
            key_id: Access key.
            key_secret: Its secret.
        """
        self._transport = transport
        self._url = f"{auth_url}/oauth2/token"
        self._basic = _basic(key_id, key_secret)
        self._key_secret = key_secret
        self._clock = transport.clock
        self._token: _Token | None = None
        self._fetching = threading.Lock()

    def authorization(self, deadline: Deadline) -> str:
        """Return the header with a token that has not expired.

        Raises:
            TokenError: The access key is refused.
            SinchError: The token endpoint cannot be reached, or answers nonsense.
        """
        token = self._token
        if token is not None and self._clock.monotonic() < token.renew_at:
            return token.header
        if token is not None and self._clock.monotonic() < token.expires_at:
            return self._renewed_ahead(token, deadline)
        return self._replaced(token, deadline)

    def renew(self, rejected: str, deadline: Deadline) -> bool:
        """Replace the token that the API called expired, unless another thread has done so."""
        token = self._token
        if token is not None and token.header == rejected:
            self._replaced(token, deadline)
        return True

    def _renewed_ahead(self, token: _Token, deadline: Deadline) -> str:
        """Let one thread renew; the others, and this one should it fail, go on with what is still valid."""
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
        """Fetch a token in place of one that is of no use; threads that come meanwhile wait for it."""
        if not self._fetching.acquire(timeout=deadline.remaining()):
            raise DeadlineExceededError(
                "fetching an access token failed: another request for it is still under way"
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
        reply = self._transport.send(request, self._basic, deadline)
        return self._parse(reply, request.action, started)

    def _parse(self, reply: Reply, action: str, started: float) -> _Token:
        body = reply.json()
        body = body if isinstance(body, dict) else {}
        if reply.status != HTTPStatus.OK:
            raise TokenError(
                action,
                status=reply.status,
                error_code=self._sanitize(body.get("error", "")),
                message=self._sanitize(body.get("error_description", "")),
            )
        access_token = body.get("access_token")
        if not isinstance(access_token, str) or not _TOKEN.fullmatch(access_token):
            raise UnexpectedResponseError(f"{action} failed (HTTP {reply.status}): the answer holds no token")
        lifetime = body.get("expires_in")
        if isinstance(lifetime, bool) or not isinstance(lifetime, int | float) or not lifetime > 0:
            lifetime = _DEFAULT_LIFETIME
        lifetime = min(lifetime, _LONGEST_LIFETIME)
        margin = min(_RENEWAL_MARGIN, lifetime / 10)
        return _Token(f"Bearer {access_token}", started + lifetime - margin, started + lifetime)

    def _sanitize(self, text: object) -> str:
        return sanitize(text, hide=(self._key_secret, self._basic.removeprefix("Basic ")))
