import threading
from collections.abc import Iterator

import pytest
from pulumi_sinch.api.auth import FixedAuth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.create import WebhookDraft, create_webhook
from pulumi_sinch.api.errors import (
    AnswerLostError,
    ApiError,
    ConnectionFailedError,
    SinchError,
    UnexpectedResponseError,
)
from pulumi_sinch.api.http_messages import Request
from pulumi_sinch.api.request_log import describe_outcome
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.run_state import Run
from unit.fakes import FakeTime, RecordedLog, ScriptedServer, answer, closed_port, in_threads

OK = answer(200, b"{}")
EMPTY_LIST = answer(200, b'{"webhooks": []}')


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def recorded() -> RecordedLog:
    return RecordedLog()


@pytest.fixture
def transport(time: FakeTime, recorded: RecordedLog) -> Iterator[Transport]:
    transport = Transport(time.clock, recorded.log)
    yield transport
    transport.close()


def send(transport: Transport, time: FakeTime, url: str) -> None:
    """Send a request whose query, header and body must not be shown."""
    request = Request(
        action="updating the webhook",
        method="PUT",
        url=f"{url}/v1/projects/p/webhooks/4f0c",
        params={"token": "confidential"},
        json={"secret": "confidential", "target": "https://confidential.example"},
    )
    transport.send(request, "Bearer confidential", time.deadline())


def test_each_request_is_one_debug_message(
    transport: Transport, time: FakeTime, recorded: RecordedLog
) -> None:
    """Each request is one debug message with method, path, status, milliseconds and attempt."""
    time.tick = 0.012
    with ScriptedServer(answer(503), b"", answer(200, b"<html>"), OK) as server:
        send(transport, time, server.url)
    shown = [message.partition(" in ") for message in recorded.debugged]
    path = "PUT /v1/projects/p/webhooks/4f0c"
    assert [(start, end.partition("(")[2]) for start, _, end in shown] == [
        (f"{path}: HTTP 503", "attempt 1 of 4)"),
        (f"{path}: no usable response", "attempt 2 of 4)"),
        (f"{path}: HTTP 200 without JSON", "attempt 3 of 4)"),
        (f"{path}: HTTP 200", "attempt 4 of 4)"),
    ]
    assert all(int(end.partition(" ms")[0]) >= 12 for _, _, end in shown)
    assert "confidential" not in "".join(recorded.debugged)


def test_a_request_without_connection(transport: Transport, time: FakeTime, recorded: RecordedLog) -> None:
    """Without a connection, the debug message says that nothing was sent."""
    with pytest.raises(SinchError):
        send(transport, time, f"http://127.0.0.1:{closed_port()}")
    assert [": not sent in " in message for message in recorded.debugged] == [True] * 4


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        ("2", []),
        ("8", ["updating the webhook: HTTP 503, waiting 8 s before attempt 2 of 4"]),
        ("99", ["updating the webhook: HTTP 503, waiting 10 s before attempt 2 of 4"]),
    ],
)
def test_a_long_wait_is_reported(
    seconds: str, shown: list[str], transport: Transport, time: FakeTime, recorded: RecordedLog
) -> None:
    """A wait of more than 2 seconds is one message with the reason, the seconds and the next attempt."""
    with ScriptedServer(answer(503, retry_after=seconds), OK) as server:
        send(transport, time, server.url)
    assert recorded.informed == shown


def test_a_pause_is_reported(transport: Transport, time: FakeTime, recorded: RecordedLog) -> None:
    """Each pause after a 429 is one message. It does not count as an attempt."""
    with ScriptedServer(answer(429, retry_after="5"), answer(429, retry_after="7"), OK) as server:
        send(transport, time, server.url)
    assert recorded.informed == [
        f"updating the webhook: HTTP 429, waiting {seconds} s before attempt 1 of 4" for seconds in (5, 7)
    ]


def test_waiting_threads_report_a_pause_once(
    transport: Transport, time: FakeTime, recorded: RecordedLog
) -> None:
    """Requests that wait for the same pause report it once."""
    meet = threading.Barrier(4)
    wake = time.clock.sleep

    def sleep_together(seconds: float) -> None:
        if meet.wait(20) == 0:
            wake(seconds)
        meet.wait(20)

    object.__setattr__(time.clock, "sleep", sleep_together)
    transport._pause.extend(9)
    with ScriptedServer(OK) as server:
        assert in_threads(4, lambda: send(transport, time, server.url)) == [None] * 4
    assert recorded.informed == ["updating the webhook: HTTP 429, waiting 9 s before attempt 1 of 4"]


def test_the_attempts_of_a_create_are_reported(
    transport: Transport, time: FakeTime, recorded: RecordedLog
) -> None:
    """The wait between two POSTs of a create is reported like the wait of any retry."""
    created = answer(
        201, b'{"id": "1", "projectId": "p", "target": "https://h.example/", "triggers": ["ALL"]}'
    )
    with ScriptedServer(EMPTY_LIST, answer(500, retry_after="6"), EMPTY_LIST, created) as server:
        client = WebhooksClient(transport, FixedAuth.bearer("t"), api_url=server.url)
        create_webhook(
            WebhookCache(client, "p"),
            Run(),
            WebhookDraft("https://h.example/", ("ALL",), "s"),
            time.deadline(),
        )
    assert recorded.informed == ["creating the webhook: HTTP 500, waiting 6 s before attempt 2 of 4"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ApiError("x", status=503), "HTTP 503"),
        (AnswerLostError("x", ambiguous=True), "no usable response"),
        (UnexpectedResponseError("x", ambiguous=True), "no usable response"),
        (ConnectionFailedError("x"), "not sent"),
    ],
)
def test_only_a_request_that_was_not_sent_is_called_so(error: SinchError, words: str) -> None:
    """The reason for a wait is "not sent" only after a failed connection."""
    assert describe_outcome(error) == words
