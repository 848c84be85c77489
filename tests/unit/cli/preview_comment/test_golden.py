"""Golden comments: the expected comment for each kind of change.

The ``.json`` files are outputs of Pulumi 3.259.0 for a dynamic resource with the webhook's type and
properties, without stack traces and timestamps. ``import.json`` was written by hand, because a dynamic
provider cannot import in a preview. After an intended change of the comment, write the ``.md`` files again
with

    UPDATE_GOLDEN=1 pytest tests/unit/cli/preview_comment

and read the difference.
"""

import os
from pathlib import Path

import pytest
from pulumi_sinch.cli.preview_comment import parse, render

HERE = Path(__file__).parent

COMMENTS = {
    "create": {"dev": "create"},
    "trigger-update": {"dev": "trigger-update"},
    "target-update": {"dev": "target-update"},
    "rotation": {"dev": "rotation"},
    "replace": {"dev": "replace"},
    "delete": {"dev": "delete"},
    "import": {"dev": "import"},
    "import-update": {"dev": "import-update"},
    "import-replacement-update": {"dev": "import-replacement-update"},
    "drift": {"dev": "drift"},
    "drift-and-removed": {"dev": "drift-and-removed"},
    "drift-refresh-only": {"dev": "drift-refresh-only"},
    "no-change": {"dev": "no-change", "prod": "no-change"},
    "event-stream": {"dev": "event-stream"},
    "several-stacks": {
        "dev": "trigger-update",
        "staging": "failed-check",
        "prod": "replace",
        "prod-eu": "no-change",
    },
    "failed-check": {"dev": "failed-check"},
    "failed-program": {"dev": "failed-program"},
    "warning-and-read": {"dev": "warning-and-read"},
    "managed-to-lookup": {"dev": "managed-to-lookup"},
    "managed-to-lookup-refresh": {"dev": "managed-to-lookup-refresh"},
    "managed-to-own-lookup": {"dev": "managed-to-own-lookup"},
    "managed-to-unknown-lookup": {"dev": "managed-to-unknown-lookup"},
    "lookup-to-managed": {"dev": "lookup-to-managed"},
    "lookup-to-managed-steps": {"dev": "lookup-to-managed-steps"},
    "lookup-to-managed-stream": {"dev": "lookup-to-managed-stream"},
    "lookup-to-lookup": {"dev": "lookup-to-lookup"},
    "lookup-removed": {"dev": "lookup-removed"},
    "retained-to-lookup": {"dev": "retained-to-lookup"},
    "retained-replace": {"dev": "retained-replace"},
    "subclass-delete": {"dev": "subclass-delete"},
    "subclass-replace": {"dev": "subclass-replace"},
    "managed-to-subclass": {"dev": "managed-to-subclass"},
    "managed-to-lookup-steps": {"dev": "managed-to-lookup-steps"},
    "managed-to-lookup-stream": {"dev": "managed-to-lookup-stream"},
    "drift-subclass": {"dev": "drift-subclass"},
    "adopt": {"dev": "adopt"},
    "adopt-rename": {"dev": "adopt-rename"},
    "adopt-replace": {"dev": "adopt-replace"},
    "adopt-unknown": {"dev": "adopt-unknown"},
    "lookup-to-adopted": {"dev": "lookup-to-adopted"},
    "lookup-to-adopted-stream": {"dev": "lookup-to-adopted-stream"},
    "interrupted-replacement": {"dev": "interrupted-replacement"},
    "interrupted-replacement-stream": {"dev": "interrupted-replacement-stream"},
    "awkward": {"dev | `test` <b>": "awkward"},
}


@pytest.mark.parametrize("comment", list(COMMENTS))
def test_comment(comment: str) -> None:
    """The comment for each preview equals the one that was reviewed."""
    stacks = [
        parse(stack, (HERE / f"{name}.json").read_text("utf-8")) for stack, name in COMMENTS[comment].items()
    ]
    expected = HERE / f"{comment}.md"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(render(stacks), "utf-8")
    assert render(stacks) == expected.read_text("utf-8")


def test_every_input_is_used() -> None:
    """Every input and every expected comment belongs to a test."""
    assert {path.stem for path in HERE.glob("*.md")} == set(COMMENTS)
    used = {name for stacks in COMMENTS.values() for name in stacks.values()}
    assert {path.stem for path in HERE.glob("*.json")} == used


@pytest.mark.parametrize("path", sorted(HERE.glob("*.md")), ids=lambda path: path.stem)
def test_nothing_private_is_shown(path: Path) -> None:
    """No comment contains tokens from targets or errors, or placeholders of secrets."""
    text = path.read_text("utf-8")
    for private in ("t0ken", "passw0rd", "key=abc", "sample-secret", "04da6b54", "4dabf181", "gASV"):
        assert private not in text
