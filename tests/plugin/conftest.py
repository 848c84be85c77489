"""Plugin processes for the plugin tests."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
from clean_environment import clean_environment
from plugin.harness import Plugin, PluginProcess, Start, StubEngine, written_in_python
from plugin.provider_plugin import ProviderPlugin
from pulumi_sinch.emulator import Emulator

_Process = TypeVar("_Process", bound=PluginProcess)


@pytest.fixture
def start(sinch_emulator: Emulator, tmp_path: Path) -> Iterator[Start]:
    """Start plugins of dynamic providers for the emulator. Their output must contain no secret."""
    with _plugins(Plugin, sinch_emulator, tmp_path) as start:
        yield start


@pytest.fixture
def start_plugin(sinch_emulator: Emulator, tmp_path: Path) -> Iterator[Callable[..., ProviderPlugin]]:
    """Start provider plugins for the emulator. Their output contains neither a secret nor Python syntax."""
    started: list[ProviderPlugin] = []
    with _plugins(ProviderPlugin, sinch_emulator, tmp_path) as start:

        def run(config: Mapping[str, Any] | None = None, **environment: str | None) -> ProviderPlugin:
            started.append(start(config, **environment))
            return started[-1]

        yield run
    for plugin in started:
        for text in (*plugin.shown, *plugin.engine.texts):
            assert not written_in_python(text), text


@contextmanager
def _plugins(
    kind: type[_Process], sinch_emulator: Emulator, tmp_path: Path
) -> Iterator[Callable[..., _Process]]:
    started: list[_Process] = []

    def run(config: Mapping[str, Any] | None = None, **environment: str | None) -> _Process:
        merged = {
            **clean_environment(),
            **sinch_emulator.environment,
            "PULUMI_PROJECT": "shop",
            **environment,
        }
        folder = tmp_path / str(len(started))
        folder.mkdir(exist_ok=True)
        plugin = kind(
            StubEngine(), {key: value for key, value in merged.items() if value is not None}, folder
        )
        started.append(plugin)
        plugin.configure(config or {})
        return plugin

    yield run
    backend = sinch_emulator._backend
    confidential = {webhook.secret for webhook in backend.store.all_webhooks()}
    confidential |= {*backend.authentication._tokens, sinch_emulator.key_secret}
    for plugin in started:
        printed = plugin.stop()
        plugin.engine.stop()
        shown = "\n".join([printed, *plugin.shown, *plugin.engine.texts])
        assert not any(value in shown for value in confidential)


@pytest.fixture
def plugin(start: Start) -> Plugin:
    """A configured plugin."""
    return start()
