"""Fixtures for all tests: the emulator, and protection of the process state."""

import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from loopback import lasting_emulator
from pulumi_sinch.emulator import Emulator

# The machine may be busy, so no timing is asserted: neither of an example nor of its generation.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(autouse=True)
def _whole_tracebacks() -> Iterator[None]:
    """Reset the traceback limit of `hide_tracebacks`, with which Pulumi cannot register another resource."""
    yield
    vars(sys).pop("tracebacklimit", None)


@pytest.fixture
def sinch_emulator() -> Iterator[Emulator]:
    """The package's own fixture, on a port that stays free while the test stops it."""
    with lasting_emulator() as emulator:
        yield emulator
