"""The CLI connects to nothing but Sinch."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from e2e.harness import Stack

PROGRAM = 'SinchWebhook("senders", target="https://hooks.example.com/", triggers=[Trigger.ALL])\n'
TWELVE = """
for number in range(12):
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=["ALL"])
"""


@dataclass
class Proxy:
    """A proxy that rejects every request and records its first line, such as ``CONNECT github.com:443``."""

    url: str
    requests: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that send every request through the proxy, except requests to this machine."""
        proxied = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), self.url)
        both = {**proxied, "NO_PROXY": "127.0.0.1,localhost"}
        return {**both, **{name.lower(): value for name, value in both.items()}}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    class Handler(BaseHTTPRequestHandler):  # without methods, so each request gets a 501
        timeout = 10

        def log_request(self, *_: object) -> None:
            recording.requests.append(self.requestline)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        recording = Proxy(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield recording
        server.shutdown()
        thread.join()


def test_pulumi_downloads_nothing_and_waits_for_the_rate_limit(stack: Stack, proxy: Proxy) -> None:
    """`up` with its preview and `destroy` send no request to other hosts through the proxy.

    Beyond the rate limit, `up` waits as long as Sinch asks for it, and creates all webhooks.
    """
    stack.environment |= proxy.environment
    stack.write(TWELVE)
    stack.emulator.limit_rate(per_project=4, burst=4)
    stack.pulumi("up", "--yes")  # with a preview
    assert len(stack.emulator.webhooks()) == 12
    assert "POST 429" in stack.calls()
    stack.emulator.limit_rate()
    stack.destroy()
    assert stack.emulator.webhooks() == []
    assert proxy.requests == []


def test_pulumi_needs_no_plugin_of_ours(stack: Stack) -> None:
    """`pulumi plugin ls --project` and `pulumi about` list no plugin `sinch`."""
    stack.write(PROGRAM)
    listed = json.loads(stack.pulumi("plugin", "ls", "--project", "--json").stdout)
    about = json.loads(stack.pulumi("about", "--json").stdout)
    assert "sinch" not in {plugin["name"] for plugin in [*listed, *(about["plugins"] or [])]}


def test_a_wrong_certificate_path_is_one_sentence(stack: Stack) -> None:
    """`up` names the variable, without a traceback."""
    stack.environment |= {
        "SINCH_API_URL": "https://sinch.test",
        "SINCH_AUTH_URL": "https://sinch.test",
        "REQUESTS_CA_BUNDLE": "/wrong/certificates.pem",
    }
    stack.write(PROGRAM)
    failed = stack.up(fails=True).output
    assert "REQUESTS_CA_BUNDLE names a file that does not exist: /wrong/certificates.pem" in failed
    assert "Nothing was sent to Sinch." in failed
    assert "Traceback" not in failed


def test_a_local_sinch_is_not_reached_through_a_proxy(stack: Stack, proxy: Proxy) -> None:
    """The key and the secrets are not sent to the proxy, although `NO_PROXY` does not name this machine."""
    # Pulumi itself needs a direct connection to the engine. Only gRPC reads this variable.
    bypasses = {"NO_PROXY": "", "no_proxy": "", "no_grpc_proxy": "127.0.0.1,localhost"}
    stack.environment |= proxy.environment | bypasses
    stack.write(PROGRAM)
    stack.up()
    assert len(stack.emulator.webhooks()) == 1
    assert not [request for request in proxy.requests if "/v1/" in request or "/oauth2/" in request]
