"""A POST behind a proxy counts as not sent only if that is certain."""

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError
from pulumi_sinch.api.http_messages import Request, Response
from pulumi_sinch.api.transport import Transport
from tunnel import Fault, Tunnel
from unit.fakes import FakeTime, ScriptedServer, Step, answer, closed_port, hang

OK = answer(201, b"{}")
HEAD = b"HTTP/1.1 201 Created\r\n"
BROKEN = "trying failed: the connection broke before the response was complete"
TOO_LATE = "trying failed: no response within 0.5 seconds"
PROXIES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
BYPASSES = ("NO_PROXY", "no_proxy")


@pytest.fixture(autouse=True)
def _no_other_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROXIES, *BYPASSES):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer(OK) as server:
        yield server


@pytest.fixture
def tunnel(server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnel]:
    with Tunnel(server.url, tmp_path) as tunnel:
        for name, value in tunnel.network.items():
            monkeypatch.setenv(name, value)
        yield tunnel


def post(url: str, *, seconds: float = 30.0, read_only: bool = False) -> tuple[Any, int]:
    """Send a POST. Return its response or error, and the number of attempts."""
    time = FakeTime()
    request = Request("trying", "POST", url, idempotent=False, read_only=read_only, json={"secret": "s3cret"})
    with closing(Transport(time.clock)) as transport:
        try:
            outcome: Any = transport.send(request, "Bearer t0ken", time.deadline(seconds))
        except (AnswerLostError, ConnectionFailedError) as error:
            outcome = error
    return outcome, len(time.slept) + 1


def assert_not_sent(outcome: Any, tries: int, reason: str) -> None:
    assert isinstance(outcome, ConnectionFailedError), outcome
    assert str(outcome) == f"trying failed: {reason} (sinch.test)"
    assert not outcome.ambiguous
    assert tries == 4


def assert_ambiguous(outcome: Any, tries: int, text: str) -> None:
    assert isinstance(outcome, AnswerLostError), outcome
    assert str(outcome) == text
    assert outcome.ambiguous
    assert tries == 1


def test_a_request_through_the_tunnel(tunnel: Tunnel, server: ScriptedServer) -> None:
    """Sinch gets the request, and the proxy gets only the host name."""
    outcome, tries = post(f"{tunnel.url}/v1")
    assert (outcome.status, tries) == (201, 1)
    assert tunnel.connects == ["sinch.test:443"]
    assert [request.path for request in server.requests] == ["/v1"]


@pytest.mark.parametrize("status", [204, 302, 403, 407, 502, 503])
def test_a_proxy_that_refuses_the_tunnel(status: int, tunnel: Tunnel, server: ScriptedServer) -> None:
    """If the proxy rejects the tunnel, the POST is tried 4 times, and the error has the proxy's status."""
    tunnel.faults.extend([status] * 4)
    assert_not_sent(*post(tunnel.url), f"the proxy refused the connection with HTTP {status}")
    assert server.requests == []


def test_a_proxy_that_refuses_the_tunnel_once(tunnel: Tunnel, server: ScriptedServer) -> None:
    """A POST after one rejected tunnel succeeds and is not ambiguous."""
    tunnel.faults.append(502)
    outcome, tries = post(tunnel.url)
    assert (outcome.status, outcome.ambiguous, tries) == (201, False, 2)
    assert len(server.requests) == 1


def test_a_proxy_that_is_not_there(tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the proxy does not exist, nothing was sent, and the error does not contain its password."""
    monkeypatch.setenv("https_proxy", f"http://user:pr0xy-word@127.0.0.1:{closed_port()}")
    assert_not_sent(*post(tunnel.url), "the proxy cannot be reached")


def test_a_proxy_that_does_not_accept_connections(tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the connection to the proxy times out, nothing was sent."""

    def time_out(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket.socket, "connect", time_out)
    assert_not_sent(*post(tunnel.url), "the proxy cannot be reached")


def test_a_proxy_with_an_unknown_name(tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the name of the proxy is not resolved, nothing was sent."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert_not_sent(*post(tunnel.url), "the proxy cannot be reached")


def test_an_untrusted_server_behind_the_proxy(tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the server behind the proxy has an untrusted certificate, nothing was sent."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert_not_sent(*post(tunnel.url), "the server's TLS certificate is not trusted")


def test_an_untrusted_proxy(tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error about the certificate of a TLS proxy names the proxy, not Sinch."""
    monkeypatch.setenv("https_proxy", f"https://127.0.0.1:{tunnel.tls_port}")
    assert_not_sent(*post(tunnel.url), "the proxy's TLS certificate is not trusted")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("cut CONNECT", BROKEN),
        ("garble CONNECT", BROKEN),
        ("cut handshake", BROKEN),
        ("garble handshake", BROKEN),
        ("hang CONNECT", TOO_LATE),
        ("hang handshake", TOO_LATE),
    ],
)
def test_a_tunnel_that_breaks_while_it_is_made(fault: Fault, text: str, tunnel: Tunnel) -> None:
    """If the tunnel breaks while it is opened, the POST is ambiguous."""
    tunnel.faults.append(fault)
    assert_ambiguous(*post(tunnel.url, seconds=1.5), text)


@pytest.mark.parametrize(
    ("step", "text"),
    [
        (b"", BROKEN),
        (HEAD + b"Content-Length: 20\r\n\r\n{}", BROKEN),
        (b"hello\r\n\r\n", BROKEN),
        (hang, TOO_LATE),
    ],
    ids=["no response", "truncated body", "no HTTP", "hanging"],
)
def test_a_response_that_is_lost_behind_the_tunnel(
    step: Step, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A POST whose response is lost behind the tunnel is not sent again."""
    with ScriptedServer(step) as server, Tunnel(server.url, tmp_path) as lossy:
        for name, value in lossy.network.items():
            monkeypatch.setenv(name, value)
        assert_ambiguous(*post(lossy.url, seconds=1.5), text)
        assert len(server.requests) == 1


def test_a_response_that_tls_cannot_decrypt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A TLS error in the response makes the POST ambiguous."""

    def garbled(connection: socket.socket) -> None:
        lossy.garbles = True
        connection.sendall(OK)

    with ScriptedServer(garbled) as server, Tunnel(server.url, tmp_path) as lossy:
        for name, value in lossy.network.items():
            monkeypatch.setenv(name, value)
        assert_ambiguous(*post(lossy.url), BROKEN)
        assert len(server.requests) == 1


def test_a_read_whose_response_is_lost_leaves_nothing_open(tunnel: Tunnel, server: ScriptedServer) -> None:
    """A read-only request, such as a token request, is never ambiguous."""
    tunnel.faults.append("cut handshake")
    outcome, _ = post(tunnel.url, read_only=True)
    assert isinstance(outcome, AnswerLostError)
    assert not outcome.ambiguous
    assert server.requests == []


@pytest.mark.parametrize(
    ("step", "lost"), [(b"", True), (answer(502), False), (answer(503), False)], ids=["reset", "502", "503"]
)
def test_a_proxy_that_forwards_plain_http(step: Step, lost: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a tunnel, a reset or a 5xx of the proxy makes the POST ambiguous."""
    with ScriptedServer(step) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        outcome, tries = post("http://sinch.test/v1")
        assert len(proxy.requests) == 1
    if lost:
        assert_ambiguous(outcome, tries, BROKEN)
    else:
        assert isinstance(outcome, Response)
        assert outcome.ambiguous
