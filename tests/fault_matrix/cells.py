"""Run one cell of the fault matrix."""

from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

from fault_matrix.faults import ROWS
from fault_matrix.matrix import CELLS
from fault_matrix.operations import COLUMNS, FOREIGN_TARGET, NEW_SECRET, OLD_SECRET, at_sinch, secret_of
from fault_matrix.outcomes import OUTCOMES, classify_outcome
from in_process_plugin import (
    HANG_TIMEOUT,
    RouteName,
    request_lines,
    start_in_process_plugin,
    summarize,
    webhook_contents,
)
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core.error_advice import UNCHANGED
from pulumi_sinch.emulator import Emulator


@dataclass
class Seen:
    """The result of a cell.

    Attributes:
        requests: The requests, summarized.
        result: The value that the provider returned.
        error: The error that the user sees instead.
        at_sinch: The state of the webhook at Sinch.
        foreign_unchanged: Whether the webhooks of others are unchanged.
        took: Seconds of the operation, by its own clock.
        timeout: Maximum seconds of the operation.
        user_agents: The ``User-Agent`` headers of the requests.
        warm_id: The id of the webhook if it existed before.
    """

    requests: str
    result: Any
    error: SinchError | None
    at_sinch: str
    foreign_unchanged: bool
    took: float
    timeout: float
    user_agents: set[str]
    warm_id: str


def run_cell(
    emulator: Emulator,
    row_name: str,
    column_name: str,
    *,
    always: bool,
    environment: Mapping[str, str] | None = None,
    route: RouteName = "dynamic",
) -> Seen:
    """Run the column's request with the row's fault.

    Args:
        emulator: The emulator, at a lasting port.
        row_name: The name of the fault.
        column_name: The name of the request.
        always: Whether the fault applies to each request, not only to the first.
        environment: The variables that point at the emulator. Default: its own.
        route: The route between engine and provider.
    """
    row, column = ROWS[row_name], COLUMNS[column_name]
    emulator.reset()
    foreign_webhook = webhook_contents(emulator.create_webhook(FOREIGN_TARGET, secret="secret-of-others"))
    timeout = HANG_TIMEOUT if row.hangs else 30.0
    plugin = start_in_process_plugin(emulator, timeout=timeout, environment=environment, route=route)
    webhook_id = column.prepare(plugin)
    emulator.journal.clear()
    started = plugin.time.monotonic()
    result, error = None, None
    with ExitStack() as faults, closing(plugin.account.client._transport):
        row.arm(plugin, column, faults, always=always)
        try:
            result = column.act(plugin, webhook_id)
        except SinchError as raised:
            error = raised
    foreign_webhooks = [
        webhook_contents(webhook) for webhook in emulator.webhooks() if webhook.target == FOREIGN_TARGET
    ]
    return Seen(
        requests=summarize(request_lines(emulator)),
        result=result,
        error=error,
        at_sinch=at_sinch(plugin),
        foreign_unchanged=foreign_webhooks == [foreign_webhook],
        took=plugin.time.monotonic() - started,
        timeout=timeout,
        user_agents={entry.user_agent for entry in emulator.journal.entries()},
        warm_id=webhook_id,
    )


@dataclass(frozen=True)
class Cell:
    """A cell of the table: fault, request and expected result."""

    row: str
    column: str
    always: bool
    expected: str

    def __str__(self) -> str:
        return f"{self.column}, {self.row}, {'always' if self.always else 'once'}"


def all_cells() -> list[Cell]:
    """Read all cells of the table."""
    cells = []
    for column, table in CELLS.items():
        for line in table.strip().splitlines():
            row, once, always = (part.strip() for part in line.split("|"))
            cells.append(Cell(row, column, always=False, expected=once))
            cells.append(Cell(row, column, always=True, expected=once if always == "=" else always))
    return cells


def assert_promise(
    cell: Cell, seen: Seen, emulator: Emulator, *, unreachable: str = OUTCOMES["unreachable"].sentence
) -> None:
    """Fail unless the result of a cell is the expected one.

    Args:
        cell: The expected result.
        seen: The actual result.
        emulator: The emulator.
        unreachable: The part of an error that says that Sinch cannot be reached.
    """
    outcome = classify_outcome(seen.error, unreachable=unreachable)
    assert f"{seen.requests} -> {outcome}, {seen.at_sinch}" == cell.expected, str(seen.error)
    assert seen.foreign_unchanged
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
    """Check that the outputs for the state match the webhook at Sinch."""
    webhook_id = getattr(result, "id", None)
    outputs = getattr(result, "outs", None)
    if cell.column == "delete":
        assert result is None
    else:
        assert outputs is not None
        live = next(webhook for webhook in emulator.webhooks() if "foreign" not in webhook.target)
        assert secret_of(outputs) == live.secret
        assert (outputs["target"], set(outputs["triggers"])) == (live.target, set(live.triggers))
        assert webhook_id in {live.id, None}
