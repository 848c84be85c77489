"""The folder `provider` as a source plugin, without `pulumi package add`, which needs a newer host."""

import sys
from pathlib import Path

import yaml
from clean_environment import clean_environment
from plugin.harness import StubEngine
from plugin.provider_plugin import ProviderPlugin
from pulumi_sinch.version import __version__

FOLDER = Path(__file__).parents[2] / "provider"


class SourcePlugin(ProviderPlugin):
    """Starts the folder as Pulumi's language host does."""

    command = (sys.executable, "-u", str(FOLDER))


def test_the_folder_serves_the_plugin(tmp_path: Path) -> None:
    """The folder prints its port and serves this version."""
    plugin = SourcePlugin(StubEngine(), clean_environment(), tmp_path)
    try:
        assert plugin.version() == __version__
    finally:
        plugin.stop()
        plugin.engine.stop()


def test_pulumi_installs_the_checkout_with_pip() -> None:
    """Pulumi installs the checkout with pip into the environment `venv`."""
    runtime = yaml.safe_load((FOLDER / "PulumiPlugin.yaml").read_text())["runtime"]
    assert runtime == {"name": "python", "options": {"toolchain": "pip", "virtualenv": "venv"}}
    assert (FOLDER / (FOLDER / "requirements.txt").read_text().strip() / "pyproject.toml").is_file()
