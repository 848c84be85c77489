import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.cli.preview_comment import MARKER, Kind, has_change, parse, render
from pulumi_sinch.cli.preview_comment.webhook_details import WARNING_SIGN
from unit.cli.preview_comment.documents import REFRESHED, SECRET, TYPE, UNKNOWN, golden, inputs, output, step


def comment(*steps: dict[str, Any], **more: Any) -> str:
    return render([parse("dev", output(*steps, **more))])


def test_marker_comes_first() -> None:
    """A workflow finds its comment by the first line."""
    assert render([]).startswith(f"{MARKER}\n")
    assert comment(step("create", new=inputs())).startswith("<!-- pulumi-sinch preview -->\n")


def test_triggers_are_compared_as_sets() -> None:
    """A trigger that only moved is neither added nor removed, whatever `detailedDiff` says."""
    shown = comment(
        step(
            "update",
            old=inputs(triggers=("A_ONE", "B_TWO", "C_THREE")),
            new=inputs(triggers=("C_THREE", "A_ONE", "D_FOUR")),
            detailedDiff={"triggers[0]": {}, "triggers[1]": {}, "triggers[2]": {}},
        )
    )
    assert "triggers added: `D_FOUR`\n" in shown
    assert "triggers removed: `B_TWO`\n" in shown
    assert "C_THREE" not in shown
    assert "triggers +1 -1" in shown


def test_another_order_is_said_to_be_none() -> None:
    """A change of nothing but the order does not look like a change of triggers."""
    shown = comment(
        step(
            "update",
            old=inputs(triggers=("A", "B")),
            new=inputs(triggers=("B", "A")),
            diffReasons=["triggers"],
        )
    )
    assert "the same ones in another order" in shown


@pytest.mark.parametrize("value", [UNKNOWN, None, {"weird": 1}])
def test_unknown_values(value: object) -> None:
    """What is not known before the deploy is said to be so."""
    shown = comment(
        step("update", old=inputs(), new=inputs(value, value), diffReasons=["target", "triggers"]),
        step("create", "second", new=inputs(value, (value, "ALL"))),
    )
    assert "target `https://h.example/a` → `(not known until up)`" in shown
    assert "triggers not known until `up`" in shown
    assert "`(not known until up)`, `ALL`" in shown
    assert UNKNOWN not in shown


def test_secret_target() -> None:
    """A target that the program marked secret is not shown, its change is."""
    secret = {**SECRET, "ciphertext": "[secret]"}
    for value in ("[secret]", secret):
        shown = comment(step("update", old=inputs(value), new=inputs(value), detailedDiff={"target": {}}))
        assert "target `[secret]` → `[secret]` (only the hidden part of the URL differs)" in shown


def test_secrets_in_clear_are_hidden_everywhere() -> None:
    """A secret that stands in the JSON in clear is shown nowhere: not in a target, a name or a message."""
    plain, wrapped, given_one = "plain-s3cret", "wrapped-s3cret", "from-the-environment"
    text = output(
        step(
            "update",
            f"hook-{plain}",
            old=inputs(f"https://h.example/{plain}", secret=plain, previous_secret=plain),
            new=inputs(
                f"https://{wrapped}.example/{given_one}", secret={**SECRET, "plaintext": json.dumps(wrapped)}
            ),
            detailedDiff={"secret": {}, "target": {}},
        ),
        diagnostics=[
            {"severity": "error", "message": f"error: {plain}, {wrapped} and {given_one} are no good\n"},
        ],
    )
    shown = render([parse("dev", text, hide=[given_one])])
    assert "secret rotated" in shown
    for secret in (plain, wrapped, given_one):
        assert secret not in shown
        assert secret not in repr(parse("dev", text, hide=[given_one]))


def test_targets_are_redacted() -> None:
    """User, password and query of a target are not shown, and a change in just them is said."""
    shown = comment(
        step(
            "update",
            old=inputs("https://u:pa55@h.example/a?token=0ne"),
            new=inputs("https://u:pa55@h.example/a?token=tw0"),
            diffReasons=["target"],
        )
    )
    assert (
        "`https://…@h.example/a?…` → `https://…@h.example/a?…` (only the hidden part of the URL differs)"
        in shown
    )


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ("create", Kind.CREATE),
        ("update", Kind.UPDATE),
        ("replace", Kind.REPLACE),
        ("create-replacement", Kind.REPLACE),
        ("delete-replaced", Kind.DELETE),
        ("delete", Kind.DELETE),
        ("import", Kind.IMPORT),
        ("read", Kind.READ),
        ("same", Kind.SAME),
        ("refresh", Kind.SAME),
        ("teleport", Kind.OTHER),
    ],
)
def test_operations(operation: str, kind: Kind) -> None:
    """Each of Pulumi's operations has its kind; one from the future is shown under its own name."""
    preview = parse("dev", output(step(operation, old=inputs(), new=inputs())))
    assert [webhook.kind for webhook in preview.webhooks] == [kind]
    assert ("`teleport`" in render([preview])) == (kind is Kind.OTHER)


def test_retained() -> None:
    """A webhook that leaves the stack and stays at Sinch is told from one that is deleted."""
    kept = step("delete", old=inputs())
    kept["oldState"]["retainOnDelete"] = True
    assert "it stays at Sinch" in comment(kept)
    assert "it stays at Sinch" not in comment(step("delete", old=inputs()))


def test_other_resources_are_counted_only() -> None:
    """Other resources that change are a number; providers, the stack and unchanged ones are not in it."""
    shown = comment(
        step("create", kind="aws:s3/bucket:Bucket"),
        step("update", "b", kind="aws:s3/bucket:Bucket"),
        step("same", "c", kind="aws:s3/bucket:Bucket"),
        step("create", kind="pulumi:providers:aws"),
        step("create", kind="pulumi:pulumi:Stack"),
        step("read", kind="pulumi-python:dynamic/sinch:Webhooks"),
    )
    assert "2 other resources of the stack change too." in shown
    assert "bucket" not in shown


def test_webhooks_in_components() -> None:
    """Webhooks of one name in several components are told apart by the component's type."""
    shown = comment(
        step("create", new=inputs()),
        step("create", kind=f"shop:index:Team${TYPE}", new=inputs("https://h.example/b")),
    )
    assert "| `hook` in `the stack` | create |" in shown
    assert "| `hook` in `shop:index:Team` | create |" in shown


@pytest.mark.parametrize("summary", [{"same": 2}, {"same": 1}])
def test_quota_is_a_minimum_without_unchanged_webhooks(summary: dict[str, int]) -> None:
    """When unchanged resources are not in the preview the count is a minimum, and the way to the full one is shown."""
    shown = comment(
        step("same", "stack", kind="pulumi:pulumi:Stack"), step("create", new=inputs()), changeSummary=summary
    )
    assert ("at least 1 of 15" in shown) == (summary["same"] == 2)
    assert ("--show-sames" in shown) == (summary["same"] == 2)


@pytest.mark.parametrize("failed", [True, False])
def test_quota_with_a_refresh(failed: bool) -> None:
    """A refresh lists unchanged webhooks too, so they are counted; a preview that failed stays a minimum."""
    more = {"diagnostics": [{"severity": "error", "message": "error: broken"}]} if failed else {}
    stack = {"kind": "pulumi:pulumi:Stack", "name": "stack"}
    shown = comment(
        step("refresh", **stack), step("same", **stack), REFRESHED, changeSummary={"same": 2}, **more
    )
    assert ("- `p`: at least 1 of 15" in shown) == failed
    assert ("- `p`: 1 of 15" in shown) == (not failed)


def test_quota_adds_up_over_stacks() -> None:
    """Stacks of one project share its quota, and passing 15 is flagged."""
    stack = output(*(step("create", f"hook{number}", new=inputs()) for number in range(8)))
    shown = render([parse("dev", stack), parse("prod", stack)])
    assert "- `p`: 16 of 15 (dev 8, prod 8) ⚠️ Sinch refuses more than 15." in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file holds no `pulumi preview --json`"),
        (
            "Previewing update (dev)\n{not json\n\x1b[31merror: no stack named 'dev' found\x1b[0m\n",
            "error: no stack named",
        ),
        ('{"steps": [{"op": "create", "newState": {"inputs": {"secret": "s3cret-value"', "The file holds no"),
        ("[1, 2]\n{}\nnull", "The file holds no"),
        ("[" * 100_000 + "{" * 100_000, "The file holds no"),
    ],
)
def test_no_preview(text: str, said: str) -> None:
    """A file without a preview is a failed preview, with the CLI's own error if it is there, and nothing else of it."""
    preview = parse("dev", text)
    assert preview.failed
    assert said in render([preview])
    assert "s3cret-value" not in render([preview])


def test_lines_around_the_json() -> None:
    """Log lines before and after do not matter, and of several previews the last counts."""
    first = output(step("delete", old=inputs()))
    text = (
        f"using {{x}}\nwarn: {first}\n{json.dumps(json.loads(golden('trigger-update')), indent=4)}\nbye {{\n"
    )
    assert [webhook.kind for webhook in parse("dev", text).webhooks if webhook.kind is not Kind.SAME] == [
        Kind.UPDATE
    ]


@pytest.mark.parametrize("operation", ["same", "update", "delete"])
def test_drift_is_what_the_next_step_starts_from(operation: str) -> None:
    """The refresh's own step shows the saved state twice; the live one is the old state of the step after it."""
    live = inputs("https://elsewhere.example/a", ("ALL", "BUNDLE_DONE"))
    shown = comment(REFRESHED, step(operation, old=live, new=live))
    assert (
        "target `https://h.example/a` → `https://elsewhere.example/a`; triggers added: `BUNDLE_DONE`" in shown
    )
    assert "1 drifted" in shown
    assert not has_change(
        [parse("dev", output(REFRESHED, step(operation, old=inputs(), new=live)))], ["drift"]
    )


@pytest.mark.parametrize("first", [0, 1])
def test_a_left_over_deletion_is_compared_with_its_own_refresh(first: int) -> None:
    """With --refresh the webhook and the one that an interrupted replacement left over share one URN."""
    new, old = inputs("https://h.example/new"), inputs("https://h.example/old")
    refreshes = [step("refresh", old=new, new=new), step("refresh", old=old, new=old)]
    steps = [
        refreshes[first],
        refreshes[1 - first],
        step("same", old=new, new=new),
        step("delete-replaced", old=old),
    ]
    for one, webhook_id in ((refreshes[0], "1"), (refreshes[1], "2"), (steps[2], "1"), (steps[3], "2")):
        one["oldState"]["id"] = webhook_id
    preview = parse("dev", output(*steps))
    assert {(webhook.kind, webhook.drift) for webhook in preview.webhooks} == {
        (Kind.SAME, None),
        (Kind.DELETE, None),
    }


def test_order_of_triggers_is_no_drift() -> None:
    """Sinch may answer with the triggers in another order."""
    saved, live = inputs(triggers=("A", "B")), inputs(triggers=("B", "A"))
    text = output(step("refresh", old=saved, new=saved), step("same", old=live, new=saved))
    assert not has_change([parse("dev", text)], ["drift"])


def test_webhooks_that_are_only_read() -> None:
    """A webhook of another stack takes no part in the quota, and its changes are no drift."""
    read = step("read", new=inputs(target=None))
    read["newState"] |= {"external": True, "outputs": inputs()}
    preview = parse("dev", output(REFRESHED, read))
    assert [(webhook.kind, webhook.drift) for webhook in preview.webhooks] == [(Kind.READ, None)]
    assert preview.webhooks[0].new
    assert preview.webhooks[0].new.target == "https://h.example/a"
    shown = render([preview])
    assert "no change" in shown
    assert "Quota" not in shown


def test_saved_state_is_not_drift() -> None:
    """A failed preview with ``--refresh`` does not make webhooks look gone."""
    text = output(
        step("refresh", "stack", kind="pulumi:pulumi:Stack"),
        step("refresh", old=inputs(), new=inputs()),
        step("same", "stack", kind="pulumi:pulumi:Stack"),
        diagnostics=[{"severity": "error", "message": "error: broken"}],
        changeSummary={"same": 1},
    )
    assert [webhook.drift for webhook in parse("dev", text).webhooks] == [None]


def test_each_of_many_stacks_has_a_row() -> None:
    """A column for each customer of a fleet could not be read. Stacks without a change have no row."""
    change = output(step("create", new=inputs()), step("delete", "old", old=inputs()))
    previews = {f"customer-{number}": change for number in range(9)}
    previews |= {"customer-3": output(step("same", new=inputs())), "customer-4": ""}
    shown = render([parse(name, preview) for name, preview in previews.items()])
    table = shown[shown.index("| stack |") :].partition("\n\n")[0].splitlines()
    assert table[0] == "| stack | `hook` | `old` |"
    assert table[2] == f"| customer-0 | create | {WARNING_SIGN} **delete** |"
    assert "| customer-4 | ? | ? |" in table
    assert len(table) == 2 + 8
    assert "No webhook changes in customer-3." in shown


def test_long_comments_are_cut() -> None:
    """A comment never passes GitHub's limit, and says that it was cut."""
    triggers = tuple(f"TRIGGER_{number}" for number in range(2000))
    steps = [
        step("create", f"h|{number}" * 20, new=inputs("https://h.example/" + "a|" * 300, triggers))
        for number in range(900)
    ]
    shown = comment(*steps)
    assert len(shown) <= 65_536
    assert "The rest is cut off here" in shown
    assert "more webhooks change" in shown


def test_long_diagnostics_keep_first_and_last_lines() -> None:
    """Of a long traceback its first line and its end are shown."""
    message = (
        "error: first\n" + "".join(f"  line {number}\n" for number in range(100)) + "ValueError: the reason\n"
    )
    shown = comment(diagnostics=[{"severity": "error", "message": message}])
    assert "error: first\n…\n" in shown
    assert "ValueError: the reason\n```" in shown
    assert "line 50" not in shown


def test_long_lines_of_a_message_are_wrapped_between_words() -> None:
    """No word is cut, and a secret with spaces is hidden before its line is wrapped."""
    words = [f"word-{number}-{'x' * (number % 40)}" for number in range(50)]
    secret = "a secret of several words " * 3
    message = {
        "severity": "warning",
        "message": f"warning: {' '.join(words)} {secret} https://u:pa55@h.example/?k=1",
    }
    text = output(step("create", new=inputs()), diagnostics=[message])
    shown = render([parse("dev", text, hide=[secret.strip()])])
    block = shown.partition("```text\n")[2].partition("\n```")[0]
    assert all(len(line) <= 110 for line in block.splitlines())
    assert block.split() == ["warning:", *words, "[hidden]", "https://…@h.example/?…"]


def test_a_fence_in_a_message_does_not_end_the_block() -> None:
    """Backticks in a message stay inside its code block."""
    message = {"severity": "warning", "message": "warning: a\n```\n# b"}
    shown = comment(step("create", new=inputs()), diagnostics=[message])
    assert "````text\nwarning: a\n```\n# b\n````" in shown


ANY = st.text() | st.text("|`\\<>&*_[]()!#@~$:\n\r\t\u2028\u202e/ -aA1", max_size=60)


@given(names=st.lists(ANY, max_size=4), target=ANY, trigger=ANY, stacks=st.lists(ANY, min_size=1, max_size=3))
def test_tables_keep_their_columns(
    names: Sequence[str], target: str, trigger: str, stacks: Sequence[str]
) -> None:
    """Whatever names, targets and triggers hold, each table row has one cell for the webhook and one for each stack."""
    text = output(*(step("create", name, new=inputs(target, (trigger,))) for name in names))
    shown = render([parse(stack, text) for stack in stacks])
    table = re.search(r"^\| webhook .*?\n\n", shown, re.MULTILINE | re.DOTALL)
    assert bool(table) == bool(names)
    for line in table[0].strip().split("\n") if table else []:
        assert line.startswith("| ")
        assert line.endswith(" |")
        assert line.count("|") == len(stacks) + 2
        # Code spans are closed: what is left outside of them holds nothing that Markdown or HTML reads.
        outside = re.sub(r"`[^`]+`|</?code>|&#[0-9]+;", "", line)
        assert not re.search(r"[`<>&\[\]\\]", outside)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
STATES = st.fixed_dictionaries(
    {},
    optional={
        "inputs": JSON
        | st.fixed_dictionaries(
            {}, optional={"target": JSON, "triggers": JSON, "project_id": JSON, "secret": JSON}
        )
    },
)
STEPS = st.fixed_dictionaries(
    {},
    optional={
        "op": JSON | st.sampled_from(["create", "refresh", "same"]),
        "urn": JSON | st.just(f"urn:pulumi:a::b::{TYPE}::c"),
        "oldState": JSON | STATES,
        "newState": JSON | STATES,
        "detailedDiff": JSON,
        "diffReasons": JSON,
    },
)


@given(
    st.fixed_dictionaries(
        {"steps": st.lists(STEPS, max_size=4) | JSON}, optional={"diagnostics": JSON, "changeSummary": JSON}
    )
)
def test_any_json_is_survived(document: object) -> None:
    """Missing fields and values of any type never crash the comment."""
    assert render([parse("dev", json.dumps(document))]).startswith(MARKER)
