"""What keeps the house readable: modules that say what they are for, short functions, short files."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "provider").rglob("*.py"))
PROGRAMS = sorted(path for folder in ("tools", "examples") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST_FUNCTION = 40
LONGEST_FILE = 300
LONGEST_TEST_FILE = 450
"""Tests are lists of cases; one subject stays in one file."""
LONG_FUNCTIONS: dict[str, str] = {}
"""Functions that may be longer, as `file:function`, and why."""
LONG_FILES: dict[str, str] = {
    "provider/pulumi_sinch/api/transport.py": "timeouts, retries and lost answers are one subject: was it carried out?",
    "provider/pulumi_sinch/core/run_state.py": "the state of one run is one subject, with one lock",
}
"""Files that may be longer, and why."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Return each function's name and its lines of code, docstring and signature left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            yield node.name, (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", [*PACKAGE, *PROGRAMS], ids=name)
def test_each_module_says_what_it_is_for(path: Path) -> None:
    """In a docstring whose first line is a whole sentence."""
    documentation = ast.get_docstring(ast.parse(path.read_text()))
    assert documentation
    first = documentation.splitlines()[0]
    assert first.endswith((".", ":")) or documentation.split("\n\n")[0].endswith("."), first
    assert len(first.split()) >= 3


@pytest.mark.parametrize("path", [*PACKAGE, *PROGRAMS, *TESTS], ids=name)
def test_functions_are_short(path: Path) -> None:
    """At most 40 lines of code, unless there is a reason."""
    long = {f"{name(path)}:{function}" for function, lines in functions(path) if lines > LONGEST_FUNCTION}
    assert long <= LONG_FUNCTIONS.keys()


@pytest.mark.parametrize("path", [*PACKAGE, *PROGRAMS, *TESTS], ids=name)
def test_files_are_short(path: Path) -> None:
    """At most 300 lines, unless there is a reason."""
    lines = len(path.read_text().splitlines())
    limit = LONGEST_TEST_FILE if path in TESTS else LONGEST_FILE
    assert lines <= limit or name(path) in LONG_FILES


def test_no_reason_outlives_what_it_excuses() -> None:
    """A list of exceptions shrinks with them."""
    everything = {name(path): path for path in [*PACKAGE, *PROGRAMS, *TESTS]}
    for file in LONG_FILES:
        assert len(everything[file].read_text().splitlines()) > LONGEST_FILE, file
    for function in LONG_FUNCTIONS:
        file, _, wanted = function.partition(":")
        assert (
            max(lines for found, lines in functions(everything[file]) if found == wanted) > LONGEST_FUNCTION
        )
