"""The rows of the fault matrix: faults of a request."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from fault_matrix.operations import Column
from in_process_plugin import InProcessPlugin
from loopback import out_of_reach


@dataclass(frozen=True)
class Row:
    """One fault.

    Attributes:
        name: The name of the row.
        fault: Arguments of the emulator's `FaultSchedule.add`. If empty, the emulator is stopped.
        columns: The requests that can have the fault. If empty, all of them.
        spared: The requests that cannot have it.
    """

    name: str
    fault: dict[str, Any] = field(default_factory=dict)
    columns: frozenset[str] = frozenset()
    spared: frozenset[str] = frozenset()

    def can_hit(self, column: str) -> bool:
        return column not in self.spared and (not self.columns or column in self.columns)

    @property
    def hangs(self) -> bool:
        return self.fault.get("kind") == "hang"

    def arm(self, plugin: InProcessPlugin, column: Column, faults: ExitStack, *, always: bool) -> None:
        """Schedule the fault for the column's request, once or until `faults` is closed."""
        if self.fault:
            plugin.emulator.faults.add(
                **self.fault, method=column.method, path=column.path, times=None if always else 1
            )
            return
        faults.enter_context(out_of_reach(plugin.emulator))
        # On a busy machine, the client may not notice the end of a kept connection: a lost response.
        plugin.account.client._transport.close()
        if not always:
            plugin.time.before_sleep = faults.close


def _status(status: int, **other: Any) -> dict[str, Any]:
    return {"kind": "status", "status": status, **other}


ROWS = {
    row.name: row
    for row in (
        Row("no connection"),
        Row("reset before", {"kind": "reset"}),
        Row("reset after commit", {"kind": "reset", "after_commit": True}),
        Row("timeout before", {"kind": "hang"}),
        Row("timeout after commit", {"kind": "hang", "after_commit": True}),
        Row("408", _status(408)),
        Row("429, Retry-After 3 s", _status(429, retry_after="3")),
        Row("429, Retry-After a date", _status(429, retry_after="Fri, 01 Jan 2100 00:00:00 GMT")),
        Row("429, no Retry-After", _status(429)),
        Row("429, Retry-After absurd", _status(429, retry_after="9" * 40)),
        Row("499 before", _status(499, body="")),
        *(Row(f"{status} before", _status(status)) for status in (500, 502, 503, 504, 520)),
        *(
            Row(f"{status} after commit", _status(status, body="", after_commit=True))
            for status in (303, 499)
        ),
        *(
            Row(f"{status} after commit", _status(status, after_commit=True))
            for status in (500, 502, 503, 504, 520)
        ),
        Row("broken body", {"kind": "truncated_body"}, spared=frozenset({"delete"})),
        Row("truncated JSON", {"kind": "truncated_json"}, spared=frozenset({"delete"})),
        Row("HTML 200", {"kind": "html", "status": 200}),
        Row("HTML 404", {"kind": "html", "status": 404}),
        Row("empty 2xx", {"kind": "empty"}),
        Row("token expired", {"kind": "expired_token"}, spared=frozenset({"token"})),
        Row("401", _status(401)),
        Row("403", _status(403, body="{}")),
        Row("page loop", {"kind": "page_loop"}, columns=frozenset({"list"})),
    )
}
