"""Finds all messages for users in the package's source, each as its fixed pieces."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "provider" / "pulumi_sinch"

SILENT = {
    "emulator/": "its responses are Sinch's, and docs/emulator.md describes it",
    "cli/import_file/program.py": "writes a program",
    "cli/preview_comment/": "writes the review comment, which explains itself",
}
"""Modules without messages, and the reasons. `TALKING` names exceptions among them."""
TALKING = (
    "emulator/__init__.py",
    "emulator/app.py",
    "emulator/delivery.py",
    "emulator/state_file.py",
    "emulator/state_lock.py",
    "cli/preview_comment/command.py",
    "cli/preview_comment/files.py",
)
NO_MESSAGES = {
    "A sample sent by pulumi-sinch. What Sinch puts here for each event is in its documentation.": "payload",
    "A sample sent by pulumi-sinch. The fields are documented by Sinch, the values are made up.": "a payload",
    "module … has no attribute ": "Python's own",
}
"""Sentences that are never shown to users, and the reasons."""

_HELP = {"help", "metavar", "package_name", "description"}
_NOT_MESSAGES = {"click.option", "click.argument", "re.compile", "Field"}
_WORD = re.compile(r"(?<!\S)[(`]?[A-Za-z']{2,}")


@dataclass(frozen=True)
class Message:
    """A message in the source: its place and its fixed pieces."""

    where: str
    pieces: tuple[str, ...]

    def __str__(self) -> str:
        return "…".join(self.pieces)

    @property
    def pattern(self) -> re.Pattern[str]:
        """A pattern that finds the message in a text that `plain` has simplified."""
        return re.compile(".{0,80}?".join(re.escape(plain(piece)) for piece in self.pieces))


def plain(text: str) -> str:
    """Simplify a text: remove backticks, line breaks, and escapes of tables and quotes."""
    return " ".join(text.replace("`", "").replace("\\|", "|").split())


def messages(*, fewest_words: int = 3, excused: bool = False) -> list[Message]:
    """Return the messages of all modules.

    Args:
        fewest_words: The minimum number of words. Shorter texts are names and parts of sentences.
        excused: Whether to include `NO_MESSAGES`.
    """
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        if module in TALKING or not module.startswith(tuple(SILENT)):
            found += [*_messages(ast.parse(path.read_text()), module)]
    found = [message for message in found if len(_WORD.findall(" ".join(message.pieces))) >= fewest_words]
    return [message for message in found if excused or str(message) not in NO_MESSAGES]


def _messages(node: ast.AST, module: str) -> Iterator[Message]:
    if isinstance(node, ast.Call) and ast.unparse(node.func) in _NOT_MESSAGES:
        return
    if isinstance(node, ast.keyword) and node.arg in _HELP:
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return  # a docstring
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HELP_TEXT":
        return  # the help of a command
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield Message(f"{module}:{node.lineno}", tuple(_pieces(node)))
        return
    for child in ast.iter_child_nodes(node):
        yield from _messages(child, module)


def _pieces(node: ast.Constant | ast.JoinedStr) -> Iterator[str]:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value
