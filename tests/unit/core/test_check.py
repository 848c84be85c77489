from typing import Any

import pytest
from pulumi.output import UNKNOWN
from pulumi_sinch.core import check as check_module
from pulumi_sinch.core import diagnostics, run_state
from pulumi_sinch.core.check import Checked, check
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator

A, B = "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_INACTIVE"
TARGET = "https://hooks.example.com/a"
PROGRAM: dict[str, Any] = {"target": TARGET, "triggers": [A, B]}
STORED = {**PROGRAM, "project_id": "p", "secret": "s3cret", "previous_secret": ""}
NO_SETTINGS = Settings.read(lambda _: None, {})
ENVIRONMENT = Settings.read(lambda _: None, {"SINCH_PROJECT_ID": "env"})


@pytest.fixture(autouse=True)
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The warnings of a new run."""
    run_state.start_run()
    warnings: list[str] = []

    def warn_once(sentence: str, urn: str = "") -> None:
        assert isinstance(urn, str)
        warnings.append(sentence)

    monkeypatch.setattr(check_module, "warn_once", warn_once)
    monkeypatch.setattr(diagnostics, "warn_once", warn_once)
    return warnings


def test_a_new_webhook_is_completed() -> None:
    """By the project of the environment, and a generated secret, unless create decides it."""
    checked = check(ENVIRONMENT, {}, PROGRAM)
    assert checked.problems == ()
    assert len(checked.inputs["secret"]) == 43
    assert checked.inputs == {
        **PROGRAM,
        "project_id": "env",
        "secret": checked.inputs["secret"],
        "previous_secret": "",
    }
    run_state.start_run()
    later = check(ENVIRONMENT, {}, PROGRAM, decides_secrets=False)
    assert later.inputs == {**PROGRAM, "project_id": "env"}


def test_the_state_completes_an_existing_webhook() -> None:
    """By its project, its secret, and the order of its triggers. Unknown triggers stay unknown."""
    assert check(ENVIRONMENT, STORED, {**PROGRAM, "triggers": [B, A]}).inputs == STORED
    run_state.start_run()
    assert check(ENVIRONMENT, STORED, {**PROGRAM, "triggers": UNKNOWN}).inputs["triggers"] is UNKNOWN


def test_a_replacement_keeps_its_project(warned: list[str]) -> None:
    """The engine checks it like a new resource, after the resource itself."""
    check(ENVIRONMENT, STORED, PROGRAM)
    assert check(ENVIRONMENT, {}, PROGRAM).inputs["project_id"] == "p"
    assert warned == []


@pytest.mark.parametrize(
    ("settings", "program", "warns"),
    [
        (ENVIRONMENT, {}, True),
        (ENVIRONMENT, {"project_id": "env"}, False),
        (Settings.read({"sinch:projectId": "env"}.get, {"SINCH_PROJECT_ID": "env"}), {}, False),
    ],
    ids=["environment", "program", "config"],
)
def test_a_project_that_only_the_environment_chose(
    warned: list[str], settings: Settings, program: dict[str, str], *, warns: bool
) -> None:
    """A warning names it and the project of the other webhooks, unless program or config chose it too."""
    check(NO_SETTINGS, STORED, PROGRAM)
    run_state.current().see_id("a", STORED, changes=False)  # as `diff` does
    checked = check(settings, {}, {**PROGRAM, "target": "https://hooks.example.com/b", **program})
    assert checked.inputs["project_id"] == "env"
    assert [sentence.partition(",")[0] for sentence in warned] == [
        "a new webhook would be created in project env"
    ] * warns


def test_an_existing_webhook_is_not_warned_of(warned: list[str]) -> None:
    """The environment does not choose its project."""
    check(ENVIRONMENT, STORED, PROGRAM)
    check(ENVIRONMENT, {**STORED, "project_id": "q"}, {**PROGRAM, "target": TARGET})
    assert warned == []


@pytest.mark.parametrize(
    ("target", "old", "warns"),
    [
        ("http://hooks.example.com/a", "", True),
        ("HTTP://hooks.example.com/a", TARGET, True),
        ("http://hooks.example.com/a", "http://hooks.example.com/a", False),
        ("http://127.0.0.1:8000/a", "", False),
        (TARGET, "", False),
        (UNKNOWN, "", False),
    ],
)
def test_callbacks_that_are_not_encrypted(
    warned: list[str], target: object, old: str, *, warns: bool
) -> None:
    """A new target with http is warned of, unless it is on this machine."""
    olds = {**STORED, "target": old} if old else {}
    assert check(ENVIRONMENT, olds, {**PROGRAM, "target": target}).problems == ()
    expected = (
        "target: callbacks to hooks.example.com are not encrypted, because the target begins with http://. "
        "Use https://, unless the network to the receiver is private."
    )
    assert warned == [expected] * warns


@pytest.mark.parametrize(("mode", "problems", "warnings"), [("off", 0, 0), ("warn", 0, 1), ("error", 1, 0)])
def test_preflight(
    sinch_emulator: Emulator, warned: list[str], mode: str, problems: int, warnings: int
) -> None:
    """A new webhook is compared with the project. An existing or an invalid one causes no request."""
    sinch_emulator.create_webhook(TARGET)
    settings = Settings.read({"sinch:preflight": mode}.get, sinch_emulator.environment)
    project = {"project_id": sinch_emulator.project_id}
    assert check(settings, STORED | project, PROGRAM).problems == ()
    assert len(check(settings, {}, {**PROGRAM, "triggers": []}).problems) == 1
    assert sinch_emulator.journal.entries() == []
    run_state.start_run()
    checked = check(settings, {}, PROGRAM)
    assert (len(checked.problems), len(warned)) == (problems, warnings)
    assert all("target is taken" in sentence for sentence in [*checked.problems, *warned])
    assert bool(checked.inputs) is (not problems)


def test_a_key_that_may_be_misspelt_is_a_warning(warned: list[str]) -> None:
    """The Pulumi project is itself named `sinch`, so the key may be its own."""
    settings = Settings.read({"project": "p"}.get, {"SINCH_PROJECT_ID": "p"}, keys=["sinch:project"])
    assert check(settings, {}, PROGRAM).problems == ()
    assert warned == ["unknown setting `sinch:project`, did you mean `sinch:projectId`?"]


def test_a_result_does_not_show_its_inputs() -> None:
    """They hold the secret."""
    assert "s3cret" not in repr(Checked(STORED))
