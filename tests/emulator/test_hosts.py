"""Access to the parts of the emulator, by the address of the caller and the Host header."""

import pytest
import requests
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.hosts import may_control


@pytest.mark.parametrize(
    ("remote", "authority", "allowed"),
    [
        ("127.0.0.1", "localhost:4010", True),
        ("::1", "[::1]:4010", True),
        ("192.0.2.7", "localhost:4010", False),
        ("192.0.2.7", "127.0.0.1", False),
        ("127.0.0.1", "other.test", False),
        ("192.0.2.7", "sinch.test:4010", True),
        ("192.0.2.7", "SINCH.test", True),
        ("127.0.0.1", "sinch.test", True),
        ("127.0.0.1", "sinch.test.example", False),
        ("192.0.2.7", "", False),
        ("192.0.2.7", "[", False),
    ],
)
def test_who_may_control_it(remote: str, authority: str, allowed: bool) -> None:
    """This machine, and users of an allowed host, may control the emulator. A loopback Host alone may not."""
    assert may_control(remote, authority, {"sinch.test"}) is allowed


def test_a_port_published_on_localhost_can_be_allowed() -> None:
    """In a container, requests from the host machine have another address and the Host localhost."""
    assert may_control("172.17.0.1", "localhost:4010", {"localhost"})


@pytest.mark.parametrize("path", ["/", "/_emulator/health"])
def test_an_allowed_host_is_open_to_its_own_pages_only(sinch_emulator: Emulator, path: str) -> None:
    """Page and control API accept an allowed host and its own origin, but no other origin."""
    sinch_emulator.allow_host("Sinch.test")
    url = sinch_emulator.url + path
    for origin, status in (("http://sinch.test:4010", 200), ("http://evil.test", 403)):
        headers = {"Host": "sinch.test:4010", "Origin": origin}
        assert requests.get(url, headers=headers, timeout=10).status_code == status


def test_the_listening_address_opens_the_api_only() -> None:
    """Other machines that use the listening address reach only the API, unless `allow_host` names it."""
    with Emulator(host="0.0.0.0") as emulator:
        for path, status in (("/v1/x", 404), ("/", 403), ("/_emulator/health", 403)):
            answer = requests.get(emulator.url + path, headers={"Host": "0.0.0.0"}, timeout=10)
            assert answer.status_code == status


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://sinch:4010/", {"SINCH_ALLOW_HTTP_HOSTS": "sinch"}),
        ("https://sinch.test", {}),
        ("http://localhost:9", {}),
    ],
)
def test_the_environment_has_the_advertised_url(url: str, allowed: dict[str, str]) -> None:
    """The environment has the advertised URL. For http on another machine, it allows http for that host."""
    with Emulator(advertise_url=url) as emulator:
        environment = emulator.environment
        assert environment["SINCH_API_URL"] == environment["SINCH_AUTH_URL"] == url.rstrip("/")
        assert {name: value for name, value in environment.items() if "ALLOW" in name} == allowed


@pytest.mark.parametrize("url", ["", "sinch:4010", "ftp://sinch", "http://"])
def test_an_advertised_url_is_http(url: str) -> None:
    """An advertised URL that is not http(s) is an error."""
    with pytest.raises(ValueError, match="advertise_url must be an http or https URL"):
        Emulator(advertise_url=url)
