"""Escape text for GitHub-flavored Markdown, so that it cannot change the Markdown around it."""

import re
from collections.abc import Sequence

from pulumi_sinch.redaction import sanitize

_NEEDS_ENTITIES = re.compile(r"[`|\\]")
_NOT_PLAIN = re.compile(r"[^\w ./-]|_")


def plain(text: str, limit: int = 80) -> str:
    """Return the text for a sentence or a heading, with each special character as an HTML entity."""
    return _entities(_cut(text, limit)) or "-"


def code(text: str, limit: int = 120) -> str:
    """Return the text as inline code.

    Markdown's inline code cannot contain a backtick, and in a table it cannot contain a pipe. Text with a
    pipe, a backtick or a backslash becomes an HTML element, in which these characters are HTML entities.
    """
    shown = _cut(text, limit)
    if not shown:
        return "-"
    return html_code(shown, limit) if _NEEDS_ENTITIES.search(shown) else f"`{shown}`"


def html_code(text: str, limit: int = 120) -> str:
    """Return the text as inline code for an HTML block, where Markdown has no effect."""
    return f"<code>{_entities(_cut(text, limit))}</code>"


def fenced(text: str) -> str:
    """Return the lines as a code block. Its fence is longer than any fence inside the lines."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def row(cells: Sequence[str]) -> str:
    """Return a row of a Markdown table. The text of each cell must already be escaped."""
    return f"| {' | '.join(cells)} |"


def _cut(text: str, limit: int) -> str:
    line = sanitize(text)
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _entities(text: str) -> str:
    return _NOT_PLAIN.sub(lambda sign: f"&#{ord(sign[0])};", text)
