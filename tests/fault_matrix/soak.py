"""The whole fault matrix through an HTTPS proxy, for `make soak`."""

from collections.abc import Iterator

import pytest
from fault_matrix.cells import Cell, all_cells, assert_promise, run_cell
from loopback import lasting_emulator
from pulumi_sinch.emulator import Emulator
from tunnel import Tunnel


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with lasting_emulator() as emulator:
        yield emulator


@pytest.mark.parametrize("cell", all_cells(), ids=str)
def test_cell_behind_a_proxy(cell: Cell, emulator: Emulator, tunnel: Tunnel) -> None:
    """Each cell ends as without a proxy. Only a stopped emulator is reported as a rejected tunnel."""
    environment = tunnel.behind(emulator.environment)
    seen = run_cell(emulator, cell.row, cell.column, always=cell.always, environment=environment)
    assert_promise(cell, seen, emulator, unreachable="the proxy refused the connection with HTTP 502")
    assert set(tunnel.connects) == {"sinch.test:443"}
