"""Each request of the provider against each fault, on an emulator over loopback and a clock that nobody waits for."""

from collections.abc import Iterator

import pytest
from loopback import lasting_port
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.hints import UNCHANGED
from reliability.cells import Cell, all_cells, run_cell
from reliability.ends import end_of
from reliability.faults import ROWS
from reliability.operations import COLUMNS, NEW_SECRET, OLD_SECRET, secret_of


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(port=lasting_port()) as emulator:
        yield emulator


@pytest.mark.parametrize("cell", all_cells(), ids=str)
def test_cell(cell: Cell, emulator: Emulator) -> None:
    """The requests, the end that the user sees and what is at Sinch are those of the table; nobody else is harmed."""
    seen = run_cell(emulator, cell.row, cell.column, for_ever=cell.for_ever)
    assert f"{seen.calls} -> {end_of(seen.error)}, {seen.at_sinch}" == cell.expected
    assert seen.strangers_untouched
    assert seen.took <= seen.timeout
    assert len(seen.user_agents) <= 1
    assert all(agent.startswith("pulumi-sinch/0") for agent in seen.user_agents)
    if seen.error is None:
        _assert_state_agrees_with_sinch(cell, seen.result, emulator)
    else:
        text = str(seen.error)
        assert not [secret for secret in (NEW_SECRET, OLD_SECRET, emulator.key_secret) if secret in text]
        before = "none" if cell.column in {"token", "list", "create"} else "old"
        assert seen.at_sinch == before or UNCHANGED not in text


def _assert_state_agrees_with_sinch(cell: Cell, result: object, emulator: Emulator) -> None:
    """What the engine would save is what is there."""
    webhook_id = getattr(result, "id", None)
    outputs = getattr(result, "outs", None)
    if cell.column == "delete":
        assert result is None
    else:
        assert outputs is not None
        live = next(webhook for webhook in emulator.webhooks() if "strangers" not in webhook.target)
        assert secret_of(outputs) == live.secret
        assert (outputs["target"], set(outputs["triggers"])) == (live.target, set(live.triggers))
        assert webhook_id in {live.id, None}


def test_each_fault_meets_each_request_that_can_meet_it() -> None:
    """No cell is left out of the table, and none is there twice."""
    names = [(cell.row, cell.column, cell.for_ever) for cell in all_cells()]
    assert len(names) == len(set(names))
    assert set(names) == {
        (row.name, column, for_ever)
        for row in ROWS.values()
        for column in COLUMNS
        if row.can_hit(column)
        for for_ever in (False, True)
    }
