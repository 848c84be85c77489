import re
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

import pulumi_sinch
import pytest
from pulumi_sinch.version import __version__

if sys.version_info >= (3, 11):
    import tomllib
else:
    tomllib = pytest.importorskip("tomli")

HEAVY = ("requests", "urllib3", "pydantic", "flask", "werkzeug", "click", "rich")
PROGRAM = """
import pulumi
from pulumi_sinch import SinchWebhook, Trigger

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        return "id", args.inputs

    def call(self, args):
        return {}

pulumi.runtime.set_mocks(Mocks())
pulumi.runtime.test(lambda: SinchWebhook("w", target="https://h.example/", triggers={Trigger.ALL}).id)()
"""


def run(code: str) -> str:
    """Run code in a new process where every warning is an error, and return its output."""
    # Pulumi's mocks leave an event loop open.
    command = [sys.executable, "-W", "error", "-W", "ignore::ResourceWarning", "-c", code]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    return finished.stdout.strip()


@pytest.mark.parametrize("program", ["import pulumi_sinch", "from pulumi_sinch import *", PROGRAM])
def test_a_program_loads_nothing_heavy(program: str) -> None:
    """Importing the package and declaring a webhook load neither HTTP nor validation, and warn of nothing."""
    loaded = "import sys; print([name for name in sys.modules if name.partition('.')[0] in HEAVY])"
    assert run(f"HEAVY = {HEAVY!r}\n{program}\n{loaded}") == "[]"


def test_public_names() -> None:
    """`__all__` is sorted and complete."""
    assert list(pulumi_sinch.__all__) == sorted(set(pulumi_sinch.__all__))
    assert all(getattr(pulumi_sinch, name) is not None for name in pulumi_sinch.__all__)
    classes = {
        name
        for name, value in vars(pulumi_sinch).items()
        if isinstance(value, type) and value.__module__.startswith("pulumi_sinch")
    }
    assert classes <= set(pulumi_sinch.__all__)
    with pytest.raises(AttributeError):
        pulumi_sinch.Nothing  # noqa: B018 - the access is what fails


def test_types_are_shipped() -> None:
    """The wheel contains type annotations (`py.typed`)."""
    assert (resources.files("pulumi_sinch") / "py.typed").is_file()


def test_dependencies() -> None:
    """The base dependencies are three packages, and urllib3 with a bound. All others are extras."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    names = [requirement.partition(">")[0] for requirement in project["dependencies"]]
    assert sorted(names) == ["pulumi", "pydantic", "requests", "urllib3"]
    brought = [re.split(r"[<>=!~ ;\[]", line)[0] for line in metadata.requires("requests") or ()]
    assert "urllib3" in brought
    assert set(project["optional-dependencies"]) == {"tools"}
    assert metadata.version("pulumi-sinch") == __version__
