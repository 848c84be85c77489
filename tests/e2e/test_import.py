"""Existing webhooks enter a stack with `pulumi-sinch import-file` and `pulumi import --file`."""

import re
import subprocess
from collections.abc import Mapping

from e2e.harness import Stack
from e2e.providers import KEY_SECRET, OTHER_PROJECT, declare_eu, move_settings_to_config

TRIGGERS = ["A_TRIGGER_OF_TOMORROW", "WHATSAPP_SENDER_ACTIVE", "RCS_SENDER_COMMENT_ADDED"]
RECEIVERS_SECRET = "receivers-secret-71f0c2"


def make_by_hand(stack: Stack, count: int, host: str, project_id: str) -> None:
    for number in range(count):
        stack.emulator.create_webhook(
            f"https://{host}/team-{number % 4}/{number}?token=t0k3n-{number}",
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


def import_webhooks(stack: Stack, *options: str, environment: Mapping[str, str] | None = None) -> str:
    """Follow the steps of docs/import.md up to the import. Return the output of `import-file`."""
    shown = run_in(stack, "pulumi-sinch", "import-file", *options, environment=environment)
    commands = shown.partition("Run next:\n")[2].splitlines()
    stack.pulumi(*commands[0].split()[1:], "--yes")
    (stack.program_folder / "import.json").unlink()
    stack.write("import webhooks\n")
    return shown


def writes(stack: Stack) -> list[str]:
    return [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


def test_webhooks_are_imported_at_once_and_nothing_changes(stack: Stack) -> None:
    """After the import of 15 webhooks, the next `up` changes nothing, and refresh, drift and destroy work.

    Three webhooks with an explicit provider are imported into the same stack.
    """
    projects = (stack.emulator.project_id, OTHER_PROJECT)
    eu = declare_eu(stack)
    make_by_hand(stack, 15, "hooks.example.com", stack.emulator.project_id)
    make_by_hand(stack, 3, "eu.example.com", OTHER_PROJECT)
    stack.write(eu)
    stack.up()
    urns = re.findall(r"urn:\S+pulumi:providers:pulumi-python::eu", stack.pulumi("stack", "-u").output)
    given = {"SINCH_PROJECT_ID": OTHER_PROJECT, "SINCH_KEY_ID": "eu-key", "SINCH_KEY_SECRET": KEY_SECRET}
    shown = import_webhooks(stack)
    shown += import_webhooks(stack, "--provider", urns[0], "--program", "webhooks_eu.py", environment=given)
    stack.write(f"{eu}import webhooks\nimport webhooks_eu\nwebhooks_eu.declare(eu)\n")
    assert "t0k3n" not in shown
    assert len(stack.state()) == 18

    stack.up("--expect-no-changes")
    assert writes(stack) == []
    stack.refresh("--expect-no-changes")

    drifted = []
    for project_id in projects:
        [*_, last] = [w for w in stack.emulator.webhooks(project_id) if TRIGGERS[0] not in w.triggers]
        stack.emulator.change_webhook(last.id, triggers=["BUNDLE_DONE"])
        drifted.append(last)
    shown = stack.up("--refresh").output
    assert re.findall(r"\d+ (?:updated|unchanged)", shown)[-2:] == ["2 updated", "18 unchanged"]
    for before in drifted:
        assert {*stack.emulator.webhook(before.id).triggers} == {*before.triggers}
    assert writes(stack) == ["PATCH 200", "PATCH 200"]
    stack.destroy()
    assert [stack.emulator.webhooks(project_id) for project_id in projects] == [[], []]


def test_an_import_after_a_conflict_and_a_secret_that_is_added_later(stack: Stack) -> None:
    """The conflict error contains a command that imports exactly that webhook.

    A secret that is added after the import is the only change, and `up` sends a PUT.
    """
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

    program = stack.program_folder / "webhooks.py"
    given = {"RECEIVER": RECEIVERS_SECRET}
    target = f'target="{taken.target}",'
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
    assert stack.emulator.webhook(taken.id).secret == RECEIVERS_SECRET


def test_one_webhook_is_imported_with_its_secret_into_a_named_project(stack: Stack) -> None:
    """`--target` and `--project` choose a webhook. The others are not imported, and survive destroy.

    `--secret-env` imports the receiver's secret, encrypted, and a rotation keeps it as the previous one.
    """
    stack.emulator.create_webhook("https://hooks.example.com/theirs")
    ours = stack.emulator.create_webhook("https://hooks.example.com/ours", secret=RECEIVERS_SECRET)
    stack.note_confidential()
    options = ("--target", ours.target, "--project", stack.emulator.project_id, "--secret-env", "RECEIVER")
    shown = import_webhooks(stack, *options, environment={"RECEIVER": RECEIVERS_SECRET})
    assert "delete it after the import" in shown
    stack.pulumi("config", "set", "sinch:projectId", "some-other-project")
    stack.refresh("--expect-no-changes")
    stack.assert_preview_is_empty()
    assert [*stack.state()] == ["hooks_example_com_ours"]

    program = stack.program_folder / "__main__.py"
    program.write_text(
        program.read_text()
        + "imported = webhooks.hooks_example_com_ours\npulumi.export('secret', imported.secret)\n"
    )
    stack.emulator.change_webhook(ours.id, triggers=["BUNDLE_DONE"])
    stack.up("--refresh")
    assert stack.secret_outputs() == {"secret": RECEIVERS_SECRET}
    assert writes(stack) == ["PATCH 200"]

    module = stack.program_folder / "webhooks.py"
    module.write_text(module.read_text().replace("triggers=[", "secret_version=1, triggers=["))
    program.write_text(program.read_text() + "pulumi.export('previous', imported.previous_secret)\n")
    stack.up()
    outputs = stack.secret_outputs()
    assert outputs["previous"] == RECEIVERS_SECRET
    assert stack.emulator.webhook(ours.id).secret == outputs["secret"] != RECEIVERS_SECRET
    stack.destroy()
    assert [webhook.target for webhook in stack.emulator.webhooks()] == ["https://hooks.example.com/theirs"]


def test_list_reads_the_config_of_a_stack(stack: Stack) -> None:
    """With `--stack`, project, credentials and secrets come from the stack's config."""
    webhook = stack.emulator.create_webhook("https://hooks.example.com/")
    move_settings_to_config(stack)
    assert run_in(stack, "pulumi-sinch", "list", "--stack", "dev") == (
        f"{webhook.id}\thttps://hooks.example.com/\t{','.join(webhook.triggers)}\n"
    )
