"""Checks of several resources in one run. Each one sees the resources that were checked before."""

from typing import Any

import pytest
from plugin.harness import Plugin, Start

ONE = "https://hooks.example.com/one"
TWO = "https://hooks.example.com/two"
ELSEWHERE = "project-of-the-environment"
STORED: dict[str, Any] = {
    "target": ONE,
    "triggers": ["ALL"],
    "project_id": "stored-project",
    "secret": "s3cret",
}


def see_unchanged(plugin: Plugin) -> None:
    """Show the plugin an unchanged webhook of the state, as the engine does."""
    plugin.diff(STORED, plugin.check(program(ONE), STORED))


def program(target: str, **given: Any) -> dict[str, Any]:
    return {"target": target, "triggers": ["ALL"], **given}


def test_a_project_that_only_the_environment_chose_is_warned_of(start: Start) -> None:
    """A new webhook in another project than the stack's causes a warning if only the environment chose it."""
    plugin = start(SINCH_PROJECT_ID=ELSEWHERE)
    see_unchanged(plugin)
    assert plugin.engine.logged == []
    plugin.check(program(TWO))
    ((severity, message),) = plugin.engine.logged
    assert severity == "WARNING"
    assert message.startswith(
        f"a new webhook would be created in project {ELSEWHERE}, but other webhooks of this stack"
    )


@pytest.mark.parametrize(
    ("config", "given"), [({}, {"project_id": "named"}), ({"sinch:projectId": "configured"}, {})]
)
def test_a_project_of_the_program_or_the_config_is_meant(
    start: Start, config: dict[str, str], given: dict[str, str]
) -> None:
    """A project that the program or the config names causes no warning."""
    plugin = start(config, SINCH_PROJECT_ID=ELSEWHERE)
    see_unchanged(plugin)
    plugin.check(program(TWO, **given))
    assert plugin.engine.logged == []


def test_the_webhook_of_another_resource_is_not_adopted(start: Start) -> None:
    """The webhook of another resource is not adopted, even if that resource gets another target."""
    plugin = start(SINCH_PROJECT_ID=STORED["project_id"])
    plugin.check(program(TWO), STORED)
    (problem,) = plugin.problems(program(ONE, adopt=True))
    assert problem.startswith("adopt: another resource of this stack owns the webhook with the target")
