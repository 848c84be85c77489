"""The generated SDKs have the names that the guides show."""

import ast
import json
from pathlib import Path

from languages.examples import GO_MODULE
from pulumi_sinch.version import __version__


def test_typescript(sdks: Path) -> None:
    """The npm package has the name of the guides and the plugin's version."""
    package = json.loads((sdks / "nodejs/package.json").read_text())
    assert package["name"] == "@pulumi-sinch/sinch"
    assert package["version"] == package["pulumi"]["version"] == __version__


def test_go(sdks: Path) -> None:
    """The Go module and its package have the names of the guides."""
    assert (sdks / "go/go.mod").read_text().startswith(f"module {GO_MODULE}\n")
    assert json.loads((sdks / "go/sinch/pulumi-plugin.json").read_text())["version"] == __version__


def test_python(sdks: Path) -> None:
    """The Python SDK does not collide with this package, and is valid Python."""
    assert [path.name for path in (sdks / "python").glob("pulumi_*")] == ["pulumi_sinch_sdk"]
    for module in (sdks / "python").rglob("*.py"):
        ast.parse(module.read_text())
