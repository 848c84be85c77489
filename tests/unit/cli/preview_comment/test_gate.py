"""`--fail-on`: the kinds of change that stop a review."""

from typing import Any

import pytest
from pulumi_sinch.cli.preview_comment import has_change, parse, render
from unit.cli.preview_comment.documents import SECRET, UNKNOWN, golden, inputs, output, step

KINDS = ("create", "update", "rotate", "replace", "delete", "adopt", "import", "drift", "failed")


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("create", {"create"}),
        ("trigger-update", {"update"}),
        ("rotation", {"update", "rotate"}),
        ("replace", {"replace"}),
        ("delete", {"delete"}),
        ("import", {"import", "adopt"}),
        ("import-update", {"import", "adopt", "update", "rotate"}),
        ("import-replacement-update", {"import", "adopt", "replace", "update", "rotate"}),
        ("drift", {"create", "update", "drift"}),
        ("drift-refresh-only", {"drift"}),
        ("failed-check", {*KINDS}),
        ("no-change", set()),
        ("adopt", {"create", "adopt"}),
        ("adopt-rename", {"create", "adopt", "delete"}),
        ("adopt-replace", {"replace", "adopt"}),
        ("adopt-unknown", {"create", "adopt"}),
        ("lookup-to-adopted", {"create", "adopt"}),
        ("managed-to-lookup", {"delete"}),
        ("managed-to-own-lookup", set()),
        ("subclass-delete", {"delete"}),
    ],
)
def test_has_change(name: str, kinds: set[str]) -> None:
    """Each kind of change is found where it is, and not elsewhere."""
    preview = parse("dev", golden(name))
    for kind in KINDS:
        assert has_change([preview], [kind]) == (kind in kinds), kind


@pytest.mark.parametrize("kind", ["create", "drift", "failed", "explode"])
@pytest.mark.parametrize(
    "steps",
    [
        [step("teleport", old=inputs(), new=inputs())],
        [step("update", old=inputs(), new=inputs()), step("teleport", old=inputs())],
        [{**step("teleport"), "oldState": {"external": True}}],
        [step("refresh", kind="pulumi:pulumi:Stack"), step("teleport", old=inputs(), new=inputs())],
    ],
)
def test_an_unknown_operation_stops_every_gate(steps: list[dict[str, Any]], kind: str) -> None:
    """An unknown operation matches every kind, and is named at the top of the comment."""
    preview = parse("dev", output(*steps))
    assert has_change([preview], [kind])
    assert not has_change([preview], [])
    assert "> dev: **unknown operation** `hook`" in render([preview])
    assert "which this version does not know: every `--fail-on` stops" in render([preview])


@pytest.mark.parametrize("name", ["failed-check", "failed-program"])
def test_a_failed_preview_stops_every_gate(name: str) -> None:
    """A failed preview matches every kind. Without `--fail-on` it does not fail the command."""
    preview = parse("dev", golden(name))
    assert all(has_change([preview], [kind]) for kind in KINDS)
    assert not has_change([preview], [])


def test_an_update_that_the_engine_did_not_compare_may_be_a_replacement() -> None:
    """An update that the engine did not compare counts as a possible replacement."""
    unchecked = inputs()
    del unchecked["project_id"]
    preview = parse("dev", output(step("update", old=inputs(), new=unchecked)))
    assert {kind for kind in KINDS if has_change([preview], [kind])} == {"update", "replace", "delete"}
    shown = render([preview])
    assert "| `hook` | ⚠️ update or **replace** |" in shown
    assert "inputs of its provider are not known until `up`" in shown
    known = parse("dev", output(step("update", old=inputs(), new=inputs())))
    assert {kind for kind in KINDS if has_change([known], [kind])} == {"update"}


@pytest.mark.parametrize(
    ("value", "adopts"),
    [
        (True, True),
        (UNKNOWN, True),
        ({**SECRET, "value": True}, True),
        ("[secret]", True),
        (False, False),
        (None, False),
    ],
)
def test_adopt_of_any_value(value: object, adopts: bool) -> None:
    """A value of `adopt` that is unknown counts as true. Only a create or a replacement adopts."""
    for operation, counts in (("create", adopts), ("replace", adopts), ("update", False), ("same", False)):
        text = output(step(operation, old=inputs(), new=inputs(adopt=value)))
        assert has_change([parse("dev", text)], ["adopt"]) == counts


def test_an_interrupted_replacement_that_deleted_first_is_a_create() -> None:
    """The rest of an interrupted replacement counts as a create, because no webhook is left to delete."""
    left = [step(op, old=inputs(), new=inputs()) for op in ("replace", "create-replacement")]
    for one in left:
        one["oldState"]["pendingReplacement"] = True
    preview = parse("dev", output(*left))
    assert {kind for kind in KINDS if has_change([preview], [kind])} == {"create"}
    assert "`hook`: create: `https://h.example/a` with `ALL`; an interrupted replacement deleted" in render(
        [preview]
    )
    whole = parse("dev", output(step("delete-replaced", old=inputs()), *left))
    assert {kind for kind in KINDS if has_change([whole], [kind])} == {"replace"}
