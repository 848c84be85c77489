"""Sinch behind a proxy, for the tests that reach it through one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_sinch.emulator import Emulator
from tunnel import HOST, Tunnel


@pytest.fixture
def tunnel(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tunnel]:
    """An HTTPS proxy in front of the test's emulator, named by the environment."""
    emulator.allow_host(HOST)
    with Tunnel(emulator.url, tmp_path) as tunnel:
        for name, value in tunnel.network.items():
            monkeypatch.setenv(name, value)
        yield tunnel
