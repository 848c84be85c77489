"""Fixtures for the tests of commands."""

from pathlib import Path

import pytest
from pulumi_sinch.emulator import Emulator
from unit.cli.fake_pulumi import FakePulumi


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sinch_emulator: Emulator) -> Path:
    """An empty working folder, with environment variables for the emulator."""
    monkeypatch.chdir(tmp_path)
    for name, value in sinch_emulator.environment.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def fake_pulumi(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> FakePulumi:
    """A `pulumi` command first on the PATH, which prints a given text."""
    fake = FakePulumi(tmp_path_factory.mktemp("fake-pulumi"))
    monkeypatch.setenv("PATH", str(fake.folder), prepend=":")
    return fake
