"""Read the proxy and certificate variables of the environment, and validate them before anything is sent.

The `requests` library reports an invalid variable only when it sends a request, and its error does not name
the variable. The errors of this module name the variable. No error of this module shows the URL of a proxy,
because the URL can contain a password.
"""

import os
import ssl
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import prepend_scheme_if_needed, select_proxy
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.urls import bypasses_proxies

_PROXY_SCHEMES = ("http", "https", "socks4", "socks4a", "socks5", "socks5h")
_CERTIFICATES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""The variables that name a file or a folder with certificates. The `requests` library reads them in this
order."""


def network_settings(session: requests.Session, url: str) -> Mapping[str, Any]:
    """Return the arguments of `requests.Session.send` that come from the environment.

    Raises:
        SettingsError: The value of a variable cannot be used. The error names the variable.
    """
    settings: dict[str, Any] = {**session.merge_environment_settings(url, {}, True, None, None)}
    if bypasses_proxies(url):
        settings["proxies"] = {}
    proxy = select_proxy(url, settings["proxies"])
    if proxy and (problem := _proxy_problem(proxy)):
        raise SettingsError(f"{_proxy_variable(url, proxy)} {problem}", hint="Nothing was sent to Sinch.")
    if urlsplit(url).scheme == "https" and (problem := _certificates_problem()):
        raise SettingsError(problem, hint="Nothing was sent to Sinch.")
    return settings


def _proxy_problem(proxy: str) -> str:
    """Return the reason why the URL of a proxy cannot be used, or an empty string if it is valid."""
    example = "is not the URL of a proxy, such as http://proxy.example.com:3128"
    try:
        url = parse_url(prepend_scheme_if_needed(proxy, "http"))  # type: ignore[no-untyped-call]
        host = (url.host or "").strip("[]")
        host.encode("idna")  # raises for a host that no connection can use
    except (LocationParseError, ValueError, TypeError):
        return example
    if url.scheme not in _PROXY_SCHEMES:
        return f"must begin with one of {', '.join(f'{scheme}://' for scheme in _PROXY_SCHEMES)}"
    if not host or url.port == 0:
        return example
    if url.scheme.startswith("socks") and find_spec("socks") is None:
        return (
            "is the URL of a SOCKS proxy, which needs the package PySocks: run `pip install "
            '"requests[socks]"`'
        )
    return ""


def _proxy_variable(url: str, proxy: str) -> str:
    """Return the name of the environment variable that contains a proxy.

    A name in lower case is tried before the same name in upper case, because Python prefers lower case.
    """
    for name in (f"{urlsplit(url).scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            if os.environ.get(variable) == proxy:
                return variable
    return "the proxy in the settings of the operating system"


def _certificates_problem() -> str:
    """Return the reason why the environment variable for certificates cannot be used, such as a missing file.

    Returns an empty string if the variable can be used, or if no such variable is set.
    """
    variable = next((name for name in _CERTIFICATES if os.environ.get(name)), None)
    if variable is None:
        return ""
    path = Path(os.environ[variable])
    if not path.exists():
        return f"{variable} names a file that does not exist: {path}"
    if path.is_dir():
        return ""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError:  # also ssl.SSLError
        return f"{variable} names a file that cannot be read or contains no certificates: {path}"
    return ""
