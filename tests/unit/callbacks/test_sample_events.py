import io
import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from click.testing import CliRunner
from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.callbacks.sample_events import SAMPLE_PAYLOADS, DeliveryError, deliver, sample_event
from pulumi_sinch.callbacks.signature import SignatureMismatchError, verify_signature
from pulumi_sinch.cli import main
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from unit.fakes import ScriptedServer, answer, trickle

SECRET = "the-webhook's-secret"


class Receiver(ThreadingHTTPServer):
    """Records requests. Responds with the status in the path, such as ``/503``."""

    def __init__(self) -> None:
        """Listen on a free port of the loopback interface."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    def url(self, path: str = "/204") -> str:
        """Return the URL of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        """Record the request and respond."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        if self.path == "/garbage":
            self.wfile.write(b"no http at all\r\n\r\n")
            return
        self.send_response(int(self.path[1:4]))
        self.send_header("Location", "/200")
        body = b"Invalid \x1b[31msignature \xff the-webhook's-secret\nmore" if "text" in self.path else b""
        self.send_header("Content-Length", str(len(body) + 100 * ("cut" in self.path)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("trigger", [trigger for trigger in Trigger if trigger is not Trigger.ALL])
def test_sample_of_each_trigger(trigger: Trigger) -> None:
    """Each event has a sample with its type and a payload, and a comment if the event is about one."""
    event = sample_event(trigger)
    assert event["type"] == trigger.value
    assert event["payload"]["sample"] is True
    assert ("comment" in event) == trigger.value.endswith("COMMENT_ADDED")
    assert json.loads(json.dumps(event)) == event


def test_common_events_have_documented_fields() -> None:
    """Samples of common events have the documented fields, the values of the event, and no secrets."""
    active, inactive = (
        sample_event(f"WHATSAPP_SENDER_{state}")["payload"] for state in ("ACTIVE", "INACTIVE")
    )
    assert (active["state"], inactive["state"]) == ("ACTIVE", "INACTIVE")
    assert active.keys() == inactive.keys() > {"id", "phoneNumber", "qualityRating"}
    assert "bearerToken" not in active
    assert sample_event("RCS_SENDER_STATUS_UPDATED")["payload"].keys() == {"sample", "note"}


def test_the_data_file_names_its_sources() -> None:
    """Each documented payload names the page and version of Sinch's description and has a known trigger."""
    samples = json.loads(SAMPLE_PAYLOADS.read_text())
    for resource in samples["resources"].values():
        assert resource["source"].startswith("https://developers.sinch.com/docs/provisioning-api/")
        assert resource["version"].count(".") == 2
        assert resource["basis"]
    assert set(samples["events"]) <= set(Trigger)
    assert {event["resource"] for event in samples["events"].values()} == set(samples["resources"])


@pytest.mark.parametrize("trigger", ["ALL", Trigger.ALL, ""])
def test_all_is_no_event(trigger: str) -> None:
    """``ALL`` has no sample event, because no callback has this type."""
    with pytest.raises(ValueError, match="ALL is not an event"):
        sample_event(trigger)


def test_delivered_callbacks_verify(receiver: Receiver) -> None:
    """A delivered callback verifies with the webhook's secret only."""
    event = sample_event("BUNDLE_DONE") | {"payload": {"name": "é"}}
    assert deliver(receiver.url(), event, SECRET, timestamp=1000) == 204
    [(_, headers, body)] = receiver.got
    assert json.loads(body) == event
    assert headers["Content-Type"] == "application/json"
    assert verify_signature(body, headers, ["newer", SECRET], clock=lambda: 1000) == 1
    with pytest.raises(SignatureMismatchError):
        verify_signature(body, headers, "another", clock=lambda: 1000)


def test_one_attempt_without_redirects(receiver: Receiver) -> None:
    """A redirect or an error status is returned after one request."""
    assert deliver(receiver.url("/302"), sample_event("BUNDLE_DONE"), SECRET) == 302
    assert deliver(receiver.url("/503"), sample_event("BUNDLE_DONE"), SECRET) == 503
    assert len(receiver.got) == 2


def test_nothing_else_is_sent(receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials in a .netrc file are not sent. Credentials in the target are."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with requests.Session() as session:
        deliver(receiver.url(), sample_event("BUNDLE_DONE"), SECRET, session=session)
        deliver(receiver.url().replace("//", "//u:p@"), sample_event("BUNDLE_DONE"), SECRET, session=session)
    assert "Authorization" not in receiver.got[0][1]
    assert receiver.got[1][1]["Authorization"] == "Basic dTpw"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://h.example/?token=t0ken", "ftp://h.example/?… is not an http or https URL"),
        ("h.example/?token=t0ken", "is not an http"),
        ("", "an empty target is not an http"),
        ("http://[::1/?token=t0ken", "is not an http"),
        (
            "http://127.0.0.1:99999/?token=t0ken",
            "the event could not be delivered to http://127.0.0.1:99999/?…",
        ),
    ],
)
def test_unusable_targets(url: str, text: str) -> None:
    """An unusable target is an error without the private parts of the target."""
    with pytest.raises(DeliveryError) as caught:
        deliver(url, sample_event("BUNDLE_DONE"), SECRET)
    assert text in str(caught.value)
    assert "t0ken" not in str(caught.value)
    assert SECRET not in str(caught.value)


def test_no_receiver() -> None:
    """A closed port is an error with a sentence, not a traceback of the HTTP client."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/a?token=t0ken"
        with pytest.raises(DeliveryError, match="no connection to http://127") as caught:
            deliver(url, sample_event("BUNDLE_DONE"), SECRET)
    assert "t0ken" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_receiver_that_never_answers() -> None:
    """A delivery ends if the receiver never responds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(DeliveryError, match=r"did not respond within 0.05 s"):
            deliver(url, sample_event("BUNDLE_DONE"), SECRET, timeout=(1, 0.05))


@pytest.mark.parametrize("piece", [b"X: x\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
def test_a_receiver_whose_answer_never_ends(piece: bytes) -> None:
    """A receiver that responds byte by byte does not extend the time."""
    start = b"HTTP/1.1 200 OK\r\n" if piece.startswith(b"X") else b""
    with (
        ScriptedServer(trickle(start, piece)) as server,
        pytest.raises(DeliveryError, match=r"did not respond within 0.8 s"),
    ):
        deliver(server.url, sample_event("BUNDLE_DONE"), SECRET, timeout=(0.5, 0.3))


def test_an_interim_answer_is_not_the_status() -> None:
    """The status is that of the final response, not of an interim one."""
    early = b"HTTP/1.1 103 Early Hints\r\n\r\n"
    with ScriptedServer(early + answer(204)) as server:
        assert deliver(server.url, sample_event("BUNDLE_DONE"), SECRET) == 204


def test_an_answer_that_is_no_http(receiver: Receiver) -> None:
    """A response that is not HTTP is an error with a sentence."""
    with pytest.raises(DeliveryError):
        deliver(receiver.url("/garbage"), sample_event("BUNDLE_DONE"), SECRET)


def test_this_machine_is_reached_without_a_proxy(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries to this machine bypass proxies."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert deliver(receiver.url(), sample_event("BUNDLE_DONE"), SECRET) == 204


class ProxyRecorder(HTTPAdapter):
    """Sends nothing, and records the proxy of each request."""

    def __init__(self) -> None:
        """Start without recorded requests."""
        super().__init__()
        self.proxies: dict[str, str | None] = {}

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        """Record the proxy that requests would use."""
        assert request.url
        self.proxies[request.url] = select_proxy(request.url, options["proxies"])
        response = requests.Response()
        response.status_code = 204
        response.raw = io.BytesIO()
        return response


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy"])
def test_hosts_that_may_use_http_are_reached_without_a_proxy(
    variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hosts in SINCH_ALLOW_HTTP_HOSTS are reached without a proxy, like this machine. Others use it."""
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv(variable, "http://proxy.test:3128")
    monkeypatch.setenv("SINCH_ALLOW_HTTP_HOSTS", "receiver.test")
    recorder = ProxyRecorder()
    with requests.Session() as session:
        session.mount("http://", recorder)
        for host in ("127.0.0.1", "localhost", "[::1]", "receiver.test", "other.test"):
            deliver(f"http://{host}:8000/", sample_event("BUNDLE_DONE"), SECRET, session=session)
    assert recorder.proxies == {
        "http://127.0.0.1:8000/": None,
        "http://localhost:8000/": None,
        "http://[::1]:8000/": None,
        "http://receiver.test:8000/": None,
        "http://other.test:8000/": "http://proxy.test:3128",
    }


def test_no_secret(receiver: Receiver) -> None:
    """An event is not sent without a secret."""
    with pytest.raises(SettingsError):
        deliver(receiver.url(), sample_event("BUNDLE_DONE"), "")
    assert receiver.got == []


def run(*arguments: str, env: dict[str, str] | None = None, given: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(
        main, ["send-event", *arguments], env={"SINCH_WEBHOOK_SECRET": SECRET, **(env or {})}, input=given
    )
    assert SECRET not in result.output
    return result.exit_code, result.output


def test_command(receiver: Receiver) -> None:
    """`send-event` signs with the secret in the given environment variable."""
    status, text = run(
        *("--to", receiver.url(), "--type", "BUNDLE_DONE", "--secret-env", "OTHER"),
        env={"OTHER": "other-secret"},
    )
    assert (status, text) == (0, "BUNDLE_DONE: the receiver responded with 204.\n")
    [(_, headers, body)] = receiver.got
    assert verify_signature(body, headers, "other-secret") == 0


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/401", "current secret?"),
        ("/302", "Redirects are not followed"),
        ("/500", "Sinch sends a callback again"),
    ],
)
def test_command_says_what_a_refusal_means(receiver: Receiver, path: str, text: str) -> None:
    """A status other than 2xx exits with status 1 and prints advice."""
    status, said = run("--to", receiver.url(path), "--type", "BUNDLE_DONE")
    assert status == 1
    assert text in said


def test_command_with_a_payload(receiver: Receiver) -> None:
    """A given payload replaces the sample, and an unknown trigger is sent with a warning."""
    status, text = run("--to", receiver.url(), "--type", "NEW_EVENT", "--payload", "-", given='{"id": 7}')
    assert status == 0
    assert "does not know the trigger NEW_EVENT" in text
    assert json.loads(receiver.got[0][2]) == {"type": "NEW_EVENT", "payload": {"id": 7}}


@pytest.mark.parametrize(
    ("arguments", "env", "text"),
    [
        (["--type", "BUNDLE_DONE"], {"SINCH_WEBHOOK_SECRET": ""}, "SINCH_WEBHOOK_SECRET is not set"),
        (["--type", "ALL"], {}, "ALL is not an event"),
        (["--type", "BUNDLE_DONE", "--payload", "-"], {}, "Error: "),
        ([], {}, "Missing option '--type'"),
    ],
)
def test_command_mistakes(receiver: Receiver, arguments: list[str], env: dict[str, str], text: str) -> None:
    """A mistake is reported in a sentence with an exit status other than 0, and nothing is sent."""
    status, said = run("--to", receiver.url(), *arguments, env=env, given="{not json")
    assert status != 0
    assert text in said
    assert "Traceback" not in said
    assert receiver.got == []


@pytest.mark.parametrize("path", ["/401/text", "/401/text-that-is-cut"])
def test_command_shows_the_first_line_of_the_receiver(receiver: Receiver, path: str) -> None:
    """The first line of the response is printed without the secret, even if the response is incomplete."""
    status, text = run("--to", receiver.url(path), "--type", "BUNDLE_DONE")
    assert status == 1
    assert text.startswith(
        "BUNDLE_DONE: the receiver responded with 401: Invalid  [31msignature � [hidden]\n"
    )


def test_command_names_a_payload_that_is_no_json(receiver: Receiver, tmp_path: Path) -> None:
    """A payload that is not JSON is named, and nothing is sent."""
    file = tmp_path / "payload.json"
    file.write_text("{'id': 7}")
    status, text = run("--to", receiver.url(), "--type", "BUNDLE_DONE", "--payload", str(file))
    assert status == 1
    assert f"Error: {file} is not a JSON file: Expecting property name" in text
    assert receiver.got == []


def test_command_suggests_a_trigger(receiver: Receiver) -> None:
    """A trigger that resembles a known one is sent with a suggestion."""
    _, text = run("--to", receiver.url(), "--type", "WHATSAPP_SENDER_ACTIV")
    assert (
        "Note: this release does not know the trigger WHATSAPP_SENDER_ACTIV. Did you mean "
        "WHATSAPP_SENDER_ACTIVE?" in text
    )
