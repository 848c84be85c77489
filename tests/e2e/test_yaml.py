"""YAML programs on the provider plugin, with the real engine."""

import re
import subprocess
import sys

import pytest
from e2e.examples import ROOT
from e2e.harness import WEBHOOK_TYPE as PYTHON_TYPE
from e2e.harness import Stack
from e2e.killing import Running, wait_until
from e2e.providers import KEY_SECRET, OTHER_PROJECT, move_settings_to_config
from e2e.yaml_programs import TARGET, WEBHOOK_TYPE, plugin_options, webhook, write_yaml

ACTIVE, NEWER = "WHATSAPP_SENDER_ACTIVE", "A_NEWER_TRIGGER"
SECRET_OUTPUT = "outputs:\n  secret: ${senders.secret}\n"


def test_a_webhooks_life(stack: Stack) -> None:
    """The YAML example runs unchanged, apart from the folders of the plugins.

    Previews show known outputs and single triggers, drift is repaired, and the secret is never shown.
    """
    example = (ROOT / "examples/yaml/Pulumi.yaml").read_text() + plugin_options(stack)
    program = stack.program_folder / "Pulumi.yaml"
    outputs = "secret: ${senders.secret}\nprojectId: ${senders.projectId}"
    read = webhook("second", target="https://x.example/b", more=outputs)
    more = example.replace("outputs:\n", f"{read}outputs:\n")
    program.write_text(more)
    stack.pulumi("stack", "init", "dev")
    inputs = stack.preview_steps()["second"]["newState"]["inputs"]
    assert inputs["projectId"] == stack.emulator.project_id
    program.write_text(example)
    stack.up()
    senders, templates = stack.emulator.webhooks()
    secrets = {"sendersSecret": senders.secret, "templatesSecret": templates.secret}
    assert stack.secret_outputs() == secrets
    stack.calls()

    program.write_text(more.replace("triggers:\n", "triggers:\n        - BUNDLE_DONE\n", 1))
    shown = stack.preview().output
    assert '+ [2]: "BUNDLE_DONE"' in shown
    assert re.findall(r"\d+ (?:to \w+|unchanged)", shown) == ["1 to create", "1 to update", "2 unchanged"]
    stack.up()
    changes = [call for call in stack.calls() if "GET" not in call]
    assert sorted(changes) == ["PATCH 200", "POST 201", "token"]
    stack.assert_preview_is_empty()
    second = stack.emulator.webhooks()[-1]
    assert (second.target, second.secret) == ("https://x.example/b", senders.secret)
    assert stack.secret_outputs() == secrets

    # The repair changes neither the secret nor the webhook that depends on it.
    stack.emulator.change_webhook(senders.id, triggers=["ALL"])
    stack.calls()
    stack.up("--refresh")
    assert [call for call in stack.calls() if call not in {"token", "GET 200"}] == ["PATCH 200"]
    assert {*stack.emulator.webhook(senders.id).triggers} == {"BUNDLE_DONE", *senders.triggers}
    assert stack.secret_outputs() == secrets
    stack.destroy()
    assert stack.emulator.webhooks() == []


def run_import_file(stack: Stack, *options: str) -> str:
    """Run `pulumi-sinch import-file` in the folder of the program, and return its output."""
    return subprocess.run(
        ["pulumi-sinch", "import-file", *options],
        cwd=stack.program_folder,
        env=stack.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


def test_pulumi_import(stack: Stack) -> None:
    """`pulumi import` of an id or of a file warns of nothing, and the generated code previews empty.

    Sinch is not changed, and the error for a wrong id names the next step.
    """
    for name in ("a", "b"):
        stack.emulator.create_webhook(f"https://hooks.example.com/{name}", ["ALL"])
    write_yaml(stack, "")
    shown = run_import_file(stack, "--route", "plugin")
    command = shown.partition("Run next:\n")[2].splitlines()[0].split()
    stack.pulumi(*command[1:], "--yes", "--out", "file.yaml")

    imported = stack.emulator.create_webhook("https://hooks.example.com/?token=t", [ACTIVE, NEWER])
    id_ = f"{stack.emulator.project_id}/{imported.id}"
    options = ("--yes", "--protect=false", "--out", "id.yaml")
    stack.pulumi("import", WEBHOOK_TYPE, "senders", id_, *options)
    of_file, of_id = ((stack.program_folder / name).read_text() for name in ("file.yaml", "id.yaml"))
    write_yaml(stack, of_file + of_id.removeprefix("resources:\n"))
    stack.assert_preview_is_empty()
    assert stack.state()["senders"]["id"] == imported.id

    failed = stack.pulumi("import", WEBHOOK_TYPE, "wrong", "0" * 32, *options, fails=True)
    assert "Check the id and the project." in failed.output
    assert {*stack.state()} == {"hooks_example_com_a", "hooks_example_com_b", "senders"}
    assert set(stack.calls()) == {"token", "GET 200", "GET 404"}


def test_a_plan_is_applied_with_other_credentials(stack: Stack) -> None:
    """A plan contains no generated secret: `up` generates it. An outdated plan shows no secret."""
    secrets = set()
    for version in ("1", "2"):
        write_yaml(stack, "resources:\n" + webhook(more=f"secretVersion: '{version}'") + SECRET_OUTPUT)
        given = {"SINCH_KEY_SECRET": "another-key-secret"} if version == "1" else {}
        shown = stack.preview("--save-plan", f"plan-{version}.json", environment=given).output
        stack.up("--plan", f"plan-{version}.json")
        (live,) = stack.emulator.webhooks()
        assert stack.secret_outputs() == {"secret": live.secret}
        secrets.add(live.secret)
    assert len(secrets) == 2
    assert "+ secret        : [unknown]" in shown
    stack.up("--plan", "plan-2.json")


def test_an_explicit_provider(stack: Stack) -> None:
    """An explicit provider's key is encrypted in the state, and destroy uses it. A bad setting is named."""
    stack.emulator.add_key("eu-key", KEY_SECRET, [OTHER_PROJECT])
    stack.note_confidential()
    eu = (
        "  eu:\n    type: pulumi:providers:sinch\n    properties:\n"
        f"      projectId: {OTHER_PROJECT}\n      keyId: eu-key\n      keySecret: ${{euKeySecret}}\n"
        f"      apiUrl: {stack.emulator.url}\n      authUrl: {stack.emulator.url}\n      timeout: 20\n"
    )
    config = "config:\n  euKeySecret:\n    type: string\n    secret: true\n"
    stack.pulumi("config", "set", "--secret", "euKeySecret", KEY_SECRET)
    declared = webhook(options="provider: ${eu}")
    write_yaml(stack, f"{config}resources:\n{eu.replace('timeout: 20', 'timeout: -1')}{declared}")
    assert "sinch:timeout (SINCH_TIMEOUT) must be a number" in stack.preview(fails=True).output
    write_yaml(stack, f"{config}resources:\n{eu}{declared}")
    stack.up()
    assert [one.target for one in stack.emulator.webhooks(OTHER_PROJECT)] == [TARGET]
    write_yaml(stack, "")
    for name in ("SINCH_KEY_ID", "SINCH_KEY_SECRET", "SINCH_API_URL", "SINCH_AUTH_URL"):
        stack.environment.pop(name)
    stack.destroy()
    assert stack.emulator.webhooks(OTHER_PROJECT) == []


def test_two_webhooks_with_one_target_fail_the_preview(stack: Stack) -> None:
    """Two webhooks with one target fail the preview, which names the other one, and nothing is sent."""
    write_yaml(stack, f"resources:\n{webhook('first')}{webhook('second')}")
    assert "target is the same as that of" in stack.preview(fails=True).output
    assert stack.calls() == []


def test_both_routes_in_one_stack(stack: Stack) -> None:
    """A Python program can declare webhooks on both routes, which share the stack's config.

    An alias moves a webhook from a Python program without a request, and keeps its secret.
    """
    (stack.program_folder / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{plugin_options(stack)}")
    move_settings_to_config(stack)
    stack.write(
        "class Plugin(pulumi.CustomResource):\n"
        "    secret: pulumi.Output[str]\n\n"
        'a = SinchWebhook("a", target="https://hooks.example.com/a", triggers=["ALL"])\n'
        f'b = Plugin("{WEBHOOK_TYPE}", "b", '
        '{"target": "https://hooks.example.com/b", "triggers": ["ALL"], "secret": a.secret})\n'
        'pulumi.export("secrets", [a.secret, b.secret])\n'
    )
    stack.up()
    before = stack.emulator.webhooks()
    assert stack.secret_outputs() == {"secrets": [one.secret for one in before]}
    stack.assert_preview_is_empty()
    stack.refresh("--expect-no-changes")

    names = ("secret", "previousSecret", "projectId")
    outputs = "outputs:\n" + "".join(f"  {name}: ${{a.{name}}}\n" for name in names)
    alias = f"aliases: ['urn:pulumi:dev::shop::{PYTHON_TYPE}::a']"
    moved = webhook("a", target="https://hooks.example.com/a", more="triggers: [ALL]", options=alias)
    kept = webhook("b", target="https://hooks.example.com/b", more="triggers: [ALL]\nsecret: ${a.secret}")
    write_yaml(stack, f"resources:\n{moved}{kept}{outputs}")
    stack.calls()
    stack.up()
    assert stack.calls() == []
    assert stack.emulator.webhooks() == before
    assert stack.secret_outputs() == {
        "secret": before[0].secret,
        "previousSecret": "",
        "projectId": stack.emulator.project_id,
    }
    stack.assert_preview_is_empty()
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_a_webhook_moves_to_the_plugin_and_back(stack: Stack) -> None:
    """A webhook can move to the plugin and back, with its id and its generated secret."""
    stack.write(
        f'a = SinchWebhook("senders", target="{TARGET}", triggers=["ALL"])\n'
        'pulumi.export("secret", a.secret)\n'
    )
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.pulumi("config", "set", "--secret", "sendersSecret", stack.secret_outputs()["secret"])
    urn = "urn:pulumi:dev::shop::{}::senders"
    stack.pulumi("state", "delete", urn.format(PYTHON_TYPE), "--yes")
    declared = webhook(more="triggers: [ALL]\nsecret: ${sendersSecret}")
    config = "config:\n  sendersSecret:\n    type: string\n    secret: true\n"
    write_yaml(stack, f"{config}resources:\n{declared}{SECRET_OUTPUT}")
    stack.calls()
    stack.pulumi(
        "import", WEBHOOK_TYPE, "senders", before.id, "--yes", "--protect=false", "--generate-code=false"
    )
    stack.up()
    assert [call for call in stack.calls() if call not in {"token", "GET 200"}] == ["PUT 200"]
    write_yaml(stack, f"resources:\n{webhook(more='triggers: [ALL]')}{SECRET_OUTPUT}")
    stack.up()
    stack.assert_preview_is_empty()
    assert stack.secret_outputs() == {"secret": before.secret}

    stack.environment["SENDERS_SECRET"] = before.secret
    stack.pulumi("state", "delete", urn.format(WEBHOOK_TYPE), "--yes")
    run_import_file(stack, "--id", before.id, "--secret-env", "SENDERS_SECRET")
    (stack.program_folder / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{plugin_options(stack)}")
    name = "hooks_example_com_sinch"
    stack.write(f'import webhooks\npulumi.export("secret", webhooks.{name}.secret)\n')
    stack.pulumi("import", "--file", "import.json", "--generate-code=false", "--protect=false", "--yes")
    (stack.program_folder / "import.json").unlink()
    stack.up()
    assert stack.secret_outputs() == {"secret": before.secret}
    assert [call for call in stack.calls() if call not in {"token", "GET 200"}] == []
    assert stack.emulator.webhooks() == [before]


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of a session in /proc")
def test_a_create_in_flight_is_saved_when_a_run_is_interrupted(stack: Stack) -> None:
    """A create that is interrupted with Ctrl-C is in the state."""
    write_yaml(stack, f"resources:\n{webhook()}")
    stack.emulator.faults.add("delay", delay=2, method="POST", path="*/webhooks")
    running = Running(stack, "up", "--yes", "--skip-preview")
    wait_until(lambda: bool(stack.emulator.journal.entries("POST", "/webhooks")), "POST at the emulator")
    running.interrupt()
    running.wait()
    (created,) = stack.emulator.webhooks()
    assert stack.state()["senders"]["id"] == created.id
    stack.assert_preview_is_empty()


@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes of a session in /proc")
def test_an_engine_is_killed_during_fifteen_creates(stack: Stack) -> None:
    """If the engine is killed during 15 creates, the plugin ends, and the next `up` creates the webhooks."""
    many = (webhook(f"w{number}", target=f"https://x.example/{number}") for number in range(15))
    write_yaml(stack, "resources:\n" + "".join(many))
    stack.environment["SINCH_TIMEOUT"] = "300"  # no retries, even on a busy machine
    stack.emulator.faults.add("hang", method="POST", path="*/webhooks", times=None)
    running = Running(stack, "up", "--yes", "--skip-preview", "--parallel", "16")
    wait_until(lambda: len(stack.emulator.journal.entries("POST", "/webhooks")) == 15, "fifteenth create")
    assert running.runs("pulumi-resource-sinch")
    running.kill_cli()
    wait_until(lambda: not running.runs("pulumi-resource-sinch"), "end of the plugin")
    running.kill()
    stack.emulator.faults.clear()
    assert stack.emulator.webhooks() == []
    stack.pulumi("cancel", "--yes")
    pending = "Attempting to deploy or update resources with 15 pending operations from previous deployment."
    stack.up(warns=[pending])
    assert len(stack.emulator.webhooks()) == len(stack.state()) == 15
