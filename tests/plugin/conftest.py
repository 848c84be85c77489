"""Plugins for the plugin tests."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from clean_environment import clean_environment
from plugin.harness import Plugin, Start, StubEngine
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def start(sinch_emulator: Emulator, tmp_path: Path) -> Iterator[Start]:
    """Start plugins that know the emulator; nothing that they show may hold a secret."""
    started: list[Plugin] = []

    def run(config: Mapping[str, Any] | None = None, **environment: str | None) -> Plugin:
        merged = {
            **clean_environment(),
            **sinch_emulator.environment,
            "PULUMI_PROJECT": "shop",
            **environment,
        }
        folder = tmp_path / str(len(started))
        folder.mkdir(exist_ok=True)
        plugin = Plugin(
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
        shown = "\n".join([printed, *plugin.shown, *(message for _, message in plugin.engine.logged)])
        assert not any(value in shown for value in confidential)


@pytest.fixture
def plugin(start: Start) -> Plugin:
    """A configured plugin."""
    return start()
