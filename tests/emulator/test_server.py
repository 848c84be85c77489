"""Connections, concurrency, start and stop."""

import http.client
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pulumi_sinch.emulator
import pytest
import requests
from loopback import lasting_port
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.urls import is_loopback_authority


def connect(emulator: Emulator) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(urlsplit(emulator.url).netloc, timeout=10)


def raw(emulator: Emulator, request: bytes) -> bytes:
    parts = urlsplit(emulator.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=10) as sock:
        sock.sendall(request)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))


def test_it_comes_back_on_the_same_port_with_the_same_webhooks() -> None:
    """A stopped emulator can start again on the same port with the same webhooks."""
    emulator = Emulator(port=lasting_port())
    with pytest.raises(RuntimeError, match="before it is started"):
        _ = Emulator().url
    with emulator:
        url = emulator.url
        webhook = emulator.create_webhook("https://a.example")
        emulator.stop()
        emulator.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)
        emulator.start()
        emulator.start()
        assert (emulator.url, emulator.webhooks()) == (url, [webhook])
        auth = (emulator.key_id, emulator.key_secret)
        item = f"{url}/v1/projects/{emulator.project_id}/webhooks/{webhook.id}"
        assert requests.get(item, auth=auth, timeout=10).status_code == 200
        emulator.stop()
        emulator.start()
        assert requests.get(item, auth=auth, timeout=10).status_code == 200
        assert emulator.journal.connections == 2


def test_a_taken_port_is_an_os_error(sinch_emulator: Emulator) -> None:
    """A port in use raises OSError."""
    port = urlsplit(sinch_emulator.url).port or 0
    with pytest.raises(OSError, match="in use"):
        Emulator(port=port).start()


def test_stopping_does_not_wait_for_open_connections() -> None:
    """A stop closes idle connections and does not wait for them."""
    with Emulator() as emulator:
        connection = connect(emulator)
        connection.request("GET", "/v1/x")
        connection.getresponse().read()
        began = time.monotonic()
    assert time.monotonic() - began < 10
    assert connection.sock.recv(1) == b""
    connection.close()


def test_ipv6_loopback_has_brackets_in_its_url() -> None:
    """An IPv6 address is in brackets in the URL."""
    try:
        emulator = Emulator(host="::1")
        emulator.start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with emulator:
        assert emulator.url.startswith("http://[::1]:")
        assert requests.get(f"{emulator.url}/v1/x", timeout=10).status_code == 404


def test_the_environment_points_at_it(sinch_emulator: Emulator) -> None:
    """The environment has the provider's variables with key and address of the emulator."""
    assert sinch_emulator.environment == {
        "SINCH_PROJECT_ID": sinch_emulator.project_id,
        "SINCH_KEY_ID": sinch_emulator.key_id,
        "SINCH_KEY_SECRET": sinch_emulator.key_secret,
        "SINCH_API_URL": sinch_emulator.url,
        "SINCH_AUTH_URL": sinch_emulator.url,
    }


def test_a_chunked_body_is_read_whole(sinch_emulator: Emulator) -> None:
    """A chunked body is read, and the next request on the connection works."""
    connection = connect(sinch_emulator)
    path = f"/v1/projects/{sinch_emulator.project_id}/webhooks"
    for _ in range(2):
        connection.request(
            "POST",
            path,
            iter([b'{"secret":', b'"x"}']),
            encode_chunked=True,
            headers={"Transfer-Encoding": "chunked"},
        )
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 401
    connection.close()
    assert [entry.body for entry in sinch_emulator.journal.entries()] == [{"secret": "[secret]"}] * 2
    assert sinch_emulator.journal.connections == 1


def test_a_client_that_waits_for_leave_gets_it(sinch_emulator: Emulator) -> None:
    """Expect: 100-continue gets a response before the body is sent."""
    parts = urlsplit(sinch_emulator.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=10) as sock:
        sock.sendall(
            b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        )
        assert sock.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"{}")
        assert sock.recv(65536).startswith(b"HTTP/1.1 404 ")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8:80", True),
        ("localhost:4010", True),
        ("[::1]:4010", True),
        ("[::ffff:127.0.0.1]", True),
        ("0.0.0.0", False),
        ("[::]", False),
        ("192.0.2.1", False),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_what_counts_as_this_machine(host: str, loopback: bool) -> None:
    """Loopback addresses and localhost count as this machine, with or without a port."""
    assert is_loopback_authority(host) is loopback


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: x",
        b"Content-Length: -1",
        b"Content-Length: 99999999",
        b"Transfer-Encoding: chunked",
    ],
)
def test_a_body_of_unknown_length_is_refused(sinch_emulator: Emulator, headers: bytes) -> None:
    """A request that cannot be read is 400, and its connection is closed."""
    answer = raw(sinch_emulator, b"POST /v1/x HTTP/1.1\r\nHost: x\r\n" + headers + b"\r\n\r\nzz")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert sinch_emulator.journal.count() == 0


@pytest.mark.parametrize(
    "request_", [b"\r\n\r\n", b"x\r\n\r\n", b"\x00\xff\r\n\r\n", b"GET / HTTP/9\r\n\r\n"]
)
def test_noise_does_not_disturb_it(sinch_emulator: Emulator, request_: bytes) -> None:
    """Data that is not HTTP does not disturb other clients."""
    assert b" 200 " not in raw(sinch_emulator, request_)
    assert requests.get(f"{sinch_emulator.url}/v1/x", timeout=10).status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/projects", "/v1//projects/x/webhooks", "/v2/x", "/oauth2/token/"]
)
def test_other_paths_are_a_page_not_an_api_error(sinch_emulator: Emulator, path: str) -> None:
    """An unknown path is a gateway's 404, never webhook_not_found."""
    answer = requests.get(sinch_emulator.url + path, timeout=10, allow_redirects=False)
    assert answer.status_code == 404
    assert "webhook_not_found" not in answer.text


def test_no_write_of_eight_clients_is_lost(sinch_emulator: Emulator) -> None:
    """With eight concurrent clients, quota and unique targets hold, and every success is stored."""
    url = f"{sinch_emulator.url}/v1/projects/{sinch_emulator.project_id}/webhooks"
    start = threading.Barrier(8)

    def work(client: int) -> list[str]:
        created = []
        with requests.Session() as session:
            session.auth = (sinch_emulator.key_id, sinch_emulator.key_secret)
            start.wait(10)
            for number in range(10):
                target = f"https://{number if number % 2 else f'{client}-{number}'}.example"
                body = {"target": target, "triggers": ["ALL"], "secret": f"{client}"}
                answer = session.post(url, json=body, timeout=10)
                assert answer.status_code in {201, 409, 424}
                if answer.status_code == 201:
                    created.append(answer.json()["id"])
                if len(created) > 2:
                    assert session.delete(f"{url}/{created.pop(0)}", timeout=10).status_code == 204
        return created

    with ThreadPoolExecutor(8) as clients:
        kept = [webhook_id for ids in clients.map(work, range(8)) for webhook_id in ids]
    stored = sinch_emulator.webhooks()
    assert sorted(webhook.id for webhook in stored) == sorted(kept)
    assert len({webhook.target for webhook in stored}) == len(stored) <= 15


def test_a_head_has_no_body(sinch_emulator: Emulator) -> None:
    """A HEAD response has the length but no body, and the next request on the connection works."""
    connection = connect(sinch_emulator)
    for method, length in (("HEAD", 0), ("GET", None)):
        connection.request(method, "/")
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200
        assert len(body) == int(answer.headers["Content-Length"]) if length is None else body == b""
    connection.close()


def test_only_the_emulator_is_loaded_late() -> None:
    """An unknown name of the package raises an AttributeError."""
    with pytest.raises(AttributeError, match="has no attribute 'Emulators'"):
        getattr(pulumi_sinch.emulator, "Emulators")  # noqa: B009 - mypy knows that there is none


@pytest.mark.parametrize(
    ("missing", "told"),
    [("flask", "pip install 'pulumi-sinch[tools]'"), ("selectors", "import of selectors")],
)
def test_a_module_that_is_missing_is_named(missing: str, told: str) -> None:
    """A missing module of the extra `tools` is named with the install command. Other errors are unchanged."""
    program = f"import sys; sys.modules[{missing!r}] = None; from pulumi_sinch.emulator import Emulator"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: ")
    assert told in last
