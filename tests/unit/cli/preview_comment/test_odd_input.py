"""Files without a complete preview count as failed, and never cause a traceback or "no change"."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.cli.preview_comment import has_change, parse, render
from pulumi_sinch.cli.preview_comment.redacted_json import redact
from unit.cli.preview_comment.documents import REFRESHED, golden, inputs, output, step

WHOLE = output(step("create", new=inputs()))

ODD = {
    "an empty object": "{}",
    "an operation that is a list": output({**step("create", new=inputs()), "op": []}),
    "a step without an operation": output(step(None, new=inputs())),  # type: ignore[arg-type]
    "a step without a URN": output({"op": "delete"}),
    "a URN of another kind": output({"op": "delete", "urn": "hook"}),
    "a state that is a list": output({**step("delete"), "oldState": []}),
    "inputs that are a text": output({**step("delete"), "oldState": {"inputs": "s3cret-value"}}),
    "steps that are an object": json.dumps({"steps": {"op": "delete"}, "changeSummary": {}}),
    "steps that are texts": json.dumps({"steps": ["s3cret-value"], "changeSummary": {}}),
    "no steps": json.dumps({"steps": [], "changeSummary": {}}),
    "no summary": json.dumps({"steps": [step("create", new=inputs())]}),
    "a summary of texts": json.dumps({"changeSummary": {"same": "s3cret-value"}}),
    "a summary with more than the steps": output(REFRESHED, changeSummary={"delete": 1}),
    "diagnostics that are a text": output(REFRESHED, diagnostics="s3cret-value"),
    "terraform validate -json": json.dumps({"format_version": "1.0", "valid": True, "diagnostics": []}),
    "terraform plan -json": (
        '{"@level":"info","type":"version"}\n{"type":"change_summary","changes":{"remove":1}}\n'
    ),
    "a workflow": json.dumps({"steps": [{"name": "Checkout", "uses": "actions/checkout"}]}),
    "pulumi stack export": json.dumps({"version": 3, "deployment": {"resources": []}}),
    "an event stream without its end": "\n".join(
        line for line in golden("event-stream").splitlines() if "summaryEvent" not in line
    ),
    "a second preview that is cut off": f"{WHOLE}\n{WHOLE[:-20]}",
}


@pytest.mark.parametrize("name", ODD)
def test_odd_json_is_a_failed_preview(name: str) -> None:
    """The comment names the stack and says that its preview failed, without values from the file."""
    preview = parse("dev", ODD[name])
    assert preview.failed
    assert has_change([preview], ["delete"])
    shown = render([preview])
    assert "1 preview failed" in shown
    assert "> dev: **the preview failed**" in shown
    assert "s3cret-value" not in shown


@pytest.mark.parametrize("name", ODD)
def test_redacted_odd_json_is_a_failed_preview(name: str) -> None:
    """Redacted odd JSON is still a failed preview."""
    redacted = redact(ODD[name])
    assert parse("dev", redacted).failed
    assert "s3cret-value" not in redacted


def test_a_whole_preview_after_log_lines_is_read() -> None:
    """Log lines with braces, and JSON of other programs, do not fail a preview."""
    text = f'using {{x}}\n{{"level": "info"}}\n{WHOLE}\nbye {{\n'
    assert not parse("dev", text).failed


def test_the_comment_says_where_the_form_is_unexpected() -> None:
    """The comment names the place in the JSON and the kind of problem, without the value."""
    shown = render([parse("dev", ODD["an operation that is a list"])])
    sentence = "not a complete `pulumi preview --json`: it has an unexpected form at steps.0.op (string_type)"
    assert sentence in " ".join(shown.split())


LINES = st.lists(
    st.sampled_from(
        ["{", "}", "{}", "[]", "[", "null", '{"steps": []}', '{"diagnostics": []}', "error: x", "\x00", "{{"]
    )
)


@given(st.text() | LINES.map("\n".join))
def test_any_text_is_a_failed_preview(text: str) -> None:
    """Text without a preview never reads as "no change", raw or redacted."""
    for given_text in (text, redact(text)):
        preview = parse("dev", given_text)
        assert preview.failed
        assert "1 preview failed" in render([preview])
