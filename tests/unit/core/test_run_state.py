from collections.abc import Mapping
from typing import Any

import pytest
from pulumi.output import UNKNOWN
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import shared_facts, target_conflicts
from pulumi_sinch.core.run_state import Existing, Fact, PlannedTargets, Run
from unit.fakes import in_threads

TARGET = "https://hooks.example.com/sinch?token=t4rget-token"
STORED = {"target": TARGET, "triggers": ["ALL"], "project_id": "p", "secret": "s"}
GIVEN = {"target": TARGET, "triggers": ["ALL"]}


@pytest.fixture
def run() -> Run:
    return Run()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The facts that the run tells the other provider processes."""
    told: list[tuple[str, str]] = []

    def publish(subject: str, fact: str) -> bool:
        told.append((subject, fact))
        return True

    monkeypatch.setattr(shared_facts, "publish", publish)
    return told


def seen(run: Run, webhook_id: str, *, changes: bool = False, stored: Mapping[str, Any] = STORED) -> bool:
    """Record an existing resource as `check` and `diff` do."""
    return run.see_existing(GIVEN, stored) and run.see_id(webhook_id, stored, changes=changes)


def test_a_webhook_belongs_to_one_resource(run: Run) -> None:
    """Only one of many claims of a webhook succeeds. After its deletion the id can be claimed again."""
    assert sorted(in_threads(8, lambda: run.claim("a"))) == [False] * 7 + [True]
    assert not run.claim_adoption("a")
    run.record_deletion("p", "a", TARGET)
    assert run.claim_adoption("a")
    assert not run.claim("a")


def test_what_an_existing_resource_has_cannot_be_claimed(run: Run) -> None:
    """The webhook of an existing resource cannot be claimed. Only an unchanged one is certain to stay."""
    assert seen(run, "a", changes=True)
    assert seen(run, "b", stored={**STORED, "target": "https://b.example.com/"})
    assert not run.claim_adoption("a")
    assert not run.claim("b")
    assert (run.stays("a"), run.stays("b")) == (False, True)
    run.keep("a")
    assert run.stays("a")


def test_two_resources_with_one_id_are_found(run: Run) -> None:
    """The second diff with the same id is rejected. A diff without a check, as in a refresh, is ignored."""
    assert run.see_id("a", STORED, changes=False)
    assert not run.stays("a")
    assert seen(run, "a")
    assert not seen(run, "a")


@pytest.mark.parametrize("adopter_first", [True, False])
def test_a_planned_adoption_of_an_existing_webhook_is_refused(run: Run, adopter_first: bool) -> None:
    """A planned adoption of an existing webhook is rejected in either order, and nothing is sent."""
    same = TARGET.replace("https://hooks", "HTTPS://Hooks")
    if adopter_first:
        assert run.plan_adoption("p", same)
        assert not run.see_existing(GIVEN, STORED)
        assert not run.begin_adoption("p", TARGET)
    else:
        assert run.see_existing(GIVEN, STORED)
        assert not run.plan_adoption("p", same)
    assert run.plan_adoption("another project", TARGET)
    assert run.plan_adoption("p", "https://z-sorts-after-it.example.com/")


def test_a_failed_adoption_is_remembered(run: Run) -> None:
    """A failed adoption is remembered by target, even without an id. A successful one leaves only the id."""
    assert run.begin_adoption("p", TARGET)
    assert run.has_open_targets
    assert run.is_being_adopted("p", TARGET)
    assert not run.is_being_adopted("q", TARGET)
    assert run.claim_adoption("a")
    assert run.adoption_of("a") is Fact.ATTEMPTED
    run.end_adoption("p", TARGET, "a")
    assert run.adoption_of("a") is Fact.DONE
    assert not run.is_being_adopted("p", TARGET)
    assert not run.has_open_targets
    assert run.begin_adoption("p", "https://free.example.com/")
    run.end_adoption("p", "https://free.example.com/", None)
    assert not run.is_being_adopted("p", "https://free.example.com/")


def test_an_adopted_webhook_fails_the_comparison_of_its_old_owner(run: Run) -> None:
    """If the adoption came first, the diff of the old owner fails."""
    assert run.claim_adoption("a")
    assert not seen(run, "a")


@pytest.mark.parametrize(
    ("news", "stored"),
    [
        (GIVEN, STORED),
        ({**GIVEN, "triggers": ["BUNDLE_DONE"]}, STORED),  # restored by ignore_changes in the first check
        ({**GIVEN, "__provider": "another"}, STORED),
    ],
)
def test_a_replacement_is_recognized_once(
    run: Run, news: Mapping[str, Any], stored: Mapping[str, Any]
) -> None:
    """A replacement is recognized once, by the inputs of the resource that was checked before it."""
    assert run.see_existing(GIVEN, stored)
    found = run.find_replaced(news)
    assert found is not None
    assert found.stored == stored
    assert run.find_replaced(news) is None


def test_another_resource_is_not_a_replacement(run: Run) -> None:
    """A resource with another target or another given value is not a replacement."""
    changed = {**GIVEN, "triggers": ["BUNDLE_DONE"], "project_id": UNKNOWN}
    assert run.see_existing(changed, STORED)
    assert run.find_replaced({**changed, "triggers": ["ALL"], "project_id": "p"}) is None
    assert run.find_replaced({**changed, "target": "https://b.example.com/"}) is None
    assert run.find_replaced({**changed, "target": UNKNOWN}) is None
    assert run.find_replaced({**changed, "triggers": ["ALL"], "project_id": "p"}) is None
    assert run.find_replaced({**changed, "project_id": UNKNOWN}) is not None


def test_a_planned_adoption_stops_a_deletion(run: Run) -> None:
    """A planned adoption prevents the deletion of its webhook, even if the adopting resource is skipped."""
    assert run.plan_adoption("p", TARGET)
    assert run.has_open_targets
    assert run.is_being_adopted("p", TARGET)


def test_a_resource_that_changes_may_keep_its_webhook(run: Run) -> None:
    """A resource that changes may keep its webhook, until its update begins or its replacement is seen."""
    assert seen(run, "a", changes=True)
    assert (run.stays("a"), run.may_stay("a")) == (False, True)
    assert run.find_replaced(GIVEN) is not None
    assert not run.may_stay("a")


@pytest.mark.parametrize(
    "target", ["https://b.example.com/", TARGET.replace("https://hooks", "https://HOOKS")]
)
def test_a_replacement_whose_target_is_ignored_is_recognized(run: Run, target: str) -> None:
    """With an ignored target, only a resource checked right after the changed one is its replacement."""
    replacement = {**GIVEN, "target": target}
    assert seen(run, "a", changes=True)
    assert run.find_replaced(replacement) is not None
    assert run.find_replaced(replacement) is None
    unchanged = Run()
    assert seen(unchanged, "a")
    assert unchanged.find_replaced(replacement) is None
    later = Run()
    assert seen(later, "a", changes=True)
    assert later.find_replaced({**GIVEN, "triggers": ["BUNDLE_DONE"], "project_id": "q"}) is None
    assert later.find_replaced(replacement) is None


def test_projects_that_only_the_environment_chose(run: Run) -> None:
    """A project that only the environment chose is reported with the stack's other project."""
    run.see_project_of_environment("env")
    assert run.split_projects() == []
    assert run.see_existing(GIVEN, STORED)
    assert run.see_existing(GIVEN, {**STORED, "project_id": "env"})
    assert run.see_existing(GIVEN, {**STORED, "project_id": "a"})
    assert run.split_projects() == [("env", "a"), ("env", "p")]


def test_problems_show_the_redacted_target(run: Run) -> None:
    """The problems of both resources of a rejected adoption redact the target."""
    assert target_conflicts.problems(run, STORED, GIVEN, {}, is_new=False) == []
    inputs = {**STORED, "adopt": True}
    (adopts,) = target_conflicts.problems(run, {}, GIVEN, inputs, is_new=True)
    assert target_conflicts.problems(run, {}, GIVEN, inputs, is_new=False) == []
    assert target_conflicts.problems(run, {}, GIVEN, {**inputs, "target": UNKNOWN}, is_new=True) == []
    other = Run()
    assert target_conflicts.problems(other, {}, GIVEN, inputs, is_new=True) == []
    (has,) = target_conflicts.problems(other, STORED, GIVEN, {}, is_new=False)
    for problem in (adopts, has):
        assert "https://hooks.example.com/sinch?…" in problem
        assert "t4rget-token" not in problem


def test_a_target_is_free_once_its_webhook_is_deleted(run: Run) -> None:
    """After a deletion, the target is free in its project, in any spelling. An empty target frees nothing."""
    run.record_deletion("p", "a", "https://H.example")
    run.record_deletion("p", "b", "")
    freed = [run.was_freed("p", target) for target in ("https://h.example/", "https://other.example/", "")]
    assert freed == [True, False, False]
    assert not run.was_freed("another project", "https://h.example/")


def test_a_target_that_this_run_gave_a_webhook(run: Run) -> None:
    """The last write of a webhook counts, in any spelling. A listed or deleted webhook has none."""
    assert not run.has_written("a", "https://h.example/")
    run.record_write("b", "https://h.example/")
    assert run.has_written("b", "https://H.example")
    assert not run.has_written("a", "https://h.example/")
    run.record_write("b", "https://other.example/")
    assert not run.has_written("b", "https://h.example/")
    run.record_deletion("p", "b", "https://other.example/")
    assert not run.has_written("b", "https://other.example/")


def test_planned_webhooks_are_counted_in_their_project(run: Run) -> None:
    """Planned webhooks are counted per project: each known target once, and every unknown one."""
    assert run.plan_target("p", "https://h.example") == PlannedTargets(frozenset({"https://h.example/"}))
    run.plan_target("p", "https://H.example/")
    run.plan_target("p", None)
    assert run.plan_target("p", None) == PlannedTargets(frozenset({"https://h.example/"}), unknown=2)
    assert run.plan_target("q", None) == PlannedTargets(unknown=1)


def test_two_resources_of_a_program_with_one_target_are_found(run: Run) -> None:
    """The other resource is named. A resource that is checked again does not conflict with itself."""
    assert run.declare("urn-a", "p", "https://z.example/") == ""
    assert run.declare("urn-b", "p", "https://a.example/") == ""
    assert run.declare("urn-b", "p", "https://a.example/") == ""
    assert run.declare("urn-c", "p", "https://A.example") == "urn-b"
    assert run.declare("urn-d", "p", "https://zz.example/") == ""


def test_of_two_equal_resources_the_later_one_is_replaced_first(
    run: Run, published: list[tuple[str, str]]
) -> None:
    """A webhook that is replaced no longer exists for the other processes."""
    in_q = {**STORED, "project_id": "q"}
    assert run.see_existing(GIVEN, STORED)
    assert seen(run, "b", stored=in_q, changes=True)
    published.clear()
    later, earlier = run.find_replaced(GIVEN), run.find_replaced(GIVEN)
    assert later is not None
    assert earlier is not None
    assert (later.stored, earlier.stored) == (in_q, STORED)
    assert published == [("b", "")]


def test_a_comparison_belongs_to_the_last_check_of_its_target(run: Run) -> None:
    """A comparison with another target, as in a refresh, belongs to no check."""
    changed = {**GIVEN, "triggers": ["BUNDLE_DONE"]}
    assert run.see_existing(GIVEN, STORED)
    assert run.see_existing(changed, STORED)
    for target in ("https://a.example.com/", "https://z.example.com/"):
        assert run.see_id("other", {**STORED, "target": target}, changes=False)
        assert not run.stays("other")
    assert run.see_id("a", STORED, changes=True)
    assert run.find_replaced(changed) is not None
    assert not run.may_stay("a")


def test_other_processes_learn_who_keeps_a_webhook(run: Run, published: list[tuple[str, str]]) -> None:
    """The subject of a fact is a webhook id, or a project and a normalized target."""
    assert seen(run, "a", changes=True)
    assert seen(run, "b", stored={**STORED, "project_id": "q"})
    assert published == [
        (f"p\n{TARGET}", "existing"),
        ("a", "existing"),
        (f"q\n{TARGET}", "existing"),
        ("b", "kept"),
    ]


def test_one_unpublished_fact_makes_a_run_invisible(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fact that was published later does not make up for it."""
    results = iter([True, False, True])
    monkeypatch.setattr(shared_facts, "publish", lambda *_: next(results))
    visible = [run.is_visible_to_all]
    for webhook_id in "abc":
        run.keep(webhook_id)
        visible.append(run.is_visible_to_all)
    assert visible == [True, True, False, False]


def test_only_the_deleted_webhook_is_forgotten(run: Run) -> None:
    """Its id is free. Those of other resources are not."""
    ids = ("a", "b", "c")
    for webhook_id in ids:
        stored = {**STORED, "target": f"https://{webhook_id}.example.com/"}
        assert seen(run, webhook_id, stored=stored, changes=True)
    run.record_deletion("p", "b", "")
    assert [run.claim(webhook_id) for webhook_id in ids] == [False, True, False]


def test_a_webhook_of_no_resource_does_not_stay(run: Run) -> None:
    """Whichever ids the resources of the program have."""
    assert seen(run, "b", changes=True)
    assert [run.may_stay(webhook_id) for webhook_id in "abc"] == [False, True, False]


def test_a_failed_lookup_fails_the_next_one_of_its_project(run: Run) -> None:
    """The same error, without another request. Other projects are looked up."""
    with pytest.raises(SinchError, match="no route"), run.reachable_once("p"):
        raise SinchError("no route", hint="Check the proxy.")
    with pytest.raises(SinchError, match="no route") as again, run.reachable_once("p"):
        raise AssertionError("sent a request")
    assert again.value.hint == "Check the proxy."
    with run.reachable_once("q"):
        pass


def test_a_representation_has_no_inputs() -> None:
    """Inputs hold secrets and targets."""
    assert "t4rget-token" not in repr(Existing(GIVEN, STORED, "a"))


def test_a_failed_create_is_remembered(run: Run) -> None:
    """By project and target, in any spelling. It is no adoption, and no other target is affected."""
    assert not run.has_open_targets
    run.record_failed_create("p", TARGET)
    assert run.has_open_targets
    assert run.create_failed("p", TARGET.replace("https://hooks", "HTTPS://Hooks"))
    assert not run.create_failed("q", TARGET)
    assert not run.is_being_adopted("p", TARGET)
