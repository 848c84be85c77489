"""`ignore_changes`: the engine replaces ignored inputs by those of the state before `check`."""

from typing import Any

import pytest
from plugin.harness import UNKNOWN, Plugin, Start, plain

TARGET = "https://hooks.example.com/sinch"
PROGRAM: dict[str, Any] = {"target": TARGET, "triggers": ["WHATSAPP_SENDER_ACTIVE"]}


@pytest.mark.parametrize(
    "program",
    [
        {},
        {"secret": "s3cret-given"},
        {"secret_version": "1"},
        {"adopt": True, "allow_unknown_triggers": True},
    ],
)
def test_all_inputs_can_be_ignored(start: Start, program: dict[str, Any]) -> None:
    """With `["*"]` the new inputs are the old ones, `previous_secret` included: nothing changes."""
    old = plain(start().check({**PROGRAM, **program}))
    plugin = start()
    assert plain(plugin.check(old, old)) == old
    rotated = plain(plugin.check({**PROGRAM, "secret": "s3cret-next"}, old))
    assert plain(plugin.check(rotated, rotated)) == rotated


def test_the_previous_secret_can_be_ignored(plugin: Plugin) -> None:
    """An ignored `previous_secret` still follows a rotation, because a receiver needs both secrets."""
    old = plain(plugin.check({**PROGRAM, "secret": "s3cret-one"}))
    program = {**PROGRAM, "previous_secret": old["previous_secret"]}
    assert plain(plugin.check({**program, "secret": "s3cret-one"}, old)) == old
    assert plain(plugin.check({**program, "secret": "s3cret-two"}, old))["previous_secret"] == "s3cret-one"
    versioned = plain(plugin.check({**PROGRAM, "secret_version": 1}))
    again = {**PROGRAM, "secret_version": 1, "previous_secret": versioned["previous_secret"]}
    assert plain(plugin.check(again, versioned)) == versioned


@pytest.mark.parametrize("value", ["s3cret-wanted", UNKNOWN])
@pytest.mark.parametrize("exists", [False, True])
def test_nobody_else_sets_the_previous_secret(plugin: Plugin, value: str, *, exists: bool) -> None:
    """A `previous_secret` in the program has no effect, also in a replacement."""
    old = plain(plugin.check({**PROGRAM, "secret": "s3cret-one"})) if exists else None
    checked = plain(plugin.check({**PROGRAM, "secret": "s3cret-one", "previous_secret": value}, old))
    assert checked["previous_secret"] == ""


@pytest.mark.parametrize(
    "drifted",
    [
        {"triggers": ["FROM_THE_FUTURE"]},
        {"triggers": ["ALL", "WHATSAPP_SENDER_ACTIVE"]},
        {"triggers": []},
        {"target": ""},
        {"target": "mailto:somebody@example.com"},
    ],
)
def test_ignored_drift_is_not_validated(plugin: Plugin, drifted: dict[str, Any]) -> None:
    """A stored value is not validated again: after drift, it may be one that a program must not declare."""
    old = plain(plugin.check(PROGRAM)) | drifted
    assert plain(plugin.check(old, old)) == old
    (key,) = drifted
    program = {**PROGRAM, "triggers": ["ALL"], key: drifted[key]}
    assert plain(plugin.check(program, old))[key] == drifted[key]


def test_what_the_program_changes_is_validated(plugin: Plugin) -> None:
    """Every other value is validated, and so are all values of a replacement."""
    old = plain(plugin.check(PROGRAM)) | {"triggers": ["FROM_THE_FUTURE"]}
    (problem,) = plugin.problems({**PROGRAM, "triggers": ["FROM_THE_FUTURE", "nonsense"]}, old)[:1]
    assert problem.startswith("triggers: ")
    assert plugin.problems({**PROGRAM, "triggers": ["FROM_THE_FUTURE"]})
