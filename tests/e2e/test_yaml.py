"""YAML programs on the provider plugin, with the real engine."""

import subprocess
import sys

import pytest
from e2e.examples import ROOT
from e2e.harness import WEBHOOK_TYPE as PYTHON_TYPE
from e2e.harness import Stack
from e2e.killing import Running, wait_until
from e2e.providers import KEY_SECRET, OTHER_PROJECT
from e2e.yaml_programs import TARGET, WEBHOOK_TYPE, plugin_options, webhook, write_yaml

ACTIVE, NEWER = "WHATSAPP_SENDER_ACTIVE", "A_NEWER_TRIGGER"
SECRET_OUTPUT = "outputs:\n  secret: ${senders.secret}\n"


def test_a_webhooks_life(stack: Stack) -> None:
    """Previews show known outputs and single triggers, drift is repaired, and the secret is never shown."""
    outputs = "secret: ${senders.secret}\nprojectId: ${senders.projectId}"
    read = webhook("second", target="https://x.example/b", more=outputs)
    write_yaml(stack, f"resources:\n{webhook()}{read}{SECRET_OUTPUT}")
    inputs = stack.preview_steps()["second"]["newState"]["inputs"]
    assert inputs["projectId"] == stack.emulator.project_id
    stack.up()
    stack.assert_preview_is_empty()
    by_target = {one.target: one.secret for one in stack.emulator.webhooks()}
    assert stack.secret_outputs() == {"secret": by_target[TARGET]}
    assert by_target["https://x.example/b"] == by_target[TARGET]

    write_yaml(
        stack, f"resources:\n{webhook(more=f'triggers: [BUNDLE_DONE, {ACTIVE}]')}{read}{SECRET_OUTPUT}"
    )
    assert '+ [1]: "BUNDLE_DONE"' in stack.preview().output
    stack.calls()
    stack.up()
    assert [call for call in stack.calls() if "GET" not in call] == ["token", "PATCH 200"]
    (ours,) = [one for one in stack.emulator.webhooks() if one.target == TARGET]
    stack.emulator.change_webhook(ours.id, triggers=["ALL"])
    stack.up("--refresh")
    assert {*stack.emulator.webhook(ours.id).triggers} == {"BUNDLE_DONE", ACTIVE}
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_the_example_lives_and_ends(stack: Stack) -> None:
    """The YAML example runs unchanged, apart from the folders of the plugins."""
    example = (ROOT / "examples/yaml/Pulumi.yaml").read_text()
    (stack.program_folder / "Pulumi.yaml").write_text(example + plugin_options(stack))
    stack.pulumi("stack", "init", "dev")
    stack.up()
    stack.assert_preview_is_empty()
    secrets = {one.target.rpartition("/")[2]: one.secret for one in stack.emulator.webhooks()}
    assert stack.secret_outputs() == {f"{name}Secret": secret for name, secret in secrets.items()}
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_pulumi_import(stack: Stack) -> None:
    """`pulumi import` warns of nothing, the generated code previews empty, and Sinch is not changed."""
    imported = stack.emulator.create_webhook("https://hooks.example.com/?token=t", [ACTIVE, NEWER])
    write_yaml(stack, "")
    options = ("--yes", "--protect=false", "--out", "code.yaml")
    id_ = f"{stack.emulator.project_id}/{imported.id}"
    stack.pulumi("import", WEBHOOK_TYPE, "senders", id_, *options)
    code = (stack.program_folder / "code.yaml").read_text()
    write_yaml(stack, code)
    stack.assert_preview_is_empty()
    assert stack.state()["senders"]["id"] == imported.id
    failed = stack.pulumi("import", WEBHOOK_TYPE, "wrong", "0" * 32, *options, fails=True)
    assert "Check the id and the project." in failed.output
    assert [*stack.state()] == ["senders"]
    assert set(stack.calls()) == {"token", "GET 200", "GET 404"}


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


def test_import_file_for_this_route(stack: Stack) -> None:
    """`pulumi import` reads the webhooks that the file names, and generates the program."""
    for name in ("a", "b"):
        stack.emulator.create_webhook(f"https://hooks.example.com/{name}", ["ALL"])
    write_yaml(stack, "")
    shown = run_import_file(stack, "--route", "plugin")
    command = shown.partition("Run next:\n")[2].splitlines()[0].split()
    stack.pulumi(*command[1:], "--yes", "--out", "code.yaml")
    write_yaml(stack, (stack.program_folder / "code.yaml").read_text())
    stack.assert_preview_is_empty()
    assert {call.split()[0] for call in stack.calls()} == {"token", "GET"}


def test_the_option_import(stack: Stack) -> None:
    """The option `import` imports in `up`. A wrong id leaves nothing in the state."""
    imported = stack.emulator.create_webhook(TARGET, [ACTIVE])
    write_yaml(stack, "resources:\n" + webhook(options=f"import: '{imported.id}'"))
    stack.up()
    write_yaml(stack, f"resources:\n{webhook()}")
    stack.assert_preview_is_empty()
    assert not [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]
    wrong = webhook("wrong", target="https://x.example/", options=f"import: '{'0' * 32}'")
    write_yaml(stack, f"resources:\n{webhook()}{wrong}")
    stack.up(fails=True)
    assert [*stack.state()] == ["senders"]


def test_a_plan_is_applied_with_other_credentials(stack: Stack) -> None:
    """A plan contains no generated secret: `up` generates it. An outdated plan shows no secret."""
    secrets = []
    for version in ("1", "2"):
        write_yaml(stack, "resources:\n" + webhook(more=f"secretVersion: '{version}'") + SECRET_OUTPUT)
        preview = {"SINCH_KEY_SECRET": "another-key-secret"} if version == "1" else {}
        stack.pulumi("preview", "--save-plan", f"plan-{version}.json", environment=preview)
        stack.up("--plan", f"plan-{version}.json")
        (live,) = stack.emulator.webhooks()
        assert stack.secret_outputs() == {"secret": live.secret}
        secrets.append(live.secret)
    assert len({*secrets}) == 2
    write_yaml(stack, "resources:\n" + webhook(more="secretVersion: '3'") + SECRET_OUTPUT)
    shown = stack.preview("--save-plan", "plan-3.json").output
    assert "+ secret        : [unknown]" in shown
    stack.up()
    stack.up("--plan", "plan-3.json")


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


def test_functions_and_lookups(stack: Stack) -> None:
    """A webhook can be found by target, listed, and read as a resource, and is not changed."""
    theirs = stack.emulator.create_webhook(TARGET, [ACTIVE])
    write_yaml(
        stack,
        "variables:\n  found:\n    fn::invoke:\n      function: sinch:index:getWebhook\n"
        f"      arguments:\n        target: {TARGET}\n"
        "  listed:\n    fn::invoke:\n      function: sinch:index:getWebhooks\n"
        f"resources:\n  read:\n    type: {WEBHOOK_TYPE}\n    get:\n      id: ${{found.id}}\n"
        "outputs:\n  id: ${found.id}\n  first: ${listed.webhooks[0].target}\n  read: ${read.target}\n",
    )
    stack.up()
    assert stack.secret_outputs() == {"id": theirs.id, "first": TARGET, "read": TARGET}
    stack.destroy()
    assert stack.emulator.webhook(theirs.id).target == TARGET


def test_both_routes_in_one_stack(stack: Stack) -> None:
    """A Python program can declare webhooks on both routes, which share the stack's config."""
    (stack.program_folder / "Pulumi.yaml").write_text(f"name: shop\nruntime: python\n{plugin_options(stack)}")
    stack.environment.pop("SINCH_PROJECT_ID")
    stack.pulumi("config", "set", "sinch:projectId", stack.emulator.project_id)
    stack.pulumi("config", "set", "--secret", "sinch:keySecret", stack.environment.pop("SINCH_KEY_SECRET"))
    stack.pulumi("config", "set", "sinch:keyId", stack.environment.pop("SINCH_KEY_ID"))
    stack.write(
        "class Plugin(pulumi.CustomResource):\n"
        "    secret: pulumi.Output[str]\n\n"
        'a = SinchWebhook("a", target="https://hooks.example.com/a", triggers=["ALL"])\n'
        f'b = Plugin("{WEBHOOK_TYPE}", "b", '
        '{"target": "https://hooks.example.com/b", "triggers": ["ALL"], "secret": a.secret})\n'
        'pulumi.export("secrets", [a.secret, b.secret])\n'
    )
    stack.up()
    secrets = [one.secret for one in stack.emulator.webhooks()]
    assert stack.secret_outputs() == {"secrets": secrets}
    stack.assert_preview_is_empty()
    stack.refresh("--expect-no-changes")
    stack.destroy()
    assert stack.emulator.webhooks() == []


def test_an_alias_moves_a_webhook_from_a_python_program(stack: Stack) -> None:
    """An alias moves a webhook from a Python program without a request, and keeps its secret."""
    stack.write(f'SinchWebhook("senders", target="{TARGET}", triggers=["{ACTIVE}"])')
    stack.up()
    (before,) = stack.emulator.webhooks()
    names = ("secret", "previousSecret", "projectId")
    outputs = "outputs:\n" + "".join(f"  {name}: ${{senders.{name}}}\n" for name in names)
    old_urn = f"urn:pulumi:dev::shop::{PYTHON_TYPE}::senders"
    write_yaml(stack, f"resources:\n{webhook(options=f'aliases: [{old_urn!r}]')}{outputs}")
    stack.calls()
    stack.up()
    assert stack.calls() == []
    assert stack.emulator.webhooks() == [before]
    assert stack.secret_outputs() == {
        "secret": before.secret,
        "previousSecret": "",
        "projectId": stack.emulator.project_id,
    }
    stack.assert_preview_is_empty()


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
