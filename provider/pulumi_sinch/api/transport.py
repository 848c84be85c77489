"""Send HTTP requests over one pooled session, with retries and a deadline.

The module `retries` decides which requests are retried.

This module also decides whether a request is ambiguous, which means that the request possibly took effect
although no usable response arrived. A read-only request is never ambiguous. After a complete response, the
decision comes from `Response.ambiguous`. Without a complete response, the request is ambiguous unless Sinch
certainly received nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase
from requests.exceptions import InvalidHeader, InvalidURL
from requests.utils import check_header_validity, select_proxy
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationValueError,
    NewConnectionError,
    ProxyError,
)

from pulumi_sinch.api.attempt import Attempt, AttemptAdapter, AttemptTimeoutError
from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError, DeadlineExceededError
from pulumi_sinch.api.http_messages import Outcome, Request, Response
from pulumi_sinch.api.network_settings import network_settings
from pulumi_sinch.api.pause import Pause
from pulumi_sinch.api.request_log import RequestLog, describe_outcome
from pulumi_sinch.api.retries import (
    MAX_RETRIES,
    is_throttled,
    pause_after_throttling,
    retry_delay,
    should_retry,
)
from pulumi_sinch.version import __version__

_CONNECT_TIMEOUT = 5.0
"""Timeout in seconds for connecting to one address of a host. It is short, because the host's next address
may be reachable."""
_MAX_BODY_BYTES = 4 * 1024 * 1024
# The error text of http.client if a proxy responds to CONNECT with a status other than 200.
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})\b")
# The error text of the `requests` library if the file with certificates does not exist.
_NO_CERTIFICATES = re.compile("Could not find a suitable TLS CA certificate bundle")
_PROXY_UNREACHABLE = "the proxy cannot be reached"
_NOT_CONNECTED_IN_TIME = "no connection could be made in time"


class Transport:
    """Sends the requests of one account. Threads may share a transport."""

    def __init__(self, clock: Clock | None = None, log: RequestLog | None = None) -> None:
        """Create the session. No connection is opened before the first request.

        Args:
            clock: Time, sleep and randomness. Default: the real clock.
            log: Reports requests and long waits. By default, nothing is reported.
        """
        self.clock: Clock = clock or Clock()
        self.log: RequestLog = log or RequestLog()
        self._session = _Session()
        self._pause = Pause(self.clock, self.log)
        self._environments: dict[tuple[str, str], Mapping[str, Any]] = {}
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, AttemptAdapter())
        self._session.headers["User-Agent"] = f"pulumi-sinch/{__version__}"
        self._session.headers["Accept"] = "application/json"

    def send(self, request: Request, authorization: str, deadline: Deadline) -> Response:
        """Send a request, retry it if `retries` allows it, and return the last response, whatever its status.

        Args:
            request: The request.
            authorization: The ``Authorization`` header.
            deadline: The deadline of the operation. No retry starts after it.

        Raises:
            ConnectionFailedError: The last attempt sent nothing, and no earlier attempt can have taken
                effect.
            AnswerLostError: The last attempt got no complete response, and at least one attempt possibly
                reached Sinch.
            DeadlineExceededError: Nothing was sent, because the deadline has passed, or because the account's
                pause after a 429 does not end before the deadline.
            SettingsError: An environment variable names a proxy or a certificate file that cannot be used.
        """
        if not deadline.remaining():
            raise DeadlineExceededError(
                f"{request.action} failed: the timeout of {deadline.seconds:g} seconds is over"
            )
        return _final(*self._retried(request, authorization, deadline))

    def _retried(self, request: Request, authorization: str, deadline: Deadline) -> tuple[Outcome, bool]:
        """Send a request and its retries.

        Returns the outcome of the last attempt, and whether an earlier attempt possibly took effect.
        """
        ambiguous = False  # an earlier attempt may have taken effect
        outcome = self._attempt_after_pause(request, authorization, deadline, 1)
        if outcome is None:
            raise DeadlineExceededError(
                f"{request.action} failed: this request was not sent. Sinch responded to an earlier request "
                "with HTTP 429 (too many requests), so all requests are paused, and the pause does not end "
                f"within the timeout of {deadline.seconds:g} seconds"
            )
        for retry in range(1, MAX_RETRIES + 1):
            if is_throttled(outcome) or not should_retry(request, outcome):
                break
            delay = retry_delay(retry, _retry_after(outcome), self.clock.random())
            if delay >= deadline.remaining():
                break
            self.log.wait_begins(request.action, describe_outcome(outcome), delay, retry + 1)
            self.clock.sleep(delay)
            next_outcome = self._attempt_after_pause(request, authorization, deadline, retry + 1)
            if next_outcome is None:
                break
            ambiguous = ambiguous or (outcome.ambiguous and not request.read_only)
            outcome = next_outcome
        return outcome, ambiguous

    def _attempt_after_pause(
        self, request: Request, authorization: str, deadline: Deadline, attempt: int
    ) -> Outcome | None:
        """Wait until the account's pause is over, and make one attempt.

        After a 429, extend the pause and send the request again as the same attempt.

        Returns:
            The response or the error of the attempt. The response is a 429 if the pause after this 429 does
            not end before the deadline. None if nothing was sent, because a pause that was already running
            does not end before the deadline.
        """
        outcome: Outcome | None = None
        times = 0
        while self._pause.wait(deadline, request.action, attempt):
            started = self.clock.monotonic()
            outcome = self._attempt(request, authorization, deadline)
            self.log.request_ended(request, outcome, self.clock.monotonic() - started, attempt)
            if not is_throttled(outcome):
                break
            times += 1
            self._pause.extend(pause_after_throttling(times, _retry_after(outcome), self.clock.random()))
        return outcome

    def _attempt(self, request: Request, authorization: str, deadline: Deadline) -> Outcome:
        timeout = deadline.attempt_timeout()
        attempt = Attempt(lambda: self._exchange(request, authorization, timeout))
        try:
            return attempt.run(timeout)
        except AttemptTimeoutError:
            if attempt.connected:
                return _lost(request, f"no response within {timeout:.3g} seconds")
            return _not_sent(request, self._why_not_connected(request.url))

    def _exchange(self, request: Request, authorization: str, timeout: float) -> Outcome:
        """Send a request and read its response.

        This method can hang, because it has a timeout for connecting, but none for the response.
        `Attempt.run` limits the whole time.
        """
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
                timeout=(min(_CONNECT_TIMEOUT, timeout), None),
                **self._environment(request.url),
            ) as response:
                return Response(response.status_code, response.headers, _read(response.raw))
        except (OSError, urllib3.exceptions.HTTPError, ValueError) as error:
            return _classify(error, request)

    def _why_not_connected(self, url: str) -> str:
        proxies = self._environments.get(urlsplit(url)[:2], {}).get("proxies")
        return _PROXY_UNREACHABLE if select_proxy(url, proxies) else _NOT_CONNECTED_IN_TIME

    def _environment(self, url: str) -> Mapping[str, Any]:
        """Return the proxies and certificates that the environment sets for a URL.

        The method reads the environment once per host, because reading takes a fifth of the time of a
        request.

        Raises:
            SettingsError: The value of an environment variable cannot be used.
        """
        host = urlsplit(url)[:2]
        if host not in self._environments:
            self._environments[host] = network_settings(self._session, url)
        return self._environments[host]

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


class _Session(requests.Session):
    """A session that follows no redirects, because a redirect could send the secret to another host."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - for all of them
        """Return None, as if the response were not a redirect.

        For a redirect, the `requests` library would read the whole body, even with ``allow_redirects=False``.
        """
        return None


class _Authorization(AuthBase):
    """Sets the ``Authorization`` header, so that `requests` does not use credentials from ``~/.netrc``."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        # The `requests` library does not validate a header that is set here.
        check_header_validity(("Authorization", self._value))
        r.headers["Authorization"] = self._value
        return r


class _TooLargeError(urllib3.exceptions.HTTPError):
    """The body of a response has more than 4 MiB. Sinch never sends such a large body."""


def _read(raw: urllib3.HTTPResponse) -> bytes:
    """Read a body in chunks, and stop if it is too large."""
    body = bytearray()
    while piece := raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise _TooLargeError
    return bytes(body)


def _not_sent(request: Request, reason: str) -> ConnectionFailedError:
    host = urllib3.util.parse_url(request.url).netloc
    return ConnectionFailedError(f"{request.action} failed: {reason} ({host})")


def _lost(request: Request, reason: str) -> AnswerLostError:
    return AnswerLostError(f"{request.action} failed: {reason}", ambiguous=not request.read_only)


def _classify(error: Exception, request: Request) -> ConnectionFailedError | AnswerLostError:
    """Return `ConnectionFailedError` if the request was certainly not sent, otherwise `AnswerLostError`.

    The message names only the kind of failure, because the messages of the `requests` and `urllib3` libraries
    may contain headers or the password of a proxy.
    """
    reason = _why_not_sent(_causes(error))
    if reason is not None:
        return _not_sent(request, reason)
    if isinstance(error, _TooLargeError):
        return _lost(request, f"the response is larger than {_MAX_BODY_BYTES // 1024**2} MiB")
    return _lost(request, "the connection broke before the response was complete")


def _why_not_sent(causes: list[BaseException]) -> str | None:
    """Return the reason why a request was certainly not sent, or None if Sinch possibly received it.

    Only a few errors prove that nothing was sent. For any other error, the function returns None.

    - `ProxyError` alone does not prove that nothing was sent, because urllib3 also raises this error if a
      tunnel through a proxy breaks after the request was sent.
    - A TLS error proves that nothing was sent only if the certificate is untrusted. Other TLS errors can
      occur in any phase of a connection.
    """

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    plain_errors = [str(cause) for cause in causes if type(cause) is OSError]
    refusals = [_TUNNEL_REFUSED.match(text) for text in plain_errors]
    if has(SSLCertVerificationError):
        # The client checks the certificate before it sends anything.
        reason = f"the {'proxy' if has(ProxyError) else 'server'}'s TLS certificate is not trusted"
    elif has(ProxyError) and has(ConnectTimeoutError):
        # This includes urllib3's NewConnectionError, a subclass of ConnectTimeoutError.
        reason = _PROXY_UNREACHABLE
    elif has(ProxyError) and any(refusals):
        status = next(refusal[1] for refusal in refusals if refusal)
        reason = f"the proxy refused the connection with HTTP {status}"
    elif has(NewConnectionError):
        reason = "no connection could be made"
    elif has(ConnectTimeoutError):
        reason = _NOT_CONNECTED_IN_TIME
    elif any(_NO_CERTIFICATES.match(text) for text in plain_errors):
        reason = "the file with certificates was deleted while this process was running"
    elif has(urllib3.exceptions.InvalidHeader):
        # The invalid header is in the response, so the request was sent.
        reason = None
    elif has(InvalidURL, InvalidHeader, LocationValueError, UnicodeEncodeError):
        reason = "the URL or the credentials contain characters that cannot be sent"
    else:
        reason = None
    return reason


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and all errors that the `requests` and `urllib3` libraries wrapped in it."""
    found = [error]
    for wrapped in (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None)):
        if isinstance(wrapped, BaseException) and wrapped not in found:
            found.extend(_causes(wrapped))
    return found


def _retry_after(outcome: Outcome) -> str | None:
    return outcome.headers.get("Retry-After") if isinstance(outcome, Response) else None


def _final(outcome: Outcome, after_ambiguous_attempt: bool) -> Response:
    """Return the last response, or raise the last error.

    The response or the error is marked as ambiguous if an earlier attempt possibly took effect.
    """
    if isinstance(outcome, Response):
        return replace(outcome, after_ambiguous_attempt=True) if after_ambiguous_attempt else outcome
    if after_ambiguous_attempt and not outcome.ambiguous:
        raise AnswerLostError(outcome.sentence, ambiguous=True)
    try:
        raise outcome
    finally:
        del outcome  # otherwise the error and its traceback refer to each other and stay in memory
