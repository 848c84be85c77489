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

    A web page can point its own domain at a loopback address (DNS rebinding). This check rejects the requests
    of such a page, because the browser sends the domain of the page in the ``Host`` header.

    Args:
        authority: Value of the ``Host`` header: a host, with or without a port.
        allowed_hosts: Names and addresses of the allowed hosts, in lower case.
    """
    return is_loopback_authority(authority) or host_of(authority) in allowed_hosts


def may_control(remote_address: str, authority: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a caller may use the control API and the page, which show secrets.

    Args:
        remote_address: The IP address of the caller.
        authority: Value of the ``Host`` header. With an allowed host in this header, every caller is
            accepted. With a loopback host, only callers on this machine are accepted.
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

    The URL can contain any name or address of this machine. Returns False for a malformed URL.
    """
    with contextlib.suppress(requests.exceptions.RequestException, ValueError, OSError):
        # Parse the URL as the library requests does. `urlsplit` may find another host in it.
        parts = parse_url(requests.Request("POST", url).prepare().url or "")
        if (parts.port or {"http": 80, "https": 443}.get(parts.scheme or "")) == port:
            found = socket.getaddrinfo((parts.host or "").strip("[]"), port, type=socket.SOCK_STREAM)
            return any(_is_own_address(family, str(address[0])) for family, *_, address in found)
    return False


def _is_own_address(family: int, address: str) -> bool:
    """Return whether an address belongs to this machine. Binding a socket fails for other addresses."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        return True
    return False
