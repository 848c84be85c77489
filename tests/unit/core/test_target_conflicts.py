import pytest
from pulumi.output import UNKNOWN
from pulumi_sinch.core import target_conflicts
from pulumi_sinch.core.run_state import Run

TARGET = "https://hooks.example.com/sinch?token=t4rget-token"
INPUTS = {"project_id": "p", "target": TARGET}
URN = "urn:pulumi:dev::shop::sinch:index:Webhook::"
IN_COMPONENT = "urn:pulumi:dev::shop::shop:Component$sinch:index:Webhook::"


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_two_resources_with_one_target(first: str, second: str) -> None:
    """The problem names both, and shows no token of the target."""
    run = Run()
    assert target_conflicts.same_target_problems(run, URN + first, INPUTS) == []
    (problem,) = target_conflicts.same_target_problems(run, URN + second, INPUTS)
    assert problem.startswith(f"target is the same as that of '{first}' (https://hooks.example.com/sinch?…)")
    assert f"If you renamed '{first}' to '{second}', keep only '{second}'" in problem
    assert "t4rget-token" not in problem


def test_two_resources_of_one_name_are_named_by_their_urns() -> None:
    """They belong to different components."""
    run = Run()
    assert target_conflicts.same_target_problems(run, f"{URN}a", INPUTS) == []
    (problem,) = target_conflicts.same_target_problems(run, f"{IN_COMPONENT}a", INPUTS)
    assert f"'{URN}a'" in problem
    assert f"'{IN_COMPONENT}a'" in problem


@pytest.mark.parametrize(
    ("urn", "inputs"),
    [
        ("", INPUTS),
        (f"{URN}b", {**INPUTS, "target": UNKNOWN}),
        (f"{URN}b", {**INPUTS, "project_id": UNKNOWN}),
        (f"{URN}b", {**INPUTS, "project_id": "q"}),
        (f"{URN}b", {**INPUTS, "target": "https://other.example.com/"}),
        (f"{URN}b", {}),
    ],
)
def test_no_conflict_without_facts(urn: str, inputs: dict[str, object]) -> None:
    """An unknown value, another project or target, or a resource without a URN causes no problem."""
    run = Run()
    assert target_conflicts.same_target_problems(run, f"{URN}a", INPUTS) == []
    assert target_conflicts.same_target_problems(run, urn, inputs) == []
    assert target_conflicts.same_target_problems(run, urn, inputs) == []
