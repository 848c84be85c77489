import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError
from pulumi_sinch.api.http_messages import Outcome, Request, Response
from pulumi_sinch.api.retries import (
    MAX_DELAY,
    SHORTEST_PAUSE,
    is_throttled,
    pause_after_throttling,
    retry_delay,
    should_retry,
)

GET = Request("trying", "GET", "https://api.example.com", read_only=True)
DELETE = Request("trying", "DELETE", "https://api.example.com")
POST = Request("trying", "POST", "https://api.example.com", idempotent=False)


@pytest.mark.parametrize(
    ("outcome", "of_post", "of_delete", "of_get"),
    [
        (ConnectionFailedError("not sent"), True, True, True),
        (AnswerLostError("sent"), False, True, True),
        (Response(408, {}, b""), False, True, True),
        (Response(503, {}, b""), False, True, True),
        *((Response(status, {}, b""), False, True, True) for status in (507, 520, 524, 527, 530, 598, 599)),
        *((Response(status, {}, b""), False, False, False) for status in (501, 505, 511, 600)),
        (Response(404, {}, b""), False, False, False),
        (Response(200, {}, b"<html>"), False, True, True),
        (Response(200, {}, b""), False, False, True),
        (Response(204, {}, b""), False, False, False),
        (Response(200, {}, b"{}"), False, False, False),
    ],
)
def test_should_retry(outcome: Outcome, of_post: bool, of_delete: bool, of_get: bool) -> None:
    """A POST is retried only if it had no effect. An empty 2xx is final only for a DELETE."""
    assert [should_retry(request, outcome) for request in (POST, DELETE, GET)] == [of_post, of_delete, of_get]


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("0", 0, 0),
        ("7", 7, 7),
        (" 7 ", 7, 7),
        ("10", 10, 10),
        ("86400", 10, 10),
        ("9" * 6000, 0.5, 10),
        ("Mon, 02 Jan 2006 15:04:05 GMT", 0, 0),
        ("Fri, 31 Dec 2100 23:59:59 GMT", 10, 10),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 10, 10),
        ("-5", 0.5, 0.5),
        ("1.5", 0.5, 0.5),
        ("soon", 0.5, 0.5),
        ("", 0.5, 0.5),
        ("Mon, 99 Foo 99999 25:61:61 GMT", 0.5, 0.5),
        (None, 0.5, 0.5),
    ],
)
def test_retry_after(retry_after: str | None, least: float, most: float) -> None:
    """`Retry-After` in seconds or as a date is honored up to 10 seconds. An invalid value is ignored."""
    assert least <= retry_delay(2, retry_after, 0.5) <= most


@pytest.mark.parametrize(
    ("attempt", "most"), [(1, 0.5), (2, 1), (3, 2), (5, 8), (6, 10), (1000, 10), (100_000, 10)]
)
def test_backoff(attempt: int, most: float) -> None:
    """The maximum wait doubles up to 10 seconds, with full jitter."""
    assert retry_delay(attempt, None, 0) == 0
    assert retry_delay(attempt, None, 0.5) == most / 2
    assert retry_delay(attempt, None, 1) == most


@pytest.mark.parametrize(
    ("outcome", "throttled"),
    [
        (Response(429, {}, b""), True),
        (Response(503, {"Retry-After": "1"}, b""), False),
        (AnswerLostError("sent"), False),
    ],
)
def test_only_a_429_is_throttling(outcome: Outcome, throttled: bool) -> None:
    """Only a 429 is throttling. A 503 with `Retry-After` is not."""
    assert is_throttled(outcome) is throttled


@pytest.mark.parametrize(
    ("times", "retry_after", "pause"),
    [
        (1, "3", 3),
        (1, "86400", 10),
        (1, "0", SHORTEST_PAUSE),
        (1, None, SHORTEST_PAUSE),
        (4, None, 2),
        (9, "1", 1),
    ],
)
def test_the_pause_after_a_429(times: int, retry_after: str | None, pause: float) -> None:
    """A pause follows `Retry-After` up to 10 seconds, or else the backoff, and has a minimum."""
    assert pause_after_throttling(times, retry_after, 0.5) == pause


@given(retry_after=st.text(), random=st.floats(0, 1))
def test_any_retry_after_is_survived(retry_after: str, random: float) -> None:
    """Any `Retry-After` header results in a wait of 0 to 10 seconds."""
    assert 0 <= retry_delay(1, retry_after, random) <= MAX_DELAY
