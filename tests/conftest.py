"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def sinch_emulator() -> Iterator[Emulator]:
    """A local Sinch."""
    with Emulator() as emulator:
        yield emulator
