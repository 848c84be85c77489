"""The hosts that requests may name, and the addresses that callbacks must not reach."""

import contextlib
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

import requests
from urllib3.util import parse_url

from pulumi_sinch.urls import is_loopback, is_loopback_authority


def is_allowed_authority(authority: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a ``Host`` header names this machine or an allowed host.

    A web page can point its own domain at a loopback address (DNS rebinding), but it cannot change the
    header.

    Args:
        authority: The header: a host, perhaps with a port.
        allowed_hosts: Names and addresses in lower case.
    """
    return is_loopback_authority(authority) or host_of(authority) in allowed_hosts


def may_control(remote_address: str, authority: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a caller may use the control API and the page, which show secrets.

    Args:
        remote_address: The address of the caller.
        authority: The ``Host`` header. With an allowed host, callers on other machines may use them too. With
            a loopback host, only callers on this machine may.
        allowed_hosts: Names and addresses in lower case.
    """
    if host_of(authority) in allowed_hosts:
        return True
    return is_loopback(remote_address) and is_loopback_authority(authority)


def host_of(authority: str) -> str:
    """Return the host of a ``Host`` header in lower case, or an empty string if it is malformed."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def reaches_port(url: str, port: int) -> bool:
    """Return whether requests to a URL reach a port of this machine, with any spelling of its host.

    Args:
        url: Any text. The result is False if it is not a usable URL.
        port: The port.
    """
    with contextlib.suppress(requests.exceptions.RequestException, ValueError, OSError):
        # Read the host as requests does. `urlsplit` may find another one.
        parts = parse_url(requests.Request("POST", url).prepare().url or "")
        if (parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")) == port:
            found = socket.getaddrinfo((parts.host or "").strip("[]"), port, type=socket.SOCK_STREAM)
            return any(_is_own_address(family, str(address[0])) for family, *_, address in found)
    return False


def _is_own_address(family: int, address: str) -> bool:
    """Return whether an address belongs to this machine, because only such an address can be bound."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        return True
    return False
