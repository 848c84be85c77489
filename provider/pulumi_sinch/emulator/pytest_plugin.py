"""The pytest fixture ``sinch_emulator``.

Every pytest run imports this module. To keep this import fast, the module imports the emulator only when a
test uses the fixture.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pulumi_sinch.emulator import Emulator


@pytest.fixture
def sinch_emulator() -> "Iterator[Emulator]":
    """A running emulator for one test, without webhooks.

    The dictionary ``sinch_emulator.environment`` contains the environment variables for the provider.
    """
    from pulumi_sinch.emulator import Emulator  # noqa: PLC0415

    with Emulator() as emulator:
        yield emulator
