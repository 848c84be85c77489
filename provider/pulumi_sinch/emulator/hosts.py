"""Check the ``Host`` header of requests, and find out whether a URL leads to the emulator itself."""

import contextlib
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

import requests
from urllib3.util import parse_url

from pulumi_sinch.urls import is_loopback, is_loopback_authority


def is_allowed_authority(authority: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a ``Host`` header names this machine or an allowed host.

    This check protects against DNS rebinding: the owner of a web page points the page's domain at a loopback
    address, so that the page can send requests to the emulator. The check rejects these requests, because the
    browser sends the page's domain in the ``Host`` header.

    Args:
        authority: Value of the ``Host`` header: a host, with or without a port.
        allowed_hosts: Names and addresses of the allowed hosts, in lower case.
    """
    return is_loopback_authority(authority) or host_of(authority) in allowed_hosts


def may_control(remote_address: str, authority: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a caller may use the control API and the page, which show secrets.

    Returns True for every caller if the ``Host`` header names an allowed host. If the header names a loopback
    host, returns True only for callers on this machine. For any other header, returns False.

    Args:
        remote_address: The IP address of the caller.
        authority: Value of the ``Host`` header: a host, with or without a port.
        allowed_hosts: Names and addresses of the allowed hosts, in lower case.
    """
    if host_of(authority) in allowed_hosts:
        return True
    return is_loopback(remote_address) and is_loopback_authority(authority)


def host_of(authority: str) -> str:
    """Return the host in a ``Host`` header, in lower case. Returns an empty string for a malformed header."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:
        return ""


def reaches_port(url: str, port: int) -> bool:
    """Return whether a URL leads to this port on this machine.

    Returns True for every name and every address of this machine, not only for ``localhost``. Returns False
    for a malformed URL.
    """
    with contextlib.suppress(requests.exceptions.RequestException, ValueError, OSError):
        # Parse the URL as the library requests does. `urlsplit` may find another host in it.
        parts = parse_url(requests.Request("POST", url).prepare().url or "")
        if (parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")) == port:
            found = socket.getaddrinfo((parts.host or "").strip("[]"), port, type=socket.SOCK_STREAM)
            return any(_is_own_address(family, str(address[0])) for family, *_, address in found)
    return False


def _is_own_address(family: int, address: str) -> bool:
    """Return whether an address belongs to this machine: a socket can be bound only to such an address."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        return True
    return False
