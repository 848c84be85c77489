"""One pooled session: timeouts, retries, and a clear word on what became of a request.

The retry rules follow Sinch's guidance to clients (CONTRACT.md, Errors):

- At most 3 retries, with full jitter, at most 10 seconds apart.
- ``Retry-After``, in seconds or as a date, is honoured up to those 10 seconds.
- Repeated are connection errors, timeouts, 408, 429, 500, 502, 503, 504 and successes whose body is no JSON.
- A request that must not be carried out twice (POST) is repeated only when it provably was not carried out at
  all: no connection was made, also where a proxy refused to make it, or the answer was 429.
- Nothing is repeated that would start after the operation's deadline.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
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
from pulumi_sinch.version import __version__

MAX_RETRIES = 3
MAX_DELAY = 10.0
"""Seconds between two attempts, at most."""
FIRST_DELAY = 0.5
"""Seconds before the first repetition, at most; doubled for each one after it."""
TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})

_CONNECT_TIMEOUT = 5.0
_MAX_BODY_BYTES = 4 * 1024 * 1024
# http.client's error for a CONNECT response other than 200.
_TUNNEL_REFUSED = re.compile(r"Tunnel connection failed: (\d{3})\b")
# The engine runs four operations at a time in one plugin process (ENGINE.md, Shape).
_CONNECTIONS = 4


@dataclass(frozen=True, repr=False)
class Request:
    """An HTTP request.

    Attributes:
        action: What it is for, such as ``creating the webhook``; starts the text of every error.
        method: HTTP method.
        url: Full URL.
        repeatable: Whether carrying it out twice does no harm.
        read_only: Whether it changes nothing at Sinch, so that a lost answer leaves nothing open.
        params: Query parameters.
        json: JSON body.
        form: Form body.
    """

    action: str
    method: str
    url: str
    repeatable: bool = True
    read_only: bool = False
    params: Mapping[str, str] | None = None
    json: Mapping[str, Any] | None = None
    form: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        """Leave the body out: it may hold the signing secret."""
        return f"Request({self.method} {self.url})"


@dataclass(frozen=True, repr=False)
class Reply:
    """An HTTP answer, read to its end.

    Attributes:
        status: HTTP status.
        headers: Header names are case-insensitive.
        body: Raw bytes.
        after_lost_answer: Whether an earlier attempt of the same request may have been carried out.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    after_lost_answer: bool = False

    def __repr__(self) -> str:
        """Leave headers and body out: they may hold a token."""
        return f"Reply(HTTP {self.status})"

    @property
    def may_be_carried_out(self) -> bool:
        """Whether this answer leaves open that the request had its effect."""
        lost = self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.status == HTTPStatus.REQUEST_TIMEOUT
        return lost or self.after_lost_answer or self.is_garbled

    @property
    def is_garbled(self) -> bool:
        """Whether this says success in words that cannot be read, such as half an answer or a proxy's page."""
        success = HTTPStatus.OK <= self.status < HTTPStatus.MULTIPLE_CHOICES
        return success and self.status != HTTPStatus.NO_CONTENT and self.json() is None

    def json(self) -> Any:  # noqa: ANN401 - JSON is any value
        """Parse the body; `None` where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


Outcome = Reply | ConnectionFailedError | AnswerLostError


def retry_policy(*, repeatable: bool) -> urllib3.Retry:
    """Return the rules of this module for one request, as urllib3 keeps count of them."""
    return urllib3.Retry(
        total=MAX_RETRIES,
        allowed_methods=None,
        status_forcelist=TRANSIENT if repeatable else {HTTPStatus.TOO_MANY_REQUESTS},
        respect_retry_after_header=False,  # would repeat a POST after a 503
    )


def next_attempt(policy: urllib3.Retry, request: Request, outcome: Outcome) -> urllib3.Retry | None:
    """Return the policy for the next attempt, `None` where the outcome is final."""
    if isinstance(outcome, Reply):
        final = not (
            policy.is_retry(request.method, outcome.status)
            or (request.repeatable and outcome.is_garbled and (outcome.body or request.method != "DELETE"))
        )
    else:
        final = isinstance(outcome, AnswerLostError) and not request.repeatable
    if final:
        return None
    try:
        return policy.increment(request.method, request.url)
    except urllib3.exceptions.MaxRetryError:
        return None


def retry_delay(attempt: int, retry_after: str | None, random: float) -> float:
    """Return the seconds to wait before an attempt.

    Args:
        attempt: 1 for the first repetition.
        retry_after: The ``Retry-After`` header: seconds or a date. An unreadable one counts as absent.
        random: From 0 up to 1: full jitter, so that the clients of one outage do not return together.
    """
    if retry_after is not None:
        try:
            return min(MAX_DELAY, urllib3.Retry().parse_retry_after(retry_after))
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            pass
    return random * min(MAX_DELAY, FIRST_DELAY * 2.0 ** (attempt - 1))


class Transport:
    """Sends the requests of one account over one pooled session; several threads may share it."""

    def __init__(self, clock: Clock | None = None) -> None:
        """Prepare the session; connections are made when first needed."""
        self.clock = clock or Clock()
        self._session = _Session()
        self._environments: dict[tuple[str, str], Mapping[str, Any]] = {}
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS, pool_block=True))
        self._session.headers["User-Agent"] = f"pulumi-sinch/{__version__}"
        self._session.headers["Accept"] = "application/json"

    def send(self, request: Request, authorization: str, deadline: Deadline) -> Reply:
        """Send a request, repeated as this module's rules say, and return the last answer.

        Args:
            request: What to send.
            authorization: The ``Authorization`` header.
            deadline: When the operation that this request belongs to is over.

        Raises:
            ConnectionFailedError: Nothing was sent, which is certain.
            AnswerLostError: It may have been sent, and no complete response arrived.
            DeadlineExceededError: The operation's time was used up before.
        """
        if not deadline.remaining():
            raise DeadlineExceededError(
                f"{request.action} failed: the {deadline.seconds:g} seconds are used up"
            )
        policy = retry_policy(repeatable=request.repeatable)
        lost = False
        while True:
            outcome = self._attempt(request, authorization, deadline)
            following = next_attempt(policy, request, outcome)
            retry_after = outcome.headers.get("Retry-After") if isinstance(outcome, Reply) else None
            if following is not None:
                delay = retry_delay(len(following.history), retry_after, self.clock.random())
            if following is None or delay >= deadline.remaining():
                return _final(outcome, lost=lost)
            if not request.read_only:
                lost |= outcome.may_be_carried_out if isinstance(outcome, Reply) else outcome.ambiguous
            self.clock.sleep(delay)
            if not deadline.remaining():  # it slept longer than asked
                return _final(outcome, lost=lost)
            policy = following

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
                return Reply(response.status_code, response.headers, body)
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            return _classify(error, request, timeout)

    def _environment(self, url: str) -> Mapping[str, Any]:
        """Return the environment's proxies and certificates, asked for once a host: it takes a fifth of a request."""
        host = urlsplit(url)[:2]
        if host not in self._environments:
            self._environments[host] = self._session.merge_environment_settings(url, {}, True, None, None)
        return self._environments[host]

    def close(self) -> None:
        """Close all connections."""
        self._session.close()


class _Session(requests.Session):
    """Takes a redirect as an answer: following it would carry the secret to another host."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:  # noqa: ARG002 - whatever it says
        """Return `None`. With ``allow_redirects=False`` alone, requests still reads such an answer to its end."""
        return None


class _Authorization(AuthBase):
    """Sets the one ``Authorization`` header; requests would otherwise take one from ``~/.netrc``."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, r: requests.PreparedRequest) -> requests.PreparedRequest:
        check_header_validity(("Authorization", self._value))  # requests checks its own headers only
        r.headers["Authorization"] = self._value
        return r


def _read(raw: urllib3.HTTPResponse, deadline: Deadline) -> bytes:
    """Read a body piece by piece as it arrives, so that one that trickles cannot outlast the deadline."""
    body = bytearray()
    while piece := raw.read1(65536, decode_content=True):
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise urllib3.exceptions.ProtocolError("the body is too large")
        if not deadline.remaining():
            raise urllib3.exceptions.ProtocolError("the body did not end in time")
    return bytes(body)


def _classify(error: Exception, request: Request, timeout: float) -> ConnectionFailedError | AnswerLostError:
    """Tell a request that was not sent from one whose answer was lost.

    The text names the kind of failure only: what requests and urllib3 write may hold headers or a proxy's password.
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
    """Return why no byte of a request can have reached Sinch, `None` if that is not certain.

    A short list of causes proves it. Everything else is ambiguous. `ProxyError` alone proves nothing: urllib3 also
    wraps a reset behind an established tunnel in it, after the request was sent. TLS errors other than an untrusted
    certificate prove nothing either: they can occur in any phase of a connection.
    """

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    refusals = [_TUNNEL_REFUSED.match(str(cause)) for cause in causes if type(cause) is OSError]
    if has(
        SSLCertVerificationError
    ):  # raised while the client checks the certificate, before it sends anything
        reason = f"the {'proxy' if has(ProxyError) else 'server'}'s TLS certificate is not trusted"
    elif has(ProxyError) and has(ConnectTimeoutError):  # NewConnectionError is one, too
        reason = "the proxy cannot be reached"
    elif has(ProxyError) and any(refusals):
        status = next(refusal[1] for refusal in refusals if refusal)
        reason = f"the proxy refused the connection with HTTP {status}"
    elif has(NewConnectionError):
        reason = "no connection could be made"
    elif has(ConnectTimeoutError):
        reason = "no connection could be made in time"
    elif has(
        InvalidProxyURL, InvalidSchema, ProxySchemeUnknown
    ):  # of a proxy: settings know https:// and http://
        reason = "the proxy cannot be used"
    elif has(InvalidURL, InvalidHeader, LocationValueError, UnicodeEncodeError) and not has(
        urllib3.exceptions.InvalidHeader  # one of the response
    ):
        reason = "the URL or the credentials hold characters that cannot be sent"
    else:
        reason = None
    return reason


def _causes(error: BaseException) -> list[BaseException]:
    """Return an error and what requests and urllib3 wrapped in it."""
    found = [error]
    for wrapped in (*error.args, getattr(error, "reason", None), getattr(error, "original_error", None)):
        if isinstance(wrapped, BaseException) and wrapped not in found:
            found.extend(_causes(wrapped))
    return found


def _final(outcome: Outcome, *, lost: bool) -> Reply:
    """Return or raise what the attempts came to, with what an earlier one may have done."""
    if isinstance(outcome, Reply):
        return replace(outcome, after_lost_answer=lost)
    if lost and not outcome.ambiguous:
        raise AnswerLostError(outcome.sentence, ambiguous=True)
    raise outcome
