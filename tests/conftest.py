"""What every test is kept from."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _whole_tracebacks() -> Iterator[None]:
    """Undo what `plain_errors` sets for the process: with that limit, Pulumi cannot register another resource."""
    yield
    vars(sys).pop("tracebacklimit", None)
