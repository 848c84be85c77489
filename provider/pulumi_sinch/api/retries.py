"""The rules for retries: which requests are retried, and after which delay.

The rules follow Sinch's guidance to clients (CONTRACT.md, Errors):

- At most 3 retries, after random delays (full jitter) of at most 10 seconds. ``Retry-After`` replaces the
  delay, up to 10 seconds.
- Retried are connection errors, timeouts, 408, 5xx (except 501, 505 and 511), and unreadable 2xx responses.
- A POST is not idempotent, so it is retried only if it was certainly not sent.
- A 429 does not count as an attempt: Sinch and gateways reject the request before they process it. All
  requests of the account pause, and the request is sent again until the operation's deadline.

`Transport.send` adds one rule: no retry starts after the operation's deadline.
"""

from http import HTTPStatus

import urllib3

from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError
from pulumi_sinch.api.http_messages import Outcome, Request, Response

MAX_RETRIES = 3
MAX_DELAY = 10.0
"""Maximum seconds between two attempts."""
FIRST_DELAY = 0.5
"""Maximum seconds before the first retry. It doubles with each retry."""
SHORTEST_PAUSE = 0.5
"""Minimum seconds of a pause after a 429, so that ``Retry-After: 0`` does not cause a flood of requests."""
_SERVER_ERRORS = range(500, 600)
"""Includes those of gateways, such as 520 to 530 of Cloudflare, and 598 and 599."""
_PERMANENT = frozenset({501, 505, 511})
"""The server does not know the method or the protocol, or a network asks for a login."""


def is_transient(status: int) -> bool:
    """Return whether a retry after a response with this status can succeed."""
    return status == HTTPStatus.REQUEST_TIMEOUT or (status in _SERVER_ERRORS and status not in _PERMANENT)


def should_retry(request: Request, outcome: Outcome) -> bool:
    """Return whether a request may be sent again after this outcome, which is not a 429."""
    if isinstance(outcome, ConnectionFailedError):
        return True  # nothing was sent
    if not request.idempotent:
        return False
    if isinstance(outcome, AnswerLostError) or is_transient(outcome.status):
        return True
    # An empty 2xx response to a DELETE is final: a delete returns nothing.
    if request.method == "DELETE" and not outcome.body:
        return False
    return outcome.is_unreadable


def retry_delay(attempt: int, retry_after: str | None, random: float) -> float:
    """Return the seconds to wait before a retry.

    Args:
        attempt: 1 for the first retry.
        retry_after: The ``Retry-After`` header, in seconds or as a date. An invalid one is ignored.
        random: A number from 0 up to 1, for full jitter: clients must not all retry at the same time.
    """
    if retry_after is not None:
        try:
            return min(MAX_DELAY, urllib3.Retry().parse_retry_after(retry_after))
        except (urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
            pass
    return random * min(MAX_DELAY, FIRST_DELAY * 2.0 ** min(attempt - 1, 10))


def is_throttled(outcome: Outcome) -> bool:
    """Return whether Sinch rejected a request because the account sends too many requests."""
    return isinstance(outcome, Response) and outcome.status == HTTPStatus.TOO_MANY_REQUESTS


def pause_after_throttling(times: int, retry_after: str | None, random: float) -> float:
    """Return the seconds that all requests of the account pause after a 429.

    Args:
        times: The number of rejections so far, at least 1.
        retry_after: The ``Retry-After`` header, in seconds or as a date. An invalid one is ignored.
        random: A number from 0 up to 1.
    """
    return max(SHORTEST_PAUSE, retry_delay(times, retry_after, random))
