"""The examples on the real engine, unchanged."""

import shutil

import yaml
from e2e.examples import (
    ENVIRONMENTS,
    ROOT,
    config_of,
    copy_example,
    init_stacks,
    open_projects,
    project_of,
)
from e2e.harness import Stack


def test_the_quickstart_lives_and_ends(stack: Stack) -> None:
    """The quickstart is a project: up, an empty preview, a repaired drift, destroy."""
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
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_dev_staging_and_prod_come_from_one_program(stack: Stack) -> None:
    """Each stack creates its webhooks in its own project, and a second preview is empty.

    The dev stack runs with the emulator's `export` lines, without options of the emulator.
    """
    copy_example("multi-environment", stack)
    init_stacks(stack, *ENVIRONMENTS)
    stack.up("--stack", "dev")
    (webhook,) = stack.emulator.webhooks(stack.emulator.project_id)
    assert webhook.target == "https://hooks.dev.example.com/sinch"

    open_projects(stack)
    for name in ("staging", "prod"):
        stack.up("--stack", name)
    for name in ENVIRONMENTS:
        wanted = config_of(stack, name)["sinch-callbacks:webhooks"]
        assert {
            (webhook.target, tuple(sorted(webhook.triggers)))
            for webhook in stack.emulator.webhooks(project_of(stack, name))
        } == {(webhook["target"], tuple(sorted(webhook["triggers"]))) for webhook in wanted.values()}
    stack.assert_preview_is_empty("--stack", "prod")
    stack.destroy("--stack", "staging")
    assert stack.emulator.webhooks(project_of(stack, "staging")) == []
    assert len(stack.emulator.webhooks(project_of(stack, "prod"))) == 3

    assert_prod_is_protected(stack)
    assert_broken_rules_fail_the_preview(stack)


def assert_prod_is_protected(stack: Stack) -> None:
    """Destroying prod, and a change of its project, are rejected without a request."""
    stack.calls()
    assert "protected" in stack.destroy("--stack", "prod", fails=True).output
    other_project = ("--config", f"sinch:projectId={project_of(stack, 'dev')}")
    shown = stack.preview("--stack", "prod", *other_project, fails=True).output
    assert "unable to replace resource" in shown
    assert stack.calls() == []


def assert_broken_rules_fail_the_preview(stack: Stack) -> None:
    """All broken rules are named, and nothing is declared."""
    broken = (("target", "http://hooks.example.org/"), ("triggers[0]", "ALL"))
    config = [part for key, value in broken for part in ("--config", f"webhooks.senders.{key}={value}")]
    shown = stack.preview("--stack", "prod", "--config-path", *config, fails=True).output
    assert "senders: the target must begin with https://" in shown
    assert "senders: hooks.example.org is not one of this environment's hosts" in shown
    assert "senders: name the triggers here, instead of ALL" in shown
    assert "unable to replace resource" not in shown


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
