"""Compare the targets of webhooks.

Sinch does not document whether it normalizes targets (CONTRACT.md, Fields). So two equivalent URLs (RFC 3986,
section 6.2) count as the same target.
"""

import posixpath
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pulumi_sinch.api.models import Webhook

_DEFAULT_PORTS = {"http": 80, "https": 443}


def normalised(target: str) -> str:
    """Normalize a target: scheme and host in lower case, no default port, and `/` for an empty path."""
    try:
        parts = urlsplit(target)
        port = parts.port
    except ValueError:
        return target
    scheme = parts.scheme.lower()
    userinfo, at, _ = parts.netloc.rpartition("@")
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    explicit_port = "" if port is None or port == _DEFAULT_PORTS.get(scheme) else f":{port}"
    return parts._replace(
        scheme=scheme, netloc=f"{userinfo}{at}{host}{explicit_port}", path=parts.path or "/"
    ).geturl()


def same_target(one: str, other: str) -> bool:
    """Return whether two targets are equal after normalization (see `normalised`)."""
    return one == other or normalised(one) == normalised(other)


def certainly_differ(one: str, other: str) -> bool:
    """Return whether two targets certainly differ, which means that their hosts or their paths differ.

    Sinch's response may spell a target differently than the request, or omit the credentials in the target.
    So the function compares only the host and the path, and ignores case, percent-encoding and extra slashes.
    It returns False for a URL that cannot be parsed or has non-ASCII characters, because then nothing is
    certain.
    """
    if not (one.isascii() and other.isascii()):
        return False
    try:
        return _host_and_path(one) != _host_and_path(other)
    except ValueError:
        return False


def _host_and_path(target: str) -> tuple[str, str]:
    parts = urlsplit(target)
    if not parts.hostname:
        raise ValueError
    return parts.hostname.rstrip("."), posixpath.normpath("/" + unquote(parts.path).casefold()).strip("/")


def with_target(webhooks: "Iterable[Webhook]", target: str) -> "Webhook | None":
    """Return the webhook that has the given target, or None.

    An equivalent spelling of the target also matches. A webhook with exactly the given spelling is preferred.
    """
    same = [webhook for webhook in webhooks if same_target(webhook.target, target)]
    return next((webhook for webhook in same if webhook.target == target), same[0] if same else None)
