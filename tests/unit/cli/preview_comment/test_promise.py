"""The comment never says less than `pulumi up` does. Tested with recorded previews."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from previews.composed import compose
from previews.records import Record, load_records
from previews.scenarios import SCENARIOS
from previews.truth import LOSSES_AND_GAINS, unannounced
from pulumi_sinch.cli.preview_comment import has_change, parse, render, unknown_operations
from pulumi_sinch.cli.preview_comment.redacted_json import redact

RECORDS = load_records()
VERSIONS = sorted({record.version for record in RECORDS})
WHOLE = [record for record in RECORDS if not parse("dev", record.text).failed]
GATES = ("create", "update", "rotate", "replace", "delete", "adopt", "import", "drift", "failed")
OPERATIONS = {
    *("same", "create", "update", "delete", "replace", "create-replacement", "delete-replaced"),
    *("read", "read-replacement", "refresh", "discard", "import", "import-replacement"),
}
FAILING = {scenario.name for scenario in SCENARIOS if scenario.fails}


def steps_of(record: Record) -> list[dict[str, Any]]:
    return record.preview.get("steps", []) if isinstance(record.preview, dict) else []


@pytest.mark.parametrize("version", VERSIONS)
def test_every_scenario_and_operation_is_recorded(version: str) -> None:
    """Each version of the CLI has a record of each scenario, and its records contain each operation."""
    records = [record for record in RECORDS if record.version == version]
    assert {record.scenario for record in records} == {scenario.name for scenario in SCENARIOS}
    assert {step["op"] for record in records for step in steps_of(record)} >= OPERATIONS
    assert {effect.kind for record in records for effect in record.effects} == {*LOSSES_AND_GAINS}


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_recorded_preview_announces_its_update(record: Record) -> None:
    """The comment and the gate announce each deletion, replacement, create and adoption of the real `up`."""
    assert unannounced(record.text, record.effects) == []


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_exactly_the_failing_previews_fail(record: Record) -> None:
    """Exactly the previews that ended with an error, or were interrupted, count as failed."""
    preview = parse("dev", record.text)
    assert preview.failed == (record.scenario in FAILING)
    assert not preview.failed or all(has_change([preview], [kind]) for kind in GATES)


@given(st.data())
def test_a_composed_preview_announces_its_update(data: st.DataObject) -> None:
    """If changes are combined in one stack in any order, none hides another."""
    version = data.draw(st.sampled_from(VERSIONS))
    refreshes = data.draw(st.booleans())
    candidates = [
        record
        for record in WHOLE
        if record.version == version and ("--refresh" in record.options) == refreshes
    ]
    chosen = data.draw(
        st.lists(
            st.sampled_from(candidates), min_size=1, max_size=6, unique_by=lambda record: record.scenario
        )
    )
    order = data.draw(st.randoms(use_true_random=False))
    text = json.dumps(compose(chosen, order))
    assert not parse("dev", text).failed
    assert unannounced(text, [effect for record in chosen for effect in record.effects]) == []


@given(record=st.sampled_from(WHOLE), data=st.data())
def test_an_unknown_operation_trips_every_gate(record: Record, data: st.DataObject) -> None:
    """An operation without a record, at any step of a webhook, trips every gate, and the comment names it."""
    document = json.loads(record.text)
    webhooks = [
        step
        for step in document["steps"]
        if parse("dev", json.dumps({"steps": [step], "changeSummary": {}})).webhooks
    ]
    if not webhooks:
        return
    data.draw(st.sampled_from(webhooks))["op"] = "teleport"
    preview = parse("dev", json.dumps({**document, "changeSummary": {}}))
    assert all(has_change([preview], [kind]) for kind in GATES)
    assert unknown_operations([preview])
    assert "unknown operation" in render([preview])


@given(record=st.sampled_from(WHOLE), indent=st.sampled_from([None, 0, 4]), data=st.data())
def test_a_truncated_preview_is_a_failed_one(record: Record, indent: int | None, data: st.DataObject) -> None:
    """A preview that is truncated anywhere never reads as "no change", and trips every gate."""
    text = json.dumps(json.loads(record.text), indent=indent)
    preview = parse("dev", text[: data.draw(st.integers(0, len(text) - 1))])
    assert preview.failed
    assert "1 preview failed" in render([preview])
    assert all(has_change([preview], [kind]) for kind in GATES)


@given(record=st.sampled_from(WHOLE), data=st.data())
def test_a_preview_without_one_of_its_changes_is_a_failed_one(record: Record, data: st.DataObject) -> None:
    """A file that lacks one step counts as failed, because the summary counts each change."""
    document = json.loads(record.text)
    counted = [
        step
        for step in document["steps"]
        if step["op"] in {"create", "update", "delete", "replace", "import"}
    ]
    if not counted:
        return
    document["steps"].remove(data.draw(st.sampled_from(counted)))
    assert parse("dev", json.dumps(document)).failed


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_redaction_changes_neither_comment_nor_gate(record: Record) -> None:
    """The comment on redacted JSON equals the comment on the preview. Redacting twice changes nothing."""
    redacted = redact(record.text)
    original, again = parse("dev", record.text), parse("dev", redacted)
    assert render([again]) == render([original])
    assert [has_change([again], [kind]) for kind in GATES] == [
        has_change([original], [kind]) for kind in GATES
    ]
    assert redact(redacted) == redacted
