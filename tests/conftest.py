"""What every test is kept from, and the emulator that they use."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from loopback import lasting_emulator
from pulumi_sinch.emulator import Emulator

# A busy machine is no failure: no timing is asserted, neither of an example nor of how fast they are made up.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _whole_tracebacks() -> Iterator[None]:
    """Undo what `hide_tracebacks` sets for the process: with that limit, Pulumi cannot register another resource."""
    yield
    vars(sys).pop("tracebacklimit", None)


@pytest.fixture
def sinch_emulator() -> Iterator[Emulator]:
    """The package's own fixture, at a port that a test may leave for a while."""
    with lasting_emulator() as emulator:
        yield emulator
