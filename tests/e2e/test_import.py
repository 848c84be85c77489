"""Existing webhooks enter a stack with `pulumi-sinch import-file` and `pulumi import --file`."""

import re
import subprocess
from collections.abc import Mapping

import pytest
from e2e.harness import Stack
from e2e.providers import KEY_SECRET, OTHER_PROJECT, declare_eu

TRIGGERS = ["A_TRIGGER_OF_TOMORROW", "WHATSAPP_SENDER_ACTIVE", "RCS_SENDER_COMMENT_ADDED"]
RECEIVERS_SECRET = "receivers-secret-71f0c2"


def make_by_hand(stack: Stack, count: int, project_id: str) -> None:
    for number in range(count):
        stack.emulator.create_webhook(
            f"https://hooks.example.com/team-{number % 4}/{number}?token=t0k3n-{number}",
            TRIGGERS[number % 3 :],
            f"made-by-hand-{number}",
            project_id,
        )


def run_in(stack: Stack, *command: str, environment: Mapping[str, str] | None = None) -> str:
    finished = subprocess.run(
        command,
        cwd=stack.program_folder,
        env={**stack.environment, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def import_webhooks(
    stack: Stack, *options: str, explicit: bool = False, environment: Mapping[str, str] | None = None
) -> str:
    """Follow the steps of docs/import.md. Return the output of `import-file`."""
    given = {**(environment or {})}
    program = "import webhooks\n"
    if explicit:
        eu = declare_eu(stack)
        stack.write(eu)
        stack.up()
        urns = re.findall(r"urn:\S+pulumi:providers:pulumi-python::eu", stack.pulumi("stack", "-u").output)
        options = (*options, "--provider", urns[0])
        given |= {
            "SINCH_PROJECT_ID": OTHER_PROJECT,
            "SINCH_KEY_ID": "eu-key",
            "SINCH_KEY_SECRET": KEY_SECRET,
        }
        program = eu + program + "webhooks.declare(eu)\n"
    shown = run_in(stack, "pulumi-sinch", "import-file", *options, environment=given)
    commands = shown.partition("Run next:\n")[2].splitlines()
    stack.pulumi(*commands[0].split()[1:], "--yes")
    (stack.program_folder / "import.json").unlink()
    stack.write(program)
    return shown


def writes(stack: Stack) -> list[str]:
    return [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


@pytest.mark.parametrize(("count", "explicit"), [(15, False), (3, True)], ids=["default", "explicit"])
def test_webhooks_are_imported_at_once_and_nothing_changes(
    stack: Stack, count: int, *, explicit: bool
) -> None:
    """After the import of 15 webhooks, the next `up` changes nothing, and refresh, drift and destroy work."""
    project_id = OTHER_PROJECT if explicit else stack.emulator.project_id
    stack.emulator.add_project(project_id)
    make_by_hand(stack, count, project_id)
    shown = import_webhooks(stack, explicit=explicit)
    assert "t0k3n" not in shown
    stack.up("--expect-no-changes")
    assert writes(stack) == []
    stack.refresh("--expect-no-changes")
    stack.assert_preview_is_empty()
    [*_, drifted] = [w for w in stack.emulator.webhooks(project_id) if TRIGGERS[0] not in w.triggers]
    stack.emulator.change_webhook(drifted.id, triggers=["BUNDLE_DONE"])
    stack.up("--refresh")
    assert {*stack.emulator.webhook(drifted.id).triggers} == {*drifted.triggers}
    assert writes(stack) == ["PATCH 200"]
    stack.destroy()
    assert stack.emulator.webhooks(project_id) == []


def test_a_secret_added_after_the_import_is_all_that_changes(stack: Stack) -> None:
    """A secret that is added after the import is the only change, and `up` sends a PUT."""
    webhook = stack.emulator.create_webhook("https://hooks.example.com/")
    import_webhooks(stack)
    program = stack.program_folder / "webhooks.py"
    given = {"RECEIVER": RECEIVERS_SECRET}
    target = f'target="{webhook.target}",'
    program.write_text(
        program.read_text().replace(target, target + ' secret=__import__("os").environ["RECEIVER"],')
    )
    steps = stack.preview_steps(environment=given).values()
    [step] = [step for step in steps if step["op"] != "same"]
    assert step["op"] == "update"
    assert step["detailedDiff"] == {"secret": {"kind": "add", "inputDiff": True}}
    stack.calls()
    stack.up(environment=given)
    assert writes(stack) == ["PUT 200"]
    assert stack.emulator.webhook(webhook.id).secret == RECEIVERS_SECRET


def test_a_secret_that_is_imported_is_encrypted_and_changes_nothing(stack: Stack) -> None:
    """`--secret-env` imports the receiver's secret, and a rotation keeps it as the previous one."""
    webhook = stack.emulator.create_webhook("https://hooks.example.com/", secret=RECEIVERS_SECRET)
    stack.note_confidential()
    shown = import_webhooks(stack, "--secret-env", "RECEIVER", environment={"RECEIVER": RECEIVERS_SECRET})
    assert "delete it after the import" in shown
    stack.refresh("--expect-no-changes")
    stack.assert_preview_is_empty()
    program = stack.program_folder / "__main__.py"
    program.write_text(
        program.read_text()
        + "imported = webhooks.hooks_example_com\npulumi.export('secret', imported.secret)\n"
    )
    stack.up()
    assert stack.secret_outputs() == {"secret": RECEIVERS_SECRET}
    stack.emulator.change_webhook(webhook.id, triggers=["BUNDLE_DONE"])
    stack.up("--refresh")
    assert writes(stack) == ["PATCH 200"]
    module = stack.program_folder / "webhooks.py"
    module.write_text(module.read_text().replace("triggers=[", "secret_version=1, triggers=["))
    program.write_text(program.read_text() + "pulumi.export('previous', imported.previous_secret)\n")
    stack.up()
    outputs = stack.secret_outputs()
    assert outputs["previous"] == RECEIVERS_SECRET
    assert stack.emulator.webhook(webhook.id).secret == outputs["secret"] != RECEIVERS_SECRET


def test_one_of_several_webhooks_is_imported_into_a_named_project(stack: Stack) -> None:
    """`--target` and `--project` choose a webhook. The others are not imported, and survive destroy."""
    for name in ("ours", "theirs"):
        stack.emulator.create_webhook(f"https://hooks.example.com/{name}")
    import_webhooks(
        stack, "--target", "https://hooks.example.com/ours", "--project", stack.emulator.project_id
    )
    stack.pulumi("config", "set", "sinch:projectId", "some-other-project")
    stack.assert_preview_is_empty()
    assert [*stack.state()] == ["hooks_example_com_ours"]
    stack.destroy()
    assert [webhook.target for webhook in stack.emulator.webhooks()] == ["https://hooks.example.com/theirs"]


def test_the_conflict_names_a_command_that_imports_the_webhook(stack: Stack) -> None:
    """The conflict error contains a command that imports exactly that webhook."""
    stack.emulator.create_webhook("https://hooks.example.com/other")
    taken = stack.emulator.create_webhook("https://hooks.example.com/?token=t0k3n")
    stack.write(f'SinchWebhook("mine", target="{taken.target}", triggers=["ALL"])\n')
    shown = stack.up(fails=True).output
    assert f"Webhook {taken.id} of project" in shown
    assert "adopt=True" in shown
    assert "t0k3n" not in shown
    command = re.search(r"`pulumi-sinch (import-file [^`]+)`", shown)
    assert command is not None
    import_webhooks(stack, *command[1].split()[1:])
    stack.assert_preview_is_empty()


def test_list_reads_the_config_of_a_stack(stack: Stack) -> None:
    """With `--stack`, project, credentials and secrets come from the stack's config."""
    webhook = stack.emulator.create_webhook("https://hooks.example.com/")
    names = {"projectId": "SINCH_PROJECT_ID", "keyId": "SINCH_KEY_ID", "keySecret": "SINCH_KEY_SECRET"}
    for key, variable in names.items():
        secret = ["--secret"] if key == "keySecret" else []
        stack.pulumi("config", "set", f"sinch:{key}", stack.environment.pop(variable), *secret)
    assert run_in(stack, "pulumi-sinch", "list", "--stack", "dev") == (
        f"{webhook.id}\thttps://hooks.example.com/\t{','.join(webhook.triggers)}\n"
    )
