"""The rules for retries: which requests are retried, and after which delay.

The rules follow Sinch's guidance to clients (CONTRACT.md, Errors):

- `Transport.send` retries a request at most 3 times, and waits at most 10 seconds before each retry. It waits
  for the time in the response's ``Retry-After`` header. Without this header, it waits for a random time (full
  jitter).
- A request is retried after a connection error, a timeout, a 408, or a 5xx other than 501, 505 and 511.
- A request is also retried after a 2xx whose body must be JSON but is not. The body of a 204 and an empty
  response to a DELETE need not be JSON.
- The POST that creates a webhook is not idempotent, so `Transport.send` retries it only if it was certainly
  not sent. After an ambiguous POST, the module `create` looks for the webhook before it sends the POST again.
- The POST that fetches a token changes nothing, so it is retried like a GET.
- A request that gets a 429 does not count as an attempt, because Sinch and gateways send a 429 before they
  process the request. After a 429, all requests of the account in this process pause. Then the request is
  sent again, if necessary several times, until the operation's deadline.

No retry starts after the operation's deadline. `Transport.send` implements this rule.
"""

from http import HTTPStatus

import urllib3

from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError
from pulumi_sinch.api.http_messages import Outcome, Request, Response

MAX_RETRIES = 3
MAX_DELAY = 10.0
"""Maximum seconds between two attempts."""
FIRST_DELAY = 0.5
"""Maximum seconds before the first retry. This maximum doubles with each further retry."""
SHORTEST_PAUSE = 0.5
"""Minimum seconds of a pause after a 429, so that ``Retry-After: 0`` does not cause a flood of requests."""
_SERVER_ERRORS = range(500, 600)
"""All 5xx statuses, because gateways also send statuses such as 520 to 530 (Cloudflare), 598 and 599."""
_PERMANENT = frozenset({501, 505, 511})
"""Statuses that stay the same after a retry: the server does not know the method (501) or the version of HTTP
(505), or a network asks for a login (511)."""


def is_transient(status: int) -> bool:
    """Return whether a retry after a response with this status can succeed."""
    return status == HTTPStatus.REQUEST_TIMEOUT or (status in _SERVER_ERRORS and status not in _PERMANENT)


def should_retry(request: Request, outcome: Outcome) -> bool:
    """Return whether to retry a request after this outcome. The outcome must not be a 429."""
    if isinstance(outcome, ConnectionFailedError):
        return True  # nothing was sent
    if not request.idempotent:
        return False
    if isinstance(outcome, AnswerLostError) or is_transient(outcome.status):
        return True
    # A successful DELETE returns no body, so an empty 2xx response is complete.
    if request.method == "DELETE" and not outcome.body:
        return False
    return outcome.is_unreadable


def retry_delay(attempt: int, retry_after: str | None, random: float) -> float:
    """Return the seconds to wait before a retry.

    Args:
        attempt: The number of the retry: 1 for the first retry.
        retry_after: The ``Retry-After`` header, in seconds or as a date. An invalid header is ignored.
        random: A random number from 0 to 1. The delay depends on it, so that several clients do not all retry
            at the same time (full jitter).
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
        times: The number of 429 responses to this attempt so far, at least 1.
        retry_after: The ``Retry-After`` header, in seconds or as a date. An invalid header is ignored.
        random: A random number from 0 to 1.
    """
    return max(SHORTEST_PAUSE, retry_delay(times, retry_after, random))
