"""Send HTTP requests over one pooled session, with retries and a deadline.

`retries` decides what is retried. This module decides whether a failed request was not sent or is ambiguous.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader, InvalidProxyURL, InvalidSchema, InvalidURL
from requests.utils import check_header_validity
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
    ProxySchemeUnknown,
)

from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError, DeadlineExceededError
from pulumi_sinch.api.http_messages import Outcome, Request, Response
from pulumi_sinch.api.limits import MAX_OPERATIONS
from pulumi_sinch.api.retries import MAX_RETRIES, retry_delay, should_retry
from pulumi_sinch.version import __version__

_CONNECT_TIMEOUT = 5.0
_MAX_BODY_BYTES = 4 * 1024 * 1024
# http.client's error for a CONNECT response other than 200.
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})\b")


class Transport:
    """Sends the requests of one account. Threads may share it."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Prepare the session. It connects with the first request."""
        self.clock = clock or Clock()
        self._session = _Session()
        self._environments: dict[tuple[str, str], Mapping[str, Any]] = {}
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=MAX_OPERATIONS, pool_block=True))
        self._session.headers["User-Agent"] = f"pulumi-sinch/{__version__}"
        self._session.headers["Accept"] = "application/json"

    def send(self, request: Request, authorization: str, deadline: Deadline) -> Response:
        """Send a request, retry it if the rules allow it, and return the last response.

        Args:
            request: The request.
            authorization: The ``Authorization`` header.
            deadline: The end of the operation. No retry starts after it.

        Raises:
            ConnectionFailedError: The request was certainly not sent.
            AnswerLostError: The request may have been sent, and no complete response arrived.
            DeadlineExceededError: The deadline passed before the first attempt.
        """
        if not deadline.remaining():
            raise DeadlineExceededError(
                f"{request.action} failed: the {deadline.seconds:g} seconds are used up"
            )
        ambiguous = False  # an earlier attempt may have taken effect
        outcome = self._attempt(request, authorization, deadline)
        for attempt in range(1, MAX_RETRIES + 1):
            if not should_retry(request, outcome):
                break
            retry_after = outcome.headers.get("Retry-After") if isinstance(outcome, Response) else None
            delay = retry_delay(attempt, retry_after, self.clock.random())
            if delay >= deadline.remaining():
                break
            self.clock.sleep(delay)
            if not deadline.remaining():  # the sleep took longer than requested
                break
            ambiguous = ambiguous or (outcome.ambiguous and not request.read_only)
            outcome = self._attempt(request, authorization, deadline)
        return _final(outcome, after_ambiguous_attempt=ambiguous)

    def _attempt(self, request: Request, authorization: str, deadline: Deadline) -> Outcome:
        timeout = deadline.attempt_timeout()
        content = requests.Request(
            request.method,
            request.url,
            params=request.params,
            json=request.json,
            data=request.form,
            auth=_Authorization(authorization),
        )
        try:
            with self._session.send(
                self._session.prepare_request(content),
                timeout=(min(_CONNECT_TIMEOUT, timeout), timeout),
                **self._environment(request.url),
            ) as response:
                body = _read(response.raw, deadline)
                return Response(response.status_code, response.headers, body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            return _classify(error, request, timeout)

    def _environment(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and certificates of the environment.

        They are read once per host, because that takes a fifth of the time of a request.
        """
        host = urlsplit(url)[:2]
        if host not in self._environments:
            self._environments[host] = self._session.merge_environment_settings(url, {}, True, None, None)
        return self._environments[host]

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


class _Session(requests.Session):
    """Follows no redirect, because that would send the secret to another host."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - for all of them
        """Return None. With only ``allow_redirects=False``, requests would read the whole body of a redirect."""
        return None


class _Authorization(AuthBase):
    """Sets the ``Authorization`` header. Otherwise requests would read one from ``~/.netrc``."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        check_header_validity(("Authorization", self._value))  # requests checks its own headers only
        r.headers["Authorization"] = self._value
        return r


def _read(raw: urllib3.HTTPResponse, deadline: Deadline) -> bytes:
    """Read a body in pieces as they arrive, so that a slow body cannot exceed the deadline."""
    body = bytearray()
    while piece := raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise urllib3.exceptions.ProtocolError("the body is too large")
        if not deadline.remaining():
            raise urllib3.exceptions.ProtocolError("the body did not end in time")
    return bytes(body)


def _classify(error: Exception, request: Request, timeout: float) -> ConnectionFailedError | AnswerLostError:
    """Return the error of a request that was not sent, or that is ambiguous.

    The message names only the kind of failure. The texts of requests and urllib3 may contain headers or the password of
    a proxy.
    """
    causes = _causes(error)
    not_sent = _why_not_sent(causes)
    if not_sent is not None:
        host = urllib3.util.parse_url(request.url).netloc
        return ConnectionFailedError(f"{request.action} failed: {not_sent} ({host})")
    late = any(isinstance(cause, requests.Timeout | urllib3.exceptions.TimeoutError) for cause in causes)
    reason = (
        f"no answer came within {timeout:.3g} seconds"
        if late
        else "the connection broke before the whole answer came"
    )
    return AnswerLostError(f"{request.action} failed: {reason}", ambiguous=not request.read_only)


def _why_not_sent(causes: list[BaseException]) -> str | None:
    """Return why no byte of a request can have reached Sinch, None if that is not certain.

    A short list of causes proves it. Everything else is ambiguous. `ProxyError` alone proves nothing: urllib3 also
    wraps a reset behind an established tunnel in it, after the request was sent. TLS errors other than an untrusted
    certificate prove nothing either: they can occur in any phase of a connection.
    """

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    refusals = [_TUNNEL_REFUSED.match(str(cause)) for cause in causes if type(cause) is OSError]
    if has(SSLCertVerificationError):
        # The client checks the certificate before it sends anything.
        reason = f"the {'proxy' if has(ProxyError) else 'server'}'s TLS certificate is not trusted"
    elif has(ProxyError) and has(ConnectTimeoutError):
        # NewConnectionError is a ConnectTimeoutError.
        reason = "the proxy cannot be reached"
    elif has(ProxyError) and any(refusals):
        status = next(refusal[1] for refusal in refusals if refusal)
        reason = f"the proxy refused the connection with HTTP {status}"
    elif has(NewConnectionError):
        reason = "no connection could be made"
    elif has(ConnectTimeoutError):
        reason = "no connection could be made in time"
    elif has(InvalidProxyURL, InvalidSchema, ProxySchemeUnknown):
        # The URL of the proxy. Settings accept only https:// and http:// for Sinch.
        reason = "the proxy cannot be used"
    elif has(urllib3.exceptions.InvalidHeader):
        # A header of the response.
        reason = None
    elif has(InvalidURL, InvalidHeader, LocationValueError, UnicodeEncodeError):
        reason = "the URL or the credentials hold characters that cannot be sent"
    else:
        reason = None
    return reason


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all errors that requests and urllib3 wrapped in it."""
    found = [error]
    for wrapped in (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None)):
        if isinstance(wrapped, BaseException) and wrapped not in found:
            found.extend(_causes(wrapped))
    return found


def _final(outcome: Outcome, *, after_ambiguous_attempt: bool) -> Response:
    """Return the last response or raise the last error. Either says whether the request is ambiguous."""
    if isinstance(outcome, Response):
        return replace(outcome, after_ambiguous_attempt=True) if after_ambiguous_attempt else outcome
    if after_ambiguous_attempt and not outcome.ambiguous:
        raise AnswerLostError(outcome.sentence, ambiguous=True)
    raise outcome
