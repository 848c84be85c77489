"""States of released versions work with the current code."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.harness import Stack
from e2e.recorded_states import STATES, emulator_for_recordings, restore_state, versions
from pulumi_sinch.emulator import Emulator

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


@pytest.fixture
def sinch_emulator() -> Iterator[Emulator]:
    """An emulator that knows the unreleased trigger of the recorded program."""
    with emulator_for_recordings() as emulator:
        yield emulator


@pytest.mark.parametrize("version", versions())
def test_a_recorded_state(version: str, stack: Stack) -> None:
    """Preview and refresh of a recorded state change nothing, and destroy works."""
    restore_state(stack, version)
    webhooks = stack.emulator.webhooks()
    stack.assert_preview_is_empty()
    refreshed = stack.refresh("--expect-no-changes")
    assert "error" not in refreshed.output
    stack.assert_preview_is_empty()
    assert stack.emulator.webhooks() == webhooks
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_every_release_is_recorded() -> None:
    """Every version in the changelog has a recorded state."""
    released = re.findall(r"^## \[(\d[^\]]*)\]", CHANGELOG.read_text(), re.MULTILINE)
    assert released
    assert sorted(released) == versions()


@pytest.mark.parametrize("version", versions())
def test_no_secret_is_in_a_recording(version: str) -> None:
    """Every secret of a recorded state is encrypted, and the list of webhooks contains none."""
    text = (STATES / version / "stack.json").read_text()
    assert "a-sample-secret-given-by-the-program" not in text
    assert not re.search(r'"(secret|previous_secret)": "[^"]', text)
    assert '"ciphertext"' in text
    assert "secret" not in (STATES / version / "webhooks.json").read_text()
