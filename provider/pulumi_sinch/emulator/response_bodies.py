"""Remove secrets and tokens from the bodies of responses, for the journal."""

import json
from collections.abc import Collection

from pulumi_sinch.redaction import redact_target, sanitize_message

_SIZE_LIMIT = 96 * 1024
"""Bytes. A list of 15 webhooks with all triggers and the longest targets is smaller."""
_SECRET = "[secret]"  # noqa: S105 - a placeholder


_IDENTIFIERS = frozenset({"id", "projectId", "triggers"})


def shown_response(data: bytes, *, has_token: bool, hide: Collection[str] = ()) -> object:
    """Return the body of a response as the journal shows it.

    Args:
        data: The body as the emulator sent it.
        has_token: Whether the body can contain an access token or a part of a token.
        hide: Values that must not be in the result, such as the credentials in targets.

    Returns:
        None if the response has no body. A text with the size, such as ``[100000 bytes]``, if the body is
        larger than 96 KiB, or if it is not JSON and can contain a token. Otherwise the sanitized JSON or the
        sanitized text.
    """
    if not data:
        return None
    if len(data) > _SIZE_LIMIT:
        return f"[{len(data)} bytes]"
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
