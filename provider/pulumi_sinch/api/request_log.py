"""The log of requests and of long waits. No log message contains a URL query, a body or a header."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from pulumi_sinch.api.errors import ApiError, ConnectionFailedError, SinchError
from pulumi_sinch.api.http_messages import Outcome, Request, Response
from pulumi_sinch.api.retries import MAX_RETRIES
from pulumi_sinch.redaction import sanitize

_LONG_WAIT = 2.0
"""Seconds. Users see a message about each wait that is longer."""


def _drop(_message: str) -> None:
    pass


@dataclass(frozen=True)
class RequestLog:
    """Reports requests and waits. Without `debug` and `info`, it reports nothing.

    Attributes:
        debug: Receives one line per HTTP request.
        info: Receives one line per wait of more than 2 seconds.
    """

    debug: Callable[[str], None] = _drop
    info: Callable[[str], None] = _drop

    def request_ended(self, request: Request, outcome: Outcome, seconds: float, attempt: int) -> None:
        """Report one HTTP request.

        Args:
            request: The request that was sent.
            outcome: The response to the request, or the error.
            seconds: The duration of the request.
            attempt: The number of the attempt: 1 for the first attempt.
        """
        # The path contains ids of projects and webhooks, but never a target.
        path = sanitize(urlsplit(request.url).path)
        self.debug(
            f"{request.method} {path}: {describe_outcome(outcome)} in {seconds * 1000:.0f} ms "
            f"(attempt {attempt} of {MAX_RETRIES + 1})"
        )

    def wait_begins(self, action: str, reason: str, seconds: float, attempt: int) -> None:
        """Report a wait of more than 2 seconds. Ignore a shorter wait.

        Args:
            action: The purpose of the request, such as ``creating the webhook``.
            reason: The outcome of the previous attempt (see `describe_outcome`).
            seconds: The time to wait.
            attempt: The number of the next attempt.
        """
        if seconds > _LONG_WAIT:
            self.info(
                f"{action}: {reason}, waiting {seconds:.2g} s before attempt {attempt} of {MAX_RETRIES + 1}"
            )


def describe_outcome(outcome: Response | SinchError) -> str:
    """Return the outcome of one attempt in a few words, such as ``HTTP 503``."""
    if isinstance(outcome, Response) and outcome.is_unreadable:
        return f"HTTP {outcome.status} without JSON"
    if isinstance(outcome, Response | ApiError):
        return f"HTTP {outcome.status}"
    return "not sent" if isinstance(outcome, ConnectionFailedError) else "no usable response"
