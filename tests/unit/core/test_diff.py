from typing import Any

import pytest
from pulumi.output import UNKNOWN
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import run_state
from pulumi_sinch.core.diff import STORED, any_differs, diff, differs, plan_update

A, B = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_INACTIVE"
STATE = {
    "target": "https://h.example/a",
    "triggers": [A, B],
    "project_id": "p",
    "secret": "s",
    "previous_secret": "",
    "__provider": "pickle",
}


def news(**changed: Any) -> dict[str, Any]:
    merged = {**STATE, **changed}
    return {key: value for key, value in merged.items() if value is not None}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, []),
        ({"triggers": [B, A]}, []),
        ({"triggers": [A]}, ["triggers"]),
        ({"triggers": [A, B, "BUNDLE_DONE"]}, ["triggers"]),
        ({"triggers": [A, UNKNOWN]}, ["triggers"]),
        ({"triggers": UNKNOWN}, ["triggers"]),
        ({"target": "https://h.example/b"}, ["target"]),
        ({"target": UNKNOWN}, ["target"]),
        ({"project_id": "q"}, ["project_id"]),
        ({"project_id": UNKNOWN}, ["project_id"]),
        ({"secret": "t"}, ["secret"]),
        ({"secret": UNKNOWN}, ["secret"]),
        ({"secret": None}, []),
        ({"previous_secret": None}, []),
        ({"previous_secret": "s"}, ["previous_secret"]),
        ({"secret_version": "1"}, ["secret_version"]),
        ({"adopt": True, "allow_unknown_triggers": True}, []),
    ],
)
def test_what_differs(changed: dict[str, Any], expected: list[str]) -> None:
    """Triggers are compared as sets, unknown values differ, and a secret that only Sinch knows does not."""
    assert [key for key in STORED if differs(key, STATE, news(**changed))] == expected
    assert any_differs(STATE, news(**changed)) is bool(expected)


@pytest.mark.parametrize(
    ("changed", "method", "fields"),
    [
        ({}, "none", {}),
        ({"triggers": [B, A]}, "none", {}),
        ({"adopt": True}, "none", {}),
        ({"previous_secret": "x"}, "none", {}),
        ({"secret": None}, "none", {}),
        ({"triggers": [A]}, "PATCH", {"triggers": [A]}),
        ({"target": "https://h.example/b"}, "PATCH", {"target": "https://h.example/b"}),
        ({"secret": "t"}, "PATCH", {"secret": "t"}),
        ({"secret": "t", "triggers": [A]}, "PATCH", {"secret": "t", "triggers": [A]}),
        ({"secret_version": "1"}, "PATCH", {"secret": "s"}),
        ({"secret_version": "1", "secret": "t"}, "PATCH", {"secret": "t"}),
        (
            {"secret_version": "1", "triggers": [A]},
            "PUT",
            {"target": "https://h.example/a", "secret": "s", "triggers": [A]},
        ),
    ],
)
def test_what_an_update_sends(changed: dict[str, Any], method: str, fields: dict[str, Any]) -> None:
    """An update sends a PATCH, a PUT if it sends the secret again with other changes, or nothing."""
    plan = plan_update(STATE, news(**changed))
    assert plan.fields == fields
    assert plan.complete is (method == "PUT")


@pytest.mark.parametrize("missing", ["", None])
def test_a_webhook_whose_secret_only_sinch_knows_gets_everything(missing: str | None) -> None:
    """The first secret of an adopted or imported webhook is sent with a PUT of all fields."""
    olds = {**STATE, "secret": missing}
    assert plan_update(olds, news(secret=None, triggers=[A])).fields == {"triggers": [A]}
    plan = plan_update(olds, news(secret="first"))
    assert plan.complete
    assert plan.fields == {"target": "https://h.example/a", "secret": "first", "triggers": [A, B]}


def test_a_plan_does_not_show_what_it_sends() -> None:
    """The repr of a plan does not contain the secret."""
    assert "t0p" not in repr(plan_update(STATE, news(secret="t0p")))


INPUTS = {"target": "https://h.example/a", "triggers": [A, B], "project_id": "p"}
"""The inputs of a program that leaves the secret to the provider."""


@pytest.mark.parametrize(
    ("stored", "changed", "details"),
    [
        ({}, {}, {}),
        ({}, {"triggers": [B, A]}, {}),
        ({}, {"target": "https://h.example/b"}, {"target": "update"}),
        ({}, {"project_id": "q"}, {"project_id": "update"}),
        ({}, {"triggers": [A]}, {"triggers[1]": "delete"}),
        ({}, {"triggers": [A, B, "BUNDLE_DONE"]}, {"triggers[2]": "add"}),
        ({}, {"triggers": ["BUNDLE_DONE", B]}, {"triggers[0]": "update"}),
        ({}, {"triggers": [B, "BUNDLE_DONE"]}, {"triggers[0]": "delete", "triggers[1]": "add"}),
        ({}, {"triggers": UNKNOWN}, {"triggers": "update"}),
        ({}, {"triggers": [A, UNKNOWN]}, {"triggers": "update"}),
        ({"triggers": []}, {}, {"triggers": "add"}),
        ({"target": ""}, {}, {"target": "add"}),
        ({}, {"secret": "t"}, {"secret": "update", "previous_secret": "add"}),
        (
            {},
            {"secret_version": "1"},
            {"secret": "add", "previous_secret": "add", "secret_version": "add"},
        ),
        (
            {"secret_version": "1"},
            {},
            {"secret": "add", "previous_secret": "add", "secret_version": "delete"},
        ),
        (
            {},
            {"target": "https://h.example/b", "triggers": [A]},
            {"target": "update", "triggers[1]": "delete"},
        ),
    ],
)
def test_details(stored: dict[str, Any], changed: dict[str, Any], details: dict[str, str]) -> None:
    """Each change is named. A value that the update decides is an addition."""
    run_state.start_run()
    compared = diff("a", STATE | stored, INPUTS | changed)
    assert (compared.details, compared.changes) == (details, bool(details))


@pytest.mark.parametrize(
    ("changed", "replaces", "delete_first"),
    [
        ({}, (), True),
        ({"triggers": [A]}, (), True),
        ({"target": "https://h.example/b"}, (), False),
        ({"project_id": "q"}, ("project_id",), False),
        ({"project_id": UNKNOWN}, ("project_id",), False),
        ({"project_id": "q", "target": "https://h.example/b"}, ("project_id",), False),
    ],
)
def test_replacements(changed: dict[str, Any], replaces: tuple[str, ...], *, delete_first: bool) -> None:
    """Only another project replaces. A forced replacement with the same project and target deletes first."""
    run_state.start_run()
    compared = diff("a", STATE, INPUTS | changed)
    assert (compared.replaces, compared.delete_before_replace) == (replaces, delete_first)


def test_a_webhook_of_two_resources_is_an_error() -> None:
    """The first comparison passes. The second one names the webhook."""
    run_state.start_run()
    for _ in range(2):
        run_state.current().see_existing(INPUTS, STATE)
    assert not diff("a", STATE, INPUTS).changes
    with pytest.raises(SinchError, match="webhook a also belongs to another resource of this stack"):
        diff("a", STATE, INPUTS)


@pytest.mark.parametrize("key", ["previous_secret", "secret_version", "target", "triggers"])
def test_a_value_that_is_gone_differs(key: str) -> None:
    """Only a secret may be left out."""
    olds = STATE | {"previous_secret": "p", "secret_version": "1"}
    assert differs(key, olds, {name: value for name, value in olds.items() if name != key})
