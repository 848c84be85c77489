"""A mistake in a proxy or certificate variable is reported in a sentence that names the variable."""

import importlib.util
from contextlib import closing
from pathlib import Path

import pytest
import requests
import trustme
from pulumi_sinch.api import network_settings as module
from pulumi_sinch.api.errors import ConnectionFailedError, SettingsError
from pulumi_sinch.api.http_messages import Request
from pulumi_sinch.api.network_settings import network_settings
from pulumi_sinch.api.transport import Transport
from unit.fakes import FakeTime, ScriptedServer, answer, closed_port

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle")
SINCH = "https://sinch.test/v1"
NO_PROXY_URL = "is not the URL of a proxy, such as http://proxy.example.com:3128"
OTHER_SCHEME = "must begin with one of http://, https://, socks4://, socks4a://, socks5://, socks5h://"
NEEDS_PYSOCKS = (
    'is the URL of a SOCKS proxy, which needs the package PySocks: run `pip install "requests[socks]"`'
)


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def without_pysocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)


def problem(url: str = SINCH) -> str:
    with requests.Session() as session, pytest.raises(SettingsError) as raised:
        network_settings(session, url)
    assert raised.value.hint == "Nothing was sent to Sinch."
    return raised.value.sentence


@pytest.mark.parametrize(
    "proxy",
    [
        "http://",
        "http:///",
        "http://:3128",
        "http://proxy:0",
        "http://proxy:99999",
        "http://proxy:abc",
        "http://[::1",
        "http://two words:1",
        "http://proxy..example:1",
        "http://ho\N{SNOWMAN}st:1",
        "http://user:pr0xy#word@proxy:1",
        ":3128",
        "/",
    ],
)
def test_a_malformed_proxy(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the variable without its value, which may contain a password."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    assert problem() == f"HTTPS_PROXY {NO_PROXY_URL}"


@pytest.mark.parametrize(
    "proxy", ["ftp://proxy:1", "socks://proxy:1", "proxy:3128", "user:pr0xy/word@proxy:1"]
)
def test_a_proxy_of_another_kind(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy with another scheme than HTTP or SOCKS is an error."""
    monkeypatch.setenv("https_proxy", proxy)
    assert problem() == f"https_proxy {OTHER_SCHEME}"


@pytest.mark.usefixtures("without_pysocks")
@pytest.mark.parametrize("scheme", ["socks4", "socks4a", "socks5", "socks5h"])
def test_a_socks_proxy_without_pysocks(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without PySocks, the error for a SOCKS proxy names the variable and the package."""
    monkeypatch.setenv("ALL_PROXY", f"{scheme}://127.0.0.1:9")
    assert problem() == f"ALL_PROXY {NEEDS_PYSOCKS}"


def test_a_socks_proxy_with_pysocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PySocks, a SOCKS proxy can be used."""
    monkeypatch.setattr(module, "find_spec", lambda _: importlib.util.find_spec("requests"))
    monkeypatch.setenv("ALL_PROXY", "socks5h://127.0.0.1:9")
    with requests.Session() as session:
        assert network_settings(session, SINCH)["proxies"] == {"all": "socks5h://127.0.0.1:9"}


def test_the_variable_that_python_prefers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable of the scheme takes precedence over `ALL_PROXY`, and lower case over upper case."""
    monkeypatch.setenv("ALL_PROXY", "ftp://a:1")
    monkeypatch.setenv("HTTPS_PROXY", "ftp://b:1")
    monkeypatch.setenv("https_proxy", "ftp://c:1")
    assert problem().startswith("https_proxy must begin")
    assert problem("http://sinch.test/").startswith("ALL_PROXY must begin")


def test_a_proxy_of_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake in the proxy settings of Windows or macOS names these settings."""
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda *_, **__: {"https": "ftp://a:1"})
    assert problem() == f"the proxy in the settings of the operating system {OTHER_SCHEME}"


@pytest.mark.parametrize(
    "proxy",
    [
        "http://proxy:3128",
        "HTTPS://proxy",
        "127.0.0.1:3128",
        "proxy.example.com",
        "http://user:p%40ss@proxy:1",
    ],
)
def test_a_proxy_that_can_be_used(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A valid proxy is used unchanged."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with requests.Session() as session:
        assert network_settings(session, SINCH)["proxies"] == {"https": proxy}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.10"])
@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_loopback_urls_bypass_proxies(host: str, variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback URLs bypass proxies, and their variables are not even validated."""
    for value in ("http://proxy.test:3128", "malformed://"):
        monkeypatch.setenv(variable, value)
        with requests.Session() as session:
            assert network_settings(session, f"http://{host}:8080/v1")["proxies"] == {}


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_hosts_that_may_use_http_bypass_proxies(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hosts in SINCH_ALLOW_HTTP_HOSTS bypass proxies, because requests to them are not encrypted."""
    monkeypatch.setenv(variable, "http://proxy.test:3128")
    monkeypatch.setenv("SINCH_ALLOW_HTTP_HOSTS", "sinch, emulator.test")
    with requests.Session() as session:
        for host in ("sinch", "Emulator.test"):
            assert network_settings(session, f"http://{host}:4010/v1")["proxies"] == {}
        for host in ("sinch.example", "other.test"):
            proxies = network_settings(session, f"http://{host}:4010/v1")["proxies"]
            assert set(proxies.values()) == {"http://proxy.test:3128"}


def test_nothing_for_a_loopback_url_reaches_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request to a loopback URL, which contains a secret, arrives at the server itself."""
    with ScriptedServer(answer(200, b"{}")) as proxy, ScriptedServer(answer(200, b"{}")) as server:
        for variable in ("http_proxy", "all_proxy"):
            monkeypatch.setenv(variable, proxy.url)
        with closing(Transport(FakeTime().clock)) as transport:
            request = Request("trying", "POST", server.url, json={"secret": "s3cret"})
            transport.send(request, "Bearer t0ken", FakeTime().deadline())
        assert len(server.requests) == 1
        assert proxy.requests == []


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_certificates_that_cannot_be_used(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong path, and a file without certificates, are errors that name variable and path."""
    path = tmp_path / "certificates.pem"
    monkeypatch.setenv(variable, str(path))
    assert problem() == f"{variable} names a file that does not exist: {path}"
    for content in ("", "no certificates"):
        path.write_text(content)
        assert problem() == f"{variable} names a file that cannot be read or contains no certificates: {path}"


def test_certificates_that_can_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with certificates or a folder can be used. A wrong path does not matter for plain HTTP."""
    file = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(file)
    monkeypatch.setenv("CURL_CA_BUNDLE", "/wrong")
    with requests.Session() as session:
        for path in (file, tmp_path):
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
            assert network_settings(session, SINCH)["verify"] == str(path)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/wrong")
        assert network_settings(session, "http://127.0.0.1/")["proxies"] == {}


def test_certificates_that_are_deleted_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the file with certificates is deleted between two requests, the error says so. Nothing is sent."""
    file = tmp_path / "authority.pem"
    trustme.CA().cert_pem.write_to_path(file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    time = FakeTime()
    url = f"https://127.0.0.1:{closed_port()}"
    with closing(Transport(time.clock)) as transport:
        request = Request("trying", "POST", url)
        with pytest.raises(ConnectionFailedError, match="no connection could be made"):
            transport.send(request, "Bearer t0ken", time.deadline())
        file.unlink()
        with pytest.raises(ConnectionFailedError, match="the file with certificates was deleted") as raised:
            transport.send(request, "Bearer t0ken", FakeTime().deadline())
    assert not raised.value.ambiguous


def test_a_mistake_ends_the_request_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request with an invalid variable is not retried."""
    monkeypatch.setenv("HTTPS_PROXY", "ftp://a:1")
    time = FakeTime()
    with closing(Transport(time.clock)) as transport, pytest.raises(SettingsError):
        transport.send(Request("trying", "GET", SINCH), "Bearer t0ken", time.deadline())
    assert time.slept == []
