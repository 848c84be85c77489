import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError, DeadlineExceededError
from pulumi_sinch.api.http_messages import Request
from pulumi_sinch.api.transport import Transport
from unit.fakes import FakeTime, ScriptedServer, Step, answer, closed_port, flood, hang

OK = answer(200, b"{}")
HEAD = b"HTTP/1.1 201 Created\r\n"
BROKEN = {
    "closed without an answer": b"",
    "truncated body": HEAD + b"Content-Length: 20\r\n\r\n{}",
    "truncated chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    "bad chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}",
    "two lengths": HEAD + b"Content-Length: 1, 2\r\n\r\n{}",
    "not what it says": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "no HTTP": b"hello\r\n\r\n",
    "huge header": HEAD + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
}


def a_request(url: str, **other: Any) -> Request:
    return Request(**{"action": "trying", "method": "GET", "url": url, "read_only": True, **other})


def a_post(url: str) -> Request:
    return a_request(url, method="POST", idempotent=False, read_only=False, json={"secret": "s3cret"})


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def transport(time: FakeTime) -> Iterator[Transport]:
    transport = Transport(time.clock)
    yield transport
    transport.close()


def outcome(transport: Transport, time: FakeTime, request: Request, *, seconds: float = 30.0) -> Any:
    """Return the response's status, or the error."""
    try:
        return transport.send(request, "Bearer t0ken", time.deadline(seconds)).status
    except (AnswerLostError, ConnectionFailedError, DeadlineExceededError) as error:
        return error


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_transient_status_is_repeated(
    status: int, method: str, transport: Transport, time: FakeTime
) -> None:
    """A request is retried after a transient status, and the caller gets the response of the last attempt."""
    with ScriptedServer(answer(status), answer(status), OK) as server:
        assert outcome(transport, time, a_request(server.url, method=method, read_only=False)) == 200
    assert len(server.requests) == 3
    assert time.slept == [0.25, 0.5]


@pytest.mark.parametrize("status", [200, 204, 301, 307, 400, 401, 403, 404, 409, 424, 501, 505])
def test_a_final_status_is_not_repeated(status: int, transport: Transport, time: FakeTime) -> None:
    """Every other status is returned without a retry."""
    with ScriptedServer(answer(status, b"{}")) as server:
        assert outcome(transport, time, a_request(server.url)) == status
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "body"), [(200, b""), (200, b"{"), (200, b"<html>"), (206, b"{")])
def test_a_success_that_cannot_be_read_is_repeated(
    status: int, body: bytes, transport: Transport, time: FakeTime
) -> None:
    """A 2xx with an unreadable body is retried. For a POST it is ambiguous and not retried."""
    with ScriptedServer(answer(status, body), OK) as server:
        assert outcome(transport, time, a_request(server.url, method="PUT", read_only=False)) == 200
    assert len(server.requests) == 2
    with ScriptedServer(answer(201, body)) as server:
        response = transport.send(a_post(server.url), "Bearer t0ken", time.deadline())
    assert response.ambiguous
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("method", "status", "body"),
    [("DELETE", 200, b""), ("GET", 204, b""), ("GET", 300, b"<html>"), ("GET", 404, b"<html>")],
)
def test_what_need_not_be_read_is_not_repeated(
    method: str, status: int, body: bytes, transport: Transport, time: FakeTime
) -> None:
    """An empty response to a DELETE is final, and so is an HTML page with a status that is not 2xx."""
    with ScriptedServer(answer(status, body), OK) as server:
        request = a_request(server.url, method=method, read_only=False)
        response = transport.send(request, "Bearer t", time.deadline())
    assert (response.status, len(server.requests)) == (status, 1)


@pytest.mark.parametrize("interim", [100, 102, 103, 199])
@pytest.mark.parametrize("make", [a_request, a_post])
def test_the_final_response_counts(
    make: Callable[[str], Request], interim: int, transport: Transport, time: FakeTime
) -> None:
    """Interim responses (1xx) are skipped, and are never the response to the next request."""
    early = f"HTTP/1.1 {interim} Interim\r\nLink: </x>\r\n\r\n".encode()
    with ScriptedServer(early + early + answer(201, b'{"id": 1}')) as server:
        response = transport.send(make(server.url), "Bearer t0ken", time.deadline())
    assert (response.status, response.data) == (201, {"id": 1})


@pytest.mark.parametrize("interim", [101, 103])
def test_an_interim_response_alone_is_ambiguous(interim: int, transport: Transport, time: FakeTime) -> None:
    """A POST without a final response may have taken effect."""
    with ScriptedServer(f"HTTP/1.1 {interim} Interim\r\n\r\n".encode()) as server:
        lost = outcome(transport, time, a_post(server.url))
    assert isinstance(lost, AnswerLostError)
    assert lost.ambiguous


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_an_ambiguous_post_is_not_retried(status: int, transport: Transport, time: FakeTime) -> None:
    """A POST is ambiguous after a server error, and is not retried."""
    with ScriptedServer(answer(status, retry_after="0"), OK) as server:
        response = transport.send(a_post(server.url), "Bearer t", time.deadline())
    assert (response.status, response.ambiguous, len(server.requests)) == (status, True, 1)


@pytest.mark.parametrize("make", [a_request, a_post])
def test_a_429_is_not_an_attempt(
    make: Callable[[str], Request], transport: Transport, time: FakeTime
) -> None:
    """A request waits as often as Sinch asks for it. A 429 does not count as an attempt."""
    steps = [answer(429, retry_after="2")] * 7
    with ScriptedServer(*steps, OK) as server:
        assert outcome(transport, time, make(server.url)) == 200
    assert time.slept == [2.0] * 7
    retries = [answer(429, retry_after="2"), answer(503, retry_after="1")] * 3
    with ScriptedServer(*retries, OK) as server:
        assert outcome(transport, time, a_request(server.url)) == 200


def test_a_429_is_final_if_the_pause_ends_after_the_deadline(transport: Transport, time: FakeTime) -> None:
    """If the pause ends after the deadline, the 429 is raised at once, and the request is not ambiguous."""
    with ScriptedServer(answer(429, retry_after="7")) as server:
        response = transport.send(a_post(server.url), "Bearer t", time.deadline(20))
    assert (response.status, response.ambiguous, len(server.requests)) == (429, False, 3)
    assert time.slept == [7.0, 7.0]


def test_a_429_after_an_ambiguous_attempt(transport: Transport, time: FakeTime) -> None:
    """A 429 after an ambiguous attempt is ambiguous."""
    with ScriptedServer(b"", answer(429, retry_after="9")) as server:
        request = a_request(server.url, method="PUT", read_only=False)
        response = transport.send(request, "Bearer t", time.deadline(8))
    assert (response.status, response.ambiguous) == (429, True)


def test_a_429_pauses_all_requests_of_the_account(transport: Transport, time: FakeTime) -> None:
    """Other requests wait for the pause too. If their deadline is earlier, they fail without being sent."""
    with ScriptedServer(answer(429, retry_after="9"), OK) as server:
        outcome(transport, time, a_post(server.url), seconds=5)
        assert time.slept == []
        error = outcome(transport, time, a_request(f"{server.url}/early"), seconds=9)
        assert isinstance(error, DeadlineExceededError)
        assert str(error).endswith("the pause does not end within the timeout of 9 seconds")
        assert outcome(transport, time, a_request(f"{server.url}/late"), seconds=10) == 200
    assert time.slept == [9.0]
    assert [request.path for request in server.requests] == ["/", "/late"]


def test_other_accounts_do_not_pause(transport: Transport, time: FakeTime) -> None:
    """A 429 does not pause requests of other accounts."""
    with ScriptedServer(answer(429, retry_after="9"), OK) as server, closing(Transport(time.clock)) as other:
        outcome(transport, time, a_post(server.url), seconds=5)
        assert outcome(other, time, a_request(server.url), seconds=5) == 200
    assert time.slept == []


def test_a_pause_that_is_extended_meanwhile(transport: Transport, time: FakeTime) -> None:
    """If a pause is extended, requests wait for the extended pause."""
    asleep = time.clock.sleep

    def extend_once(seconds: float) -> None:
        object.__setattr__(time.clock, "sleep", asleep)
        transport._pause.extend(seconds + 3)
        asleep(seconds)

    object.__setattr__(time.clock, "sleep", extend_once)
    transport._pause.extend(2)
    with ScriptedServer(OK) as server:
        assert outcome(transport, time, a_request(server.url)) == 200
    assert time.slept == [2.0, 3.0]


def test_a_post_is_repeated_after_429(transport: Transport, time: FakeTime) -> None:
    """A POST is sent again after a 429, because it had no effect."""
    with ScriptedServer(answer(429, retry_after="3"), OK) as server:
        response = transport.send(a_post(server.url), "Bearer t", time.deadline())
    assert (response.status, response.ambiguous, time.slept) == (200, False, [3.0])


@pytest.mark.parametrize("step", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_to_a_post_is_lost(step: Step, transport: Transport, time: FakeTime) -> None:
    """A POST with an incomplete response is ambiguous and not retried."""
    with ScriptedServer(step) as server:
        error = outcome(transport, time, a_post(server.url))
    assert isinstance(error, AnswerLostError)
    assert (error.ambiguous, len(server.requests)) == (True, 1)
    assert str(error) == "trying failed: the connection broke before the response was complete"


@pytest.mark.parametrize("step", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_to_a_read_is_asked_for_again(
    step: Step, transport: Transport, time: FakeTime
) -> None:
    """Other requests with an incomplete response are retried."""
    with ScriptedServer(step, OK) as server:
        assert outcome(transport, time, a_request(server.url)) == 200


@pytest.mark.parametrize(
    ("read_only", "steps"),
    [(True, [b""]), (True, [answer(503), b""]), (False, [b""]), (False, [answer(503), b""])],
)
def test_only_what_changes_something_can_have_changed_it(
    read_only: bool, steps: list[Step], transport: Transport, time: FakeTime
) -> None:
    """A lost response makes a write ambiguous, but not a read."""
    with ScriptedServer(*steps) as server:
        error = outcome(transport, time, a_request(server.url, method="PUT", read_only=read_only))
    assert isinstance(error, AnswerLostError)
    assert error.ambiguous is not read_only
    assert len(server.requests) == 4


@pytest.mark.parametrize("make", [a_request, a_post])
def test_no_connection(make: Callable[[str], Request], transport: Transport, time: FakeTime) -> None:
    """Without a connection nothing was sent, so even a POST is tried 4 times. The error names the host."""
    port = closed_port()
    error = outcome(transport, time, make(f"http://127.0.0.1:{port}/secret-path"))
    assert isinstance(error, ConnectionFailedError)
    assert str(error) == f"trying failed: no connection could be made (127.0.0.1:{port})"
    assert (error.ambiguous, time.slept) == (False, [0.25, 0.5, 1.0])


@pytest.mark.parametrize("credentials", ["Bearer t0ken\nX: y", "Bearer t0ken\r", "Bearer t0ken-\N{SNOWMAN}"])
def test_credentials_that_no_header_can_hold(credentials: str, transport: Transport, time: FakeTime) -> None:
    """Credentials that a header cannot contain are not sent, and the error does not quote them."""
    with ScriptedServer(OK) as server, pytest.raises(ConnectionFailedError) as refused:
        transport.send(a_post(server.url), credentials, time.deadline())
    assert "the URL or the credentials contain characters that cannot be sent" in str(refused.value)
    assert "t0ken" not in str(refused.value)
    assert server.requests == []


def test_an_earlier_ambiguous_attempt_is_remembered(transport: Transport, time: FakeTime) -> None:
    """A write stays ambiguous after an ambiguous attempt, whatever the result of the last attempt."""
    with ScriptedServer(b"", answer(404)) as server:
        request = a_request(server.url, method="DELETE", read_only=False)
        response = transport.send(request, "Bearer t", time.deadline())
    assert (response.status, response.ambiguous) == (404, True)


def test_a_lost_answer_is_remembered_when_the_server_goes_away(transport: Transport, time: FakeTime) -> None:
    """A lost response stays ambiguous if the last attempt cannot connect."""
    with ExitStack() as stack:
        server = stack.enter_context(ScriptedServer(b""))
        object.__setattr__(time.clock, "sleep", lambda _: stack.close())
        error = outcome(transport, time, a_request(server.url, method="PUT", read_only=False))
    assert isinstance(error, AnswerLostError)
    assert error.ambiguous
    assert str(error).startswith("trying failed: no connection could be made")


def test_no_answer_in_time(transport: Transport, time: FakeTime) -> None:
    """A response that does not arrive within a third of the operation's time is lost."""
    with ScriptedServer(hang) as server:
        error = outcome(transport, time, a_post(server.url), seconds=0.3)
    assert isinstance(error, AnswerLostError)
    assert str(error) == "trying failed: no response within 0.1 seconds"


@pytest.mark.parametrize("status", [200, 302])
def test_a_flood_is_cut(status: int, transport: Transport, time: FakeTime) -> None:
    """Reading stops after 4 MiB of a body, with every status."""

    def flood_with_status(connection: Any) -> None:
        connection.sendall(f"HTTP/1.1 {status} Status\r\nLocation: /\r\n".encode())
        connection.sendall(b"Content-Length: 99999999999\r\n\r\n")
        for _ in range(40):
            connection.sendall(b"x" * 1_000_000)
        server_finished.append(True)

    server_finished: list[bool] = []
    with ScriptedServer(flood_with_status) as server:
        assert isinstance(outcome(transport, time, a_post(server.url)), AnswerLostError)
    assert not server_finished


def test_a_body_without_a_length_is_cut(transport: Transport, time: FakeTime) -> None:
    """A body that never ends is cut too, and the error says why."""
    with ScriptedServer(flood) as server:
        error = outcome(transport, time, a_post(server.url))
    assert isinstance(error, AnswerLostError)
    assert (str(error), error.ambiguous) == ("trying failed: the response is larger than 4 MiB", True)


@pytest.mark.parametrize(("length", "whole"), [(4 * 1024 * 1024, True), (4 * 1024 * 1024 + 1, False)])
def test_the_largest_body(length: int, whole: bool, transport: Transport, time: FakeTime) -> None:
    """A body of exactly 4 MiB is read. A body with one more byte is not."""
    with ScriptedServer(answer(200, b'"' + b"x" * (length - 2) + b'"')) as server:
        got = outcome(transport, time, a_post(server.url))
    assert got == 200 if whole else isinstance(got, AnswerLostError)


@pytest.mark.parametrize("location", ["/elsewhere", "http://127.0.0.1:1/elsewhere", "http://[::1/", ""])
def test_a_redirect_is_not_followed(location: str, transport: Transport, time: FakeTime) -> None:
    """A redirect is returned, never followed, because it would send the secret to another host."""
    with ScriptedServer(answer(307, b"body", location=location)) as server:
        response = transport.send(a_post(server.url), "Bearer t", time.deadline())
    assert (response.status, response.body, len(server.requests)) == (307, b"body", 1)


def test_what_is_sent(
    transport: Transport, time: FakeTime, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """A request has one Authorization header (none from ~/.netrc), our User-Agent, and JSON."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with ScriptedServer(OK) as server:
        transport.send(a_post(f"{server.url}/v1?x=1"), "Bearer t0ken", time.deadline())
    request = server.requests[0]
    assert (request.method, request.path) == ("POST", "/v1?x=1")
    assert request.header("authorization") == ["Bearer t0ken"]
    assert request.header("user-agent")[0].startswith("pulumi-sinch/")
    assert request.header("accept") == ["application/json"]
    assert request.header("content-type") == ["application/json"]
    assert json.loads(request.body) == {"secret": "s3cret"}


def test_each_host_has_the_proxy_that_the_environment_names(
    transport: Transport, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy of the environment is used for every request, except for hosts in `NO_PROXY`."""
    with ScriptedServer(OK) as server:
        monkeypatch.setenv("http_proxy", server.url)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        for url in ("http://sinch.invalid/far", f"{server.url}/near") * 2:
            transport.send(a_request(url), "Bearer t", time.deadline())
    assert [request.path for request in server.requests] == ["http://sinch.invalid/far", "/near"] * 2


def test_an_operation_that_is_over_sends_nothing(transport: Transport, time: FakeTime) -> None:
    """After the deadline nothing is sent, and the error says so."""
    deadline = time.deadline(30)
    time.now += 30
    with (
        ScriptedServer(OK) as server,
        pytest.raises(DeadlineExceededError, match="the timeout of 30 seconds is over"),
    ):
        transport.send(a_request(server.url), "Bearer t", deadline)
    assert server.requests == []


def test_no_attempt_starts_after_the_deadline(transport: Transport, time: FakeTime) -> None:
    """A wait that would exceed the deadline is not started, and the last response is the outcome."""
    with ScriptedServer(answer(503, retry_after="8")) as server:
        assert outcome(transport, time, a_request(server.url), seconds=20) == 503
    assert (len(server.requests), time.slept) == (3, [8.0, 8.0])
    with ScriptedServer(answer(503, retry_after="8")) as server:
        assert outcome(transport, time, a_request(server.url), seconds=16) == 503
    assert (len(server.requests), time.slept) == (2, [8.0, 8.0, 8.0])


def test_oversleeping_ends_the_operation(transport: Transport, time: FakeTime) -> None:
    """If the machine wakes up after the deadline, the last response is the outcome."""
    asleep = time.clock.sleep
    object.__setattr__(time.clock, "sleep", lambda seconds: asleep(seconds + 100))
    with ScriptedServer(answer(503)) as server:
        assert outcome(transport, time, a_request(server.url)) == 503
    assert len(server.requests) == 1
