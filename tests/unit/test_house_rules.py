"""Each module of the package, the tools and the examples has a docstring."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = sorted((ROOT / "provider").rglob("*.py"))
PROGRAMS = sorted(path for folder in ("tools", "examples") for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", [*PACKAGE, *PROGRAMS], ids=name)
def test_each_module_says_what_it_is_for(path: Path) -> None:
    """The docstring of each module begins with a whole sentence."""
    documentation = ast.get_docstring(ast.parse(path.read_text()))
    assert documentation
    first = documentation.splitlines()[0]
    assert first.endswith((".", ":")) or documentation.split("\n\n")[0].endswith("."), first
    assert len(first.split()) >= 3
