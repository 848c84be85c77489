"""The bodies of responses for the journal, without secrets and tokens."""

import json

from pulumi_sinch.redaction import redact_target, sanitize_message

_SIZE_LIMIT = 96 * 1024
"""More than 15 webhooks with all triggers and the longest targets."""
_SECRET = "[secret]"  # noqa: S105 - a placeholder


def shown_response(data: bytes, *, has_token: bool) -> object:
    """Return the body of a response for the journal.

    Args:
        data: The body as it was sent.
        has_token: Whether the body can contain an access token or a part of one.

    Returns:
        The sanitized JSON, the sanitized text, or the size of a huge body. None without a body.
    """
    if not data:
        return None
    if len(data) > _SIZE_LIMIT:
        return f"[{len(data)} bytes]"
    try:
        return _shown(json.loads(data))
    except (ValueError, RecursionError):
        return f"[{len(data)} bytes]" if has_token else sanitize_message(data.decode("utf-8", "replace"))


def _shown(value: object, name: str = "") -> object:
    if name == "access_token" or "secret" in name.lower():
        return _SECRET
    if isinstance(value, dict):
        return {str(key): _shown(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [_shown(item, name) for item in value]
    if isinstance(value, str):
        return redact_target(value) if name == "target" else sanitize_message(value)
    return value
