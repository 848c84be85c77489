"""The ``sinch_emulator`` fixture.

Every pytest run imports this module, so it imports the emulator on first use.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_sinch.emulator import Emulator


@pytest.fixture
def sinch_emulator() -> "Iterator[Emulator]":
    """An emulator without webhooks, for one test. Its ``environment`` has the variables to use it."""
    from pulumi_sinch.emulator import Emulator  # noqa: PLC0415

    with Emulator() as emulator:
        yield emulator
