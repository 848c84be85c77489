"""The generated SDKs have the names that the guides show."""

import ast
import json
from pathlib import Path

from languages.examples import GO_MODULE
from pulumi_sinch.version import __version__


def test_typescript(sdks: Path) -> None:
    """The npm package, with the version of the plugin that it asks for."""
    package = json.loads((sdks / "nodejs/package.json").read_text())
    assert package["name"] == "@pulumi-sinch/sinch"
    assert package["version"] == package["pulumi"]["version"] == __version__


def test_go(sdks: Path) -> None:
    """The module, and the package in it."""
    assert (sdks / "go/go.mod").read_text().startswith(f"module {GO_MODULE}\n")
    assert json.loads((sdks / "go/sinch/pulumi-plugin.json").read_text())["version"] == __version__


def test_python(sdks: Path) -> None:
    """It does not collide with the package of the dynamic provider, and is Python."""
    assert [path.name for path in (sdks / "python").glob("pulumi_*")] == ["pulumi_sinch_sdk"]
    for module in (sdks / "python").rglob("*.py"):
        ast.parse(module.read_text())
