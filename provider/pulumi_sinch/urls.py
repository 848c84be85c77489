"""Checks of URLs and hosts, for the settings, the callbacks and the emulator."""

import ipaddress
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

ALLOW_HTTP_HOSTS = "SINCH_ALLOW_HTTP_HOSTS"
"""The environment variable with the hosts that may use ``http`` in tests, separated by commas or spaces."""


def is_http_url(url: str) -> bool:
    """Return whether a URL has the scheme ``http`` or ``https``, and a host."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Return whether a host name or address can only be reached from this machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    # A socket that serves IPv6 and IPv4 reports an IPv4 client as ::ffff:127.0.0.1.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def is_loopback_authority(authority: str) -> bool:
    """Return whether the host in a ``Host`` header is loopback. The header may contain a port."""
    try:
        return is_loopback(urlsplit(f"//{authority}").hostname or "")
    except ValueError:
        return False


def may_use_http(host: str, environment: Mapping[str, str] | None = None) -> bool:
    """Return whether ``http://`` is accepted for a host. If so, requests to this host bypass proxies.

    Args:
        host: A host name or address, without a port.
        environment: Environment variables. The variable ``SINCH_ALLOW_HTTP_HOSTS`` contains the hosts that
            may use ``http://`` in addition to loopback hosts. Default: ``os.environ``.
    """
    environment = os.environ if environment is None else environment
    return is_loopback(host) or host.strip("[]").lower() in _names(environment.get(ALLOW_HTTP_HOSTS, ""))


def bypasses_proxies(url: str) -> bool:
    """Return whether requests to a URL bypass proxies.

    Requests to this machine and to the hosts in ``SINCH_ALLOW_HTTP_HOSTS`` bypass proxies, for two reasons.
    With ``http``, a proxy would see keys and secrets in plain text. And a proxy would look up the host names
    on its own machine or network, where they can mean other hosts.
    """
    try:
        return may_use_http(urlsplit(url).hostname or "")
    except ValueError:
        return False


def _names(text: str) -> set[str]:
    return {name.strip("[]").lower() for name in re.split(r"[,\s]+", text) if name}
