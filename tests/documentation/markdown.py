"""Reads the project's Markdown: pages, code blocks, tables and links."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted(DOCS.rglob("*.md")),
)

_FENCE = re.compile(
    r"^(?:<!-- (?P<note>[a-z ,]+) -->\n+)?"
    r"(?P<indent> *)```(?P<language>\S*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^#+ +(?P<title>.*)$", re.MULTILINE)
_CELL_BORDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes:
        page: The page.
        line: The number of the first line of code.
        language: The language behind the fence.
        code: The code, without the fence's indentation.
        note: The HTML comment before the block. ``signature``: compared with the code. ``continues``: the
            previous Python blocks of the page are put in front. ``not run``: only type-checked.
            ``not checked``: only parsed.
    """

    page: Path
    line: int
    language: str
    code: str
    note: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(*languages: str) -> list[Block]:
    """Return the fenced blocks of all pages in these languages."""
    found = [block for page in PAGES for block in _blocks(page)]
    return [block for block in found if block.language in languages]


def all_blocks() -> list[Block]:
    """Return all fenced blocks."""
    return [block for page in PAGES for block in _blocks(page)]


def _blocks(page: Path) -> Iterator[Block]:
    text = page.read_text()
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start("code")) + 1
        code = re.sub(f"^{match['indent']}", "", match["code"], flags=re.MULTILINE)
        yield Block(page, line, match["language"], code, match["note"] or "")


def prose(page: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", page.read_text())


def section(page: Path, title: str) -> str:
    """Return the text below a heading, up to the next heading."""
    text = page.read_text()
    headings = [*_HEADING.finditer(text)]
    for heading, following in zip(headings, [*headings[1:], None], strict=True):
        if heading["title"] == title:
            return text[heading.end() : following.start() if following else len(text)]
    raise LookupError(f"{page.name} has no section {title!r}")


def rows(text: str) -> list[list[str]]:
    """Return the cells of all table rows, without headings and rules."""
    lines = [line.strip() for line in text.splitlines()]
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"\|[-| :]+\|", line)}
    return [
        [cell.strip().replace("\\|", "|") for cell in _CELL_BORDER.split(line.strip("|"))]
        for number, line in enumerate(lines)
        if line.startswith("|") and number not in rules and number + 1 not in rules
    ]


def anchors(page: Path) -> set[str]:
    """Return the ids that GitHub and the site generate for a page's headings."""
    titles = [match["title"] for match in _HEADING.finditer(_FENCE.sub("", page.read_text()))]
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}
