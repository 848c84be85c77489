"""Generated SDKs, and stacks whose programs are the examples in TypeScript and Go."""

import shutil
from pathlib import Path

import pytest
from e2e.conftest import make_stack, prepared_project, stack, wheel_environment
from languages.examples import ROOT, run
from pulumi_sinch.plugin import schema

__all__ = ["make_stack", "prepared_project", "stack", "wheel_environment"]


@pytest.fixture(scope="session")
def sdks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the generated SDK of each language."""
    assert shutil.which("generate-sdks"), (
        "no `generate-sdks` on the PATH: `make test-languages` puts it there"
    )
    folder = tmp_path_factory.mktemp("sdks")
    run("generate-sdks", str(folder), cwd=ROOT, stdin=schema.as_json())
    return folder


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The npm packages of the tests."""
    tools = shutil.which("generate-sdks")
    assert tools
    return Path(tools).parent / "node_modules"
