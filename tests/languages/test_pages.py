"""The code blocks of the pages compile with the generated SDKs."""

from pathlib import Path

import pytest
from documentation.markdown import Block, blocks
from languages.examples import compile_typescript, needs_node, prepare_go, run

pytestmark = pytest.mark.timeout(900)  # the first build of a Go program takes minutes


@needs_node
def test_typescript(tmp_path: Path, sdks: Path, node_modules: Path) -> None:
    """Each TypeScript block of the pages compiles as a module."""
    compile_typescript(sdks, node_modules, tmp_path / "pages", _files("typescript", "{}.ts"))


def test_go(tmp_path: Path, sdks: Path) -> None:
    """Each Go block of the pages compiles as a package."""
    prepare_go(sdks, tmp_path / "pages", _files("go", "{0}/{0}.go"))
    run("go", "vet", "./...", cwd=tmp_path / "pages")


def _files(language: str, pattern: str) -> dict[str, str]:
    """Return the blocks of a language by file name."""
    found = blocks(language)
    assert len(found) > 3
    return {pattern.format(_name(block)): block.code for block in found}


def _name(block: Block) -> str:
    return f"{block.page.stem.replace('-', '_')}_{block.line}"
