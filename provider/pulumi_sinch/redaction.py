"""Make text safe to show: redact credentials in targets, and sanitize text from a server."""

import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, unquote_plus

HIDDEN = "…"

# The pattern of RFC 3986, appendix B. It matches any text, so redaction never fails.
_URL = re.compile(
    r"(?:(?P<scheme>[^:/?#]+):)?(?://(?P<authority>[^/?#]*))?"
    r"(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?",
    re.DOTALL,
)
_HOST_AND_PORT = re.compile(r"(?:\[[0-9A-Fa-f:.%]*\]|[^:\[\]\\]*)(?::[0-9]*)?")
_LONG = 24
_SHORTEST_CREDENTIAL = 8
"""Minimum length of a credential in characters. Hiding shorter values would make messages unreadable."""
_SEPARATORS = re.compile(r"[/?#&;=@:\\]")
_WORDS = re.compile(
    r"(?:[A-Z]?[a-z]{1,15}[0-9]{0,2}|[0-9]{1,4})(?:[-_.~+](?:[A-Z]?[a-z]{1,15}[0-9]{0,2}|[0-9]{1,4}))*"
)
_MAX_LENGTH = 500
_MAX_REDACTED = 8_000
"""Maximum characters of a message that are redacted. A longer text would take seconds, and only 500
characters are shown."""
_MAX_SEARCHED = 2 * _MAX_REDACTED
"""Maximum characters of a message that are searched for values to hide. It is larger than `_MAX_REDACTED`,
because these values may be long."""
# Control and invisible characters, direction marks, lone surrogates.
_UNPRINTABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)
# A quote or bracket does not end a link, because a target may have a quote or bracket in front of its token.
# The next URL begins a new link.
_LINK_START = r"https?(?::|%3a)"
_LINK = re.compile(rf"{_LINK_START}(?:(?!{_LINK_START})\S)*", re.IGNORECASE)
_ESCAPED_BY_GO = {ord(sign): f"\\u{ord(sign):04x}" for sign in "&<>"}
_PERCENT_ENCODED = re.compile("%[0-9A-Fa-f]{2}")
_ENCODED_SIGN = re.compile(r"\\/|%3a|%2f", re.IGNORECASE)


def redact_target(url: str) -> str:
    """Return a target without credentials: scheme, host, port and path.

    User, password, query and fragment are replaced by ``…``. A path segment of 24 or more characters that
    looks random can be a token, so only its first characters are kept. The result is sanitized, because other
    people possibly chose the target. A redacted target stays the same if it is redacted again. Never raises.

    Args:
        url: The target. A text without a scheme is treated as a path.

    Returns:
        A string such as ``https://…@hooks.example.com:8443/sinch/T0KE…?…``.
    """
    return sanitize(_redacted(str(url)))


def credentials_in(target: str) -> list[str]:
    """Return the parts of a target that `redact_target` hides, if they are long enough to be credentials.

    Use these parts to redact a response, which can contain a password or token of a target without the rest
    of the target. Never raises.
    """
    parts = _URL.fullmatch(target[:_MAX_REDACTED])  # Sinch's targets are much shorter
    if parts is None:  # pragma: no cover - it matches any text
        return []
    user, _, host = (parts["authority"] or "").rpartition("@")
    query = parts["query"] or ""
    pairs = re.split("[&;]", query)
    found = [user, user.partition(":")[2], query, *pairs, parts["fragment"] or ""]
    found += [pair.partition("=")[2] for pair in pairs]
    found += [segment for segment in parts["path"].split("/") if _shortened(segment) != segment]
    if not _HOST_AND_PORT.fullmatch(host):
        # The host is not valid, for example because a password has an unescaped slash.
        found += _SEPARATORS.split(target.partition("//")[2])
    found += [unquote_plus(part) for part in found]
    return [part for part in dict.fromkeys(found) if len(part) >= _SHORTEST_CREDENTIAL]


def redact_links(text: str) -> str:
    """Redact all http and https URLs in a text as `redact_target` does.

    Use this function for the text of a response, which can contain the target of any webhook. If the slashes
    of a URL are escaped, as in JSON or in a query, the whole URL is replaced by ``https://…``.
    """
    return _LINK.sub(lambda link: _redacted_link(link[0]), text)


def _redacted_link(link: str) -> str:
    is_encoded = _ENCODED_SIGN.search(link[: len("https%3A%2F%2F")]) is not None
    return f"https://{HIDDEN}" if is_encoded else redact_target(link)


def _redacted(url: str) -> str:
    parts = _URL.fullmatch(url)
    if parts is None:  # pragma: no cover - it matches any text
        return HIDDEN
    scheme = f"{parts['scheme']}:" if parts["scheme"] is not None else ""
    if parts["authority"] is None:
        authority, path = "", parts["path"]
        # Such as `https:user:password@host`, a target without its slashes.
        _, at, rest = path.rpartition("@")
        path = f"{HIDDEN}@{rest}" if at else path
    else:
        user, at, host = parts["authority"].rpartition("@")
        if not _HOST_AND_PORT.fullmatch(host) or "\\" in user:
            # It is not certain where the host begins or ends. A password may contain an unescaped slash, and
            # some parsers end the host at a backslash.
            return f"{scheme}//{HIDDEN}"
        authority, path = f"//{HIDDEN}@{host}" if at else f"//{host}", parts["path"]
    query = f"?{HIDDEN}" if parts["query"] else ""
    fragment = f"#{HIDDEN}" if parts["fragment"] else ""
    return f"{scheme}{authority}{'/'.join(map(_shortened, path.split('/')))}{query}{fragment}"


def _shortened(segment: str) -> str:
    return segment if len(segment) < _LONG or _WORDS.fullmatch(segment) else f"{segment[:4]}{HIDDEN}"


def sanitize_message(text: object, *, hide: Iterable[str] = ()) -> str:
    """Make a server's message safe to show: `sanitize` it, and redact the URLs in it.

    Args:
        text: The text that the server sent.
        hide: Values that must not appear in the result, such as the secret in the request.
    """
    searched = _beginning(str(text), _MAX_SEARCHED)
    return sanitize(redact_links(_beginning(hide_values(searched, hide), _MAX_REDACTED)))


def _beginning(text: str, length: int) -> str:
    """Return the text. If it is longer than `length`, cut it after the last whole word and add ``…``."""
    if len(text) <= length:
        return text
    return " ".join([*text[:length].split()[:-1], HIDDEN])


def sanitize(text: object, *, hide: Iterable[str] = ()) -> str:
    """Make text from a server or from other people safe to show.

    Args:
        text: The text.
        hide: Values that must not appear in the result, such as the secret in the request.

    Returns:
        One line of at most 500 characters, without control characters, lone surrogates and hidden values.
    """
    line = hide_values(str(text), hide)
    line = _UNPRINTABLE.sub(" ", line).strip()
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 3]}..."


def hide_values(text: str, hide: Iterable[str]) -> str:
    """Replace values in a text with ``[hidden]``, also where they are escaped for JSON, HTML or a URL."""
    spellings = {spelling for value in hide if value for spelling in _spellings(value)}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, "[hidden]")
    return text


def _spellings(value: str) -> Iterator[str]:
    from html import escape  # noqa: PLC0415 - a program that sends no request hides no values

    escaped = escape(value)
    yield from (escaped, escaped.replace("&#x27;", "&#39;").replace("&quot;", "&#34;"))
    for ascii_only in (True, False):
        encoded = json.dumps(value, ensure_ascii=ascii_only)[1:-1]
        # PHP escapes slashes in JSON. Go escapes the characters &, < and >.
        yield from (encoded, encoded.replace("/", "\\/"), encoded.translate(_ESCAPED_BY_GO))
    for safe in ("/", ""):
        quoted = quote(value, safe=safe, errors="replace")
        for spelling in (value, quoted, quoted.replace("%20", "+")):
            yield spelling
            yield _PERCENT_ENCODED.sub(lambda found: found[0].lower(), spelling)
            yield _PERCENT_ENCODED.sub(lambda found: found[0].upper(), spelling)
