"""Write the tables of `docs/reliability.md` from the matrix. Run with ``make reliability-page``."""

import re
from pathlib import Path

from fault_matrix.cells import all_cells
from fault_matrix.operations import COLUMNS
from fault_matrix.outcomes import OUTCOMES

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
_CELLS = re.compile(r"(?<=<!-- cells -->\n).*(?=<!-- end of cells -->)", re.DOTALL)

HEADINGS = {
    "token": "Fetching the token, in a create",
    "list": "Listing the webhooks, before a create",
    "create": "Creating a webhook",
    "read": "Reading a webhook",
    "update": "Updating a webhook: other triggers and another secret",
    "delete": "Deleting a webhook",
}
AT_SINCH = {
    **{key: {"none": "no webhook", "new": "the webhook, as declared"} for key in ("token", "list", "create")},
    **{
        key: {"none": "gone", "old": "as before", "new": "as declared"}
        for key in ("read", "update", "delete")
    },
}


def updated(page: str) -> str:
    """Return the page with the current tables."""
    return _CELLS.sub(lambda _: _legend() + "".join(_table(column) for column in COLUMNS), page)


def _legend() -> str:
    lines = [
        f"| {name} | …{outcome.sentence}… | …{outcome.next_step}… |" for name, outcome in OUTCOMES.items()
    ]
    return "\n".join(
        [
            (
                "`POST -` is a request that got no response. `x4` means four in a row. `list` is the GET "
                "request for a list of webhooks. The cells in italics are errors, which contain these words:"
            ),
            "",
            "| in the tables | the error says | and, if nothing changed at Sinch, advises |",
            "|---|---|---|",
            *lines,
            "",
            (
                "An error marked *ambiguous* says `The request may have taken effect at Sinch.` and that it "
                "is safe to run the command again. All other errors say `Nothing was changed at Sinch.`"
            ),
            "",
            "",
        ]
    )


def _table(column: str) -> str:
    once = {cell.row: cell.expected for cell in all_cells() if cell.column == column and not cell.always}
    ever = {cell.row: cell.expected for cell in all_cells() if cell.column == column and cell.always}
    lines = [
        f"| {row} | {_shown(column, once[row])} | "
        f"{'the same' if ever[row] == once[row] else _shown(column, ever[row])} |"
        for row in once
    ]
    return "\n".join(
        [
            f"### {HEADINGS[column]}",
            "",
            "| fault | hits once | hits every time |",
            "|---|---|---|",
            *lines,
            "",
            "",
        ]
    )


def _shown(column: str, cell: str) -> str:
    requests, _, rest = cell.partition(" -> ")
    outcome, _, at_sinch = rest.rpartition(", ")
    name = (
        f"*{outcome[:-1]}, ambiguous*"
        if outcome.endswith("?")
        else outcome
        if outcome == "done"
        else f"*{outcome}*"
    )
    sent = "no request gets through" if requests == "none" else f"`{requests}`"
    return f"{sent}: {name}; {AT_SINCH[column][at_sinch]}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text()))
