"""Preflight rejects targets and quotas that would fail, and never prevents a preview by its own errors."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from loopback import out_of_reach
from pulumi.output import UNKNOWN
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.core import accounts, diagnostics, preflight, run_state
from pulumi_sinch.core.run_state import Existing, PlannedTargets
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator

TARGET = "https://hooks.example.com/sinch?token=0123456789"
PROJECT = "a-project"


def live(*targets: str) -> dict[str, Webhook]:
    """Return the live webhooks by id."""
    return {
        f"id-{number}": Webhook(id=f"id-{number}", target=target, triggers=("ALL",))
        for number, target in enumerate(targets)
    }


def refused(webhooks: dict[str, Webhook], target: object, *, others: int = 0, adopt: bool = False) -> str:
    """Return the problem of one new webhook that is created together with some others."""
    planned = PlannedTargets(frozenset(f"https://new.example.com/{n}" for n in range(others)))
    known = target if isinstance(target, str) else None
    return preflight.refusal(PROJECT, webhooks, planned.and_also(known), known, adopt=adopt)


FIFTEEN = live(*[f"https://live.example.com/{n}?token=0123456789" for n in range(15)])
FOURTEEN = dict(list(FIFTEEN.items())[1:])


@pytest.mark.parametrize("spelling", [TARGET, TARGET.replace("hooks.example", "HOOKS.example")])
def test_a_taken_target_is_refused_and_its_owner_named(spelling: str) -> None:
    """The problem starts with the property's name, names the webhook, and redacts the target."""
    sentence = refused(live("https://other.example.com", spelling), TARGET)
    assert sentence.startswith("target is taken: webhook id-1 of project a-project has this target (https://")
    assert "0123456789" not in sentence
    problem, *ways = sentence.splitlines()
    assert problem.endswith("and Sinch rejects a second webhook with the same target.")
    assert all(way.startswith("- ") for way in ways)
    for way_on in (
        "Choose another target",
        "adopt=True",
        "aliases",
        "In both cases, run the command once with sinch:preflight (or SINCH_PREFLIGHT) set to warn.",
    ):
        assert len([way for way in ways if way_on in way]) == 1


@pytest.mark.parametrize("count", [1, 15])
def test_what_other_people_wrote_is_sanitized(count: int) -> None:
    """Ids and targets of other people are shown without escape sequences and newlines."""
    hostile = live(
        "https://a.example/\x1b[2J\nall well\u202e",
        *[f"https://b.example/{n}" for n in range(count - 1)],
    )
    webhooks = {"0\n\x1b[31m": replace(hostile.pop("id-0"), id="0\n\x1b[31m"), **hostile}
    target = next(iter(webhooks.values())).target if count == 1 else TARGET
    sentence = refused(webhooks, target)
    assert "https://a.example/ [2J all well" in sentence
    assert not set("\x1b\u202e") & set(sentence)
    own_lines = ("target is taken", "project_id: ", "The webhooks of the project:", "- ")
    assert all(line.startswith(own_lines) for line in sentence.split("\n"))


@pytest.mark.parametrize(
    ("webhooks", "others", "is_refused"),
    [(FIFTEEN, 0, True), (FOURTEEN, 0, False), (FOURTEEN, 1, True), ({}, 14, False), ({}, 15, True)],
)
def test_the_quota_counts_what_this_run_creates(
    webhooks: dict[str, Webhook], others: int, is_refused: bool
) -> None:
    """The sixteenth webhook is rejected with the list of the fifteen others."""
    sentence = refused(webhooks, TARGET, others=others)
    assert bool(sentence) is is_refused
    if is_refused:
        assert sentence.startswith(
            "project_id: project a-project would have 16 webhooks, but Sinch allows 15"
        )
        assert sentence.count("\n- id-") == len(webhooks)
        assert "0123456789" not in sentence


def test_a_webhook_that_this_run_has_made_counts_once() -> None:
    """A webhook that this run planned and has already created is counted once."""
    webhooks = live(*[f"https://new.example.com/{n}" for n in range(14)])
    assert refused(webhooks, TARGET, others=14) == ""


def test_adopting_needs_the_target_and_no_room() -> None:
    """`adopt` accepts a taken target, also in a full project. If nobody has the target, it needs room."""
    full = FIFTEEN | {"id-0": Webhook(id="id-0", target=TARGET, triggers=("ALL",))}
    assert refused(full, TARGET, adopt=True) == ""
    assert refused(FIFTEEN, TARGET, adopt=True).startswith("project_id")


def test_a_target_that_is_not_known_yet_still_takes_a_place() -> None:
    """A webhook with an unknown target counts for the quota."""
    assert refused(FOURTEEN, UNKNOWN) == ""
    assert refused(FIFTEEN, UNKNOWN).startswith("project_id")


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collects the warnings instead of showing them."""
    shown: list[str] = []
    monkeypatch.setattr(
        diagnostics, "warn_once", lambda text, *_: None if text in shown else shown.append(text)
    )
    return shown


@pytest.fixture(autouse=True)
def _forget_accounts() -> Iterator[None]:
    run_state.start_run()
    yield
    accounts._accounts.clear()


def settings(emulator: Emulator, mode: str) -> Settings:
    return Settings.read({"sinch:preflight": mode}.get, emulator.environment)


def inputs(emulator: Emulator, target: object = TARGET, **others: object) -> dict[str, object]:
    return {"target": target, "triggers": ["ALL"], "project_id": emulator.project_id, **others}


def test_warn_shows_what_error_refuses(sinch_emulator: Emulator, warned: list[str]) -> None:
    """`error` and `warn` report the same problem. The warning does not advise to set `warn`."""
    sinch_emulator.create_webhook(TARGET)
    problems = preflight.look_ahead(settings(sinch_emulator, "error"), inputs(sinch_emulator))
    assert [problem.partition(":")[0] for problem in problems] == ["target is taken"]
    assert warned == []
    assert preflight.look_ahead(settings(sinch_emulator, "warn"), inputs(sinch_emulator)) == []
    advice = "In both cases, run the command once with sinch:preflight (or SINCH_PREFLIGHT) set to warn."
    assert problems[0].endswith(advice)
    assert warned == [
        f"sinch:preflight: {problems[0].replace(advice, 'In both cases, ignore this warning.')}"
    ]


def test_off_makes_no_call(sinch_emulator: Emulator, warned: list[str]) -> None:
    """With `off`, and for an unknown project, nothing is sent."""
    assert preflight.look_ahead(settings(sinch_emulator, "off"), inputs(sinch_emulator)) == []
    unknown = {**inputs(sinch_emulator), "project_id": UNKNOWN}
    assert preflight.look_ahead(settings(sinch_emulator, "error"), unknown) == []
    assert sinch_emulator.journal.entries() == []
    assert warned == []


def test_fifteen_checks_cost_one_list(sinch_emulator: Emulator) -> None:
    """Fifteen checks share one list. The sixteenth new webhook is rejected."""
    chosen = settings(sinch_emulator, "error")
    for number in range(15):
        assert preflight.look_ahead(chosen, inputs(sinch_emulator, f"https://{number}.example.com")) == []
    assert [entry.method for entry in sinch_emulator.journal.entries()] == ["POST", "GET"]
    (problem,) = preflight.look_ahead(chosen, inputs(sinch_emulator))
    assert problem.startswith("project_id")


def test_the_replacement_of_a_webhook_may_have_its_target(sinch_emulator: Emulator) -> None:
    """A replacement may keep its target in the same project. In another project the target is taken."""
    sinch_emulator.create_webhook(TARGET)
    chosen, stored = settings(sinch_emulator, "error"), inputs(sinch_emulator)
    news = {**stored, "triggers": ["BUNDLE_DONE"]}
    assert preflight.look_ahead(chosen, news, Existing(news, stored)) == []
    for another in ("!-sorts-first", "~-sorts-last"):
        (problem,) = preflight.look_ahead(chosen, news, Existing(news, {**stored, "project_id": another}))
        assert problem.startswith("target is taken")


def test_without_credentials_one_warning_and_on(sinch_emulator: Emulator, warned: list[str]) -> None:
    """Without credentials there is one warning, and the preview continues."""
    chosen = Settings.read({"sinch:preflight": "error"}.get, {})
    for target in ("https://one.example.com", "https://two.example.com"):
        assert preflight.look_ahead(chosen, inputs(sinch_emulator, target)) == []
    (warning,) = warned
    assert warning.startswith(
        "sinch:preflight: the project at Sinch could not be checked. Sinch credentials are"
    )


def test_out_of_reach_one_warning_and_one_attempt(sinch_emulator: Emulator, warned: list[str]) -> None:
    """If the lookup fails, there is one warning and one attempt for all webhooks."""
    chosen = Settings.read(
        {"sinch:preflight": "error", "sinch:timeout": "0.2"}.get, sinch_emulator.environment
    )
    with out_of_reach(sinch_emulator):
        for target in ("https://one.example.com", "https://two.example.com"):
            assert preflight.look_ahead(chosen, inputs(sinch_emulator, target)) == []
    assert preflight.look_ahead(chosen, inputs(sinch_emulator)) == []
    assert sinch_emulator.journal.entries() == []
    (warning,) = warned
    assert warning.startswith("sinch:preflight: the project at Sinch could not be checked.")
