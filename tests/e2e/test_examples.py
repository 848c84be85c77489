"""The examples on the real engine, unchanged."""

import shutil

import pytest
import yaml
from e2e.examples import (
    ENVIRONMENTS,
    ROOT,
    config_of,
    copy_environments,
    copy_example,
    init_stacks,
    project_of,
)
from e2e.harness import Stack


def test_the_quickstart_lives_and_ends(stack: Stack) -> None:
    """The quickstart is a project: up, an empty preview, a repaired drift, refresh, destroy."""
    shutil.rmtree(stack.program_folder)
    shutil.copytree(ROOT / "examples/quickstart", stack.program_folder / "examples/quickstart")
    shutil.copy(ROOT / "Pulumi.yaml", stack.program_folder)
    stack.pulumi("stack", "init", "dev")
    stack.up()
    stack.assert_preview_is_empty()
    (webhook,) = stack.emulator.webhooks()
    assert stack.secret_outputs() == {"id": webhook.id, "secret": webhook.secret}
    stack.emulator.change_webhook(webhook.id, triggers=["ALL"])
    stack.up("--refresh")
    assert stack.emulator.webhooks() == [webhook]
    stack.refresh()
    stack.destroy()
    assert stack.emulator.webhooks() == []


@pytest.fixture
def environments(stack: Stack) -> Stack:
    """The multi-environment example, with one Sinch project for each environment."""
    copy_environments(stack)
    return stack


def test_dev_staging_and_prod_come_from_one_program(environments: Stack) -> None:
    """Each stack creates its webhooks in its own project, and a second preview is empty."""
    init_stacks(environments, *ENVIRONMENTS)
    for name in ENVIRONMENTS:
        environments.up("--stack", name)
        wanted = config_of(environments, name)["sinch-callbacks:webhooks"]
        assert {
            (webhook.target, tuple(sorted(webhook.triggers)))
            for webhook in environments.emulator.webhooks(project_of(environments, name))
        } == {(webhook["target"], tuple(sorted(webhook["triggers"]))) for webhook in wanted.values()}
    environments.assert_preview_is_empty("--stack", "prod")
    environments.refresh("--stack", "staging")
    environments.destroy("--stack", "staging")
    assert environments.emulator.webhooks(project_of(environments, "staging")) == []
    assert len(environments.emulator.webhooks(project_of(environments, "prod"))) == 3


def test_dev_runs_on_the_default_emulator(stack: Stack) -> None:
    """The dev stack runs with the emulator's `export` lines, without options of the emulator."""
    copy_example("multi-environment", stack)
    init_stacks(stack, "dev")
    stack.up("--stack", "dev")
    (webhook,) = stack.emulator.webhooks(stack.emulator.project_id)
    assert webhook.target == "https://hooks.dev.example.com/sinch"


def test_prod_is_protected(environments: Stack) -> None:
    """Destroying prod, and a change of its project, are rejected without a request."""
    init_stacks(environments, "prod")
    environments.up("--stack", "prod")
    environments.calls()
    assert "protected" in environments.destroy("--stack", "prod", fails=True).output
    environments.pulumi(
        "config", "set", "sinch:projectId", project_of(environments, "dev"), "--stack", "prod"
    )
    assert "unable to replace resource" in environments.preview("--stack", "prod", fails=True).output
    assert environments.calls() == []


def test_a_broken_rule_fails_the_preview(environments: Stack) -> None:
    """All broken rules are named, and nothing is declared."""
    init_stacks(environments, "prod")
    for path, value in (("target", "http://hooks.example.org/"), ("triggers[0]", "ALL")):
        key = f"webhooks.senders.{path}"
        environments.pulumi("config", "set", "--stack", "prod", "--path", key, value)
    shown = environments.preview("--stack", "prod", fails=True).output
    assert "senders: the target must begin with https://" in shown
    assert "senders: hooks.example.org is not one of this environment's hosts" in shown
    assert "senders: name the triggers here, instead of ALL" in shown
    assert environments.emulator.journal.entries() == []


def test_two_projects_in_one_program(stack: Stack) -> None:
    """Each of two projects is opened only by its own key, also for refresh and destroy."""
    copy_example("multi-project", stack)
    stack.pulumi("stack", "init", "dev")
    for key in ("SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET"):
        del stack.environment[key]
    values = []
    for region in ("eu", "us"):
        key_secret = f"key-secret-of-the-{region}-project"
        stack.emulator.add_key(f"{region}-key", key_secret, [f"{region}-project"])
        values += ["--plaintext", f"{region}.projectId={region}-project"]
        values += ["--plaintext", f"{region}.keyId={region}-key"]
        values += ["--secret", f"{region}KeySecret={key_secret}"]
    stack.pulumi("config", "set-all", "--path", *values)
    stack.up()
    for region in ("eu", "us"):
        assert [webhook.target for webhook in stack.emulator.webhooks(f"{region}-project")] == [
            f"https://hooks.{region}.example.com/sinch/{product}" for product in ("rcs", "whatsapp")
        ]
    stack.assert_preview_is_empty()
    (stack.program_folder / "__main__.py").write_text("raise Exception('the program must not run')")
    stack.refresh()
    stack.destroy()
    for region in ("eu", "us"):
        assert stack.emulator.webhooks(f"{region}-project") == []


def test_the_esc_environment_sets_variables_that_the_provider_reads() -> None:
    """The ESC environment sets only variables that the provider reads, with the key's secret as a secret."""
    from pulumi_sinch.core.settings import ENVIRONMENT

    values = yaml.safe_load((ROOT / "examples/multi-environment/esc/sinch-prod.yaml").read_text())["values"]
    assert set(values["environmentVariables"]) <= set(ENVIRONMENT.values())
    assert set(values["sinch"]["keySecret"]) == {"fn::secret"}
