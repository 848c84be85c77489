"""An attempt ends in time in every phase, and a cancelled attempt sends nothing."""

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent import futures
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from pulumi_sinch.api import transport as transport_module
from pulumi_sinch.api.attempt import Attempt, AttemptAdapter, AttemptTimeoutError
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError, SinchError
from pulumi_sinch.api.http_messages import Request
from pulumi_sinch.api.transport import Transport
from tunnel import Fault, Tunnel
from unit.fakes import FakeTime, ScriptedServer, Step, answer, hang, in_threads, trickle

if TYPE_CHECKING:
    from typing_extensions import Self

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
TRICKLES = {
    "status line": trickle(b"HTTP/1.1 200 ", b"O"),
    "header line": trickle(HEAD + b"X: ", b"x"),
    "headers": trickle(HEAD, b"X: x\r\n"),
    "100 Continue": trickle(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "103 Early Hints": trickle(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "chunk size": trickle(CHUNKED, b"0"),
    "chunk extension": trickle(CHUNKED + b"1;", b"x"),
    "chunks": trickle(CHUNKED, b"1\r\n \r\n"),
    "trailers": trickle(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X: x\r\n"),
    "body": trickle(HEAD + b"Content-Length: 99999\r\n\r\n", b" "),
    "body without a length": trickle(HEAD + b"Connection: close\r\n\r\n", b" "),
}
ATTEMPT = 0.6
"""Timeout in seconds of an attempt. A busy machine needs most of it to connect."""
SOON = 5.0
"""Maximum seconds. Less than the waits of the tests without a timeout, and more than a busy machine needs."""


def post(url: str, *, attempt: float = ATTEMPT) -> Any:
    """Send a POST whose attempts take at most `attempt` seconds. Return the status or the error."""
    fake = FakeTime()
    request = Request("trying", "POST", url, idempotent=False, json={"secret": "s3cret"})
    with closing(Transport(fake.clock)) as transport:
        try:
            return transport.send(request, "Bearer t0ken", fake.deadline(3 * attempt)).status
        except SinchError as error:
            return error


@pytest.fixture(autouse=True)
def _threads_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if a thread of an abandoned attempt is still running after the test."""
    yield
    for thread in abandoned_threads():
        thread.join(SOON)
        assert not thread.is_alive(), request.node.name


def abandoned_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "pulumi-sinch attempt"]


@pytest.fixture
def resolution(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Make each name resolution hang until the event is set."""
    answered, resolve = threading.Event(), socket.getaddrinfo

    def resolve_late(*arguments: Any, **options: Any) -> Any:
        assert answered.wait(20)
        return resolve(*arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_late)
    yield answered
    answered.set()
    for thread in abandoned_threads():
        thread.join(SOON)


@pytest.mark.parametrize("step", TRICKLES.values(), ids=TRICKLES.keys())
def test_a_trickled_response_ends_in_time(step: Step) -> None:
    """Bytes that keep arriving do not extend an attempt. The POST is ambiguous and not retried."""
    started = time.monotonic()
    with ScriptedServer(step) as server:
        error = post(server.url)
        assert len(server.requests) == 1
    assert isinstance(error, AnswerLostError)
    assert error.ambiguous
    assert str(error) == f"trying failed: no response within {ATTEMPT} seconds"
    assert time.monotonic() - started < SOON


def test_many_addresses_that_do_not_respond(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connect timeout applies to each address, and the timeout of the attempt to all of them."""
    tried: list[Any] = []

    def resolve(_host: str, port: int, *_: Any) -> Any:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{last}", port)) for last in range(1, 11)
        ]

    def connect(_: socket.socket, address: Any) -> None:
        tried.append(address)
        time.sleep(0.3)
        raise TimeoutError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket.socket, "connect", connect)
    started = time.monotonic()
    error = post("http://sinch.test/v1")
    assert isinstance(error, ConnectionFailedError)
    assert str(error) == "trying failed: no connection could be made in time (sinch.test)"
    assert time.monotonic() - started < SOON
    assert len(tried) > 4


def test_a_name_resolution_that_finishes_late(resolution: threading.Event) -> None:
    """If the name is resolved too late, the POST counts as not sent, and no attempt sends anything."""
    received: list[bytes] = []

    def record(connection: socket.socket) -> None:
        received.append(connection.recv(1))

    with RawServer(record) as server:
        error = post(server.url)
        resolution.set()
        for thread in abandoned_threads():
            thread.join(SOON)
        server.drain()
    assert isinstance(error, ConnectionFailedError)
    assert "no connection could be made in time" in str(error)
    assert set(received) <= {b""}


def test_a_proxy_whose_name_is_not_resolved_in_time(
    resolution: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the name of a proxy is not resolved in time, the error says that the proxy cannot be reached."""
    assert not resolution.is_set()
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("no_proxy", "")
    error = post("http://sinch.test/v1")
    assert isinstance(error, ConnectionFailedError)
    assert str(error) == "trying failed: the proxy cannot be reached (sinch.test)"


def test_a_connect_that_finishes_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """If a proxy opens the tunnel after the deadline, nothing is sent, not even a TLS handshake."""
    timed_out, received = threading.Event(), []

    def open_late(connection: socket.socket) -> None:
        while b"\r\n\r\n" not in connection.recv(65536):
            pass
        assert timed_out.wait(20)
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        received.append(connection.recv(65536))

    with RawServer(open_late) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        error = post("https://sinch.test/v1", attempt=1.5)
        timed_out.set()
        proxy.drain()
    assert isinstance(error, AnswerLostError)
    assert set(received) <= {b""}


@pytest.mark.parametrize("fault", ["hang CONNECT", "hang handshake"])
def test_a_tunnel_that_hangs_gets_the_time_of_the_attempt(
    fault: Fault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connect timeout ends when the proxy is connected, so the error names the time of the attempt."""
    monkeypatch.setattr(transport_module, "_CONNECT_TIMEOUT", 0.05)
    with ScriptedServer(answer(200, b"{}")) as server, Tunnel(server.url, tmp_path) as tunnel:
        for name, value in tunnel.network.items():
            monkeypatch.setenv(name, value)
        tunnel.faults.append(fault)
        started = time.monotonic()
        error = post(tunnel.url)
        took = time.monotonic() - started
        assert server.requests == []
    assert str(error) == f"trying failed: no response within {ATTEMPT} seconds"
    assert took >= ATTEMPT


def test_a_connection_through_a_tls_proxy_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With TLS inside TLS, a second request uses the same connection, and a hanging response ends in time."""

    def serve(connection: socket.socket) -> None:
        for _ in range(2):
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        hang(connection)

    fake = FakeTime()
    with RawServer(serve) as server, Tunnel(server.url, tmp_path) as tunnel:
        for name, value in tunnel.network.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("https_proxy", tunnel.tls_proxy_url)
        request = Request("trying", "POST", f"{tunnel.url}/v1", idempotent=False)
        with closing(Transport(fake.clock)) as transport:
            statuses = [transport.send(request, "Bearer t", fake.deadline()).status for _ in range(2)]
            with pytest.raises(AnswerLostError, match="no response within"):
                transport.send(request, "Bearer t", fake.deadline(3 * ATTEMPT))
        assert len(tunnel.connects) == 1
    assert statuses == [200, 200]


@pytest.mark.parametrize("phase", ["name resolution", "response"])
def test_fifty_abandoned_attempts_leave_room_for_others(
    phase: str, resolution: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    """After fifty abandoned attempts, the next request does not wait, and nothing is logged."""
    if phase == "response":
        resolution.set()
    fake = FakeTime()
    with closing(Transport(fake.clock)) as transport, RawServer(hang) as silent:
        request = Request("trying", "GET", silent.url, read_only=True)
        errors = in_threads(50, lambda: transport._attempt(request, "Bearer t", fake.deadline(3 * ATTEMPT)))
        assert {type(error) for error in errors} <= {AnswerLostError, ConnectionFailedError}
        resolution.set()
        with ScriptedServer(answer(200, b"{}")) as server:
            started = time.monotonic()
            response = transport.send(
                Request("trying", "GET", server.url, read_only=True), "Bearer t", fake.deadline()
            )
            assert time.monotonic() - started < SOON
    assert response.status == 200
    assert "pool is full" not in caplog.text


ABANDON = """
import socket, time
from pulumi_sinch.api.attempt import Attempt, AttemptTimeoutError
socket.getaddrinfo = lambda *_, **__: time.sleep(60)
for _ in range(50):
    try:
        Attempt(lambda: socket.create_connection(("sinch.test", 443))).run(0.001)
    except AttemptTimeoutError:
        continue
    raise SystemExit("not abandoned")
print("abandoned")
"""


def test_abandoned_attempts_do_not_delay_the_end_of_the_process() -> None:
    """A process with fifty hanging name resolutions exits at once."""
    ran = subprocess.run(
        [sys.executable, "-c", ABANDON], capture_output=True, text=True, timeout=30, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "abandoned\n", "")


def test_a_cancelled_attempt_sends_nothing_over_a_kept_connection() -> None:
    """A connection from an earlier attempt is not used after the cancellation."""
    received: list[bytes] = []

    def serve(connection: socket.socket) -> None:
        for _ in range(2):
            received.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    session, timed_out = requests.Session(), threading.Event()
    session.trust_env = False
    session.mount("http://", AttemptAdapter())
    with RawServer(serve) as server, session:
        assert Attempt(lambda: session.get(server.url).status_code).run(SOON) == 200
        attempt = Attempt(lambda: timed_out.wait(20) and session.get(server.url))
        with pytest.raises(AttemptTimeoutError):
            attempt.run(0.05)
        timed_out.set()
        server.drain()
    assert not attempt.connected
    assert [piece.split(b" ")[0] for piece in received if piece] == [b"GET"]


def test_an_interrupt_cancels_the_attempt(
    resolution: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If Ctrl-C interrupts an attempt while it connects, nothing is sent afterwards."""
    received: list[bytes] = []

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(futures, "wait", interrupt)
    with RawServer(lambda connection: received.append(connection.recv(1))) as server:
        with pytest.raises(KeyboardInterrupt):
            post(server.url)
        resolution.set()
        server.drain()
    assert set(received) <= {b""}


def test_an_error_of_the_exchange_reaches_the_caller() -> None:
    """`run` raises the exception that the exchange raised."""

    def fail() -> None:
        raise LookupError("a bug")

    with pytest.raises(LookupError, match="a bug"):
        Attempt(fail).run(SOON)


class RawServer:
    """Serves each connection in its own thread, without reading a request first."""

    def __init__(self, serve: Callable[[socket.socket], object]) -> None:
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self._threads: list[threading.Thread] = []
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._accepting = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "Self":
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(20)

    def drain(self) -> None:
        """Wait until all abandoned attempts have ended and all their connections were served."""
        for thread in [*abandoned_threads(), *self._threads]:
            thread.join(SOON)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._answer, args=(connection,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):  # the client disconnected
            self._serve(connection)
