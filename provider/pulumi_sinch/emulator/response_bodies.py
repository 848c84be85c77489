"""The bodies of responses for the journal, without secrets and tokens."""

import json
from collections.abc import Collection

from pulumi_sinch.redaction import redact_target, sanitize_message

_SECRET = "[secret]"  # noqa: S105 - a placeholder


_IDENTIFIERS = frozenset({"id", "projectId", "triggers"})


def shown_response(data: bytes, *, has_token: bool, hide: Collection[str] = ()) -> object:
    """Return the body of a response for the journal.

    Args:
        data: The body as it was sent.
        has_token: Whether the body can contain an access token, also a part of one.
        hide: Values that must not appear, such as the credentials in targets.

    Returns:
        The sanitized JSON, or the sanitized text. None without a body.
    """
    if not data:
        return None
    try:
        return _shown(json.loads(data), hide)
    except (ValueError, RecursionError):
        if has_token:
            return f"[{len(data)} bytes]"
        return sanitize_message(data.decode("utf-8", "replace"), hide=hide)


def _shown(value: object, hide: Collection[str], name: str = "") -> object:
    if name == "access_token" or "secret" in name.lower():
        return _SECRET
    if isinstance(value, dict):
        return {str(key): _shown(item, hide, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item, hide, name) for item in value]
    if isinstance(value, str):
        if name == "target":
            return redact_target(value)
        return sanitize_message(value, hide=() if name in _IDENTIFIERS else hide)
    return value
