"""The ``sinch_emulator`` fixture. Loads with every pytest, so everything else is imported when it is used."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_sinch.emulator import Emulator


@pytest.fixture
def sinch_emulator() -> "Iterator[Emulator]":
    """A local Sinch without webhooks, for one test; ``environment`` points the provider at it."""
    from pulumi_sinch.emulator import Emulator  # noqa: PLC0415

    with Emulator() as emulator:
        yield emulator
