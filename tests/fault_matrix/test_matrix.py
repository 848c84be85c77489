"""Each request of the provider with each fault, on an emulator with a virtual clock."""

from collections.abc import Iterator

import pytest
from fault_matrix.cells import Cell, all_cells, assert_promise, run_cell
from fault_matrix.faults import ROWS
from fault_matrix.operations import COLUMNS
from in_process_plugin import ROUTES, RouteName
from loopback import lasting_emulator
from pulumi_sinch.emulator import Emulator


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with lasting_emulator() as emulator:
        yield emulator


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("cell", all_cells(), ids=str)
def test_cell(cell: Cell, route: RouteName, emulator: Emulator) -> None:
    """Requests, outcome and state at Sinch are those of the table, and other webhooks are not changed."""
    seen = run_cell(emulator, cell.row, cell.column, always=cell.always, route=route)
    assert_promise(cell, seen, emulator)


def test_each_fault_meets_each_request_that_can_meet_it() -> None:
    """The table has each possible combination of fault and request exactly once."""
    names = [(cell.row, cell.column, cell.always) for cell in all_cells()]
    assert len(names) == len(set(names))
    assert set(names) == {
        (row.name, column, always)
        for row in ROWS.values()
        for column in COLUMNS
        if row.can_hit(column)
        for always in (False, True)
    }
