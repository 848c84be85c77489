"""Run scenarios on the real engine: deploy, preview, `pulumi up`, and compare the emulator."""

import json
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from e2e.harness import COMMAND_TIMEOUT, WEBHOOK_TYPE, Ran, Stack
from e2e.killing import wait_until
from previews.scenarios import HOST, OTHER_PROJECT, Scenario
from previews.truth import Effect, Owned, Snapshot, effects

SECRET = "made-by-hand-5b1c"
PREVIEW = ("preview", "--json", "--show-sames")
_PYTHON = Path(__file__).with_name("importing_plugin") / "python"


@dataclass(frozen=True)
class Run:
    """A preview, and the effects of the `pulumi up` after it."""

    preview: str
    effects: list[Effect]


def run(stack: Stack, scenarios: Sequence[Scenario]) -> Run:
    """Run scenarios in one program. They must have the same options, and all fail or all succeed."""
    first = scenarios[0]
    options = [option.replace("URN", f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::") for option in first.options]
    theirs = _prepare(stack, scenarios)
    _deploy(stack, scenarios, theirs)
    ours = {one.urn.rpartition("::")[2].removesuffix("-2"): one.id for one in snapshot(stack).owned}
    for scenario in scenarios:
        if scenario.outside:
            EVENTS[scenario.outside](stack, scenario, ours.get(scenario.name, ""))
    stack.write(
        "".join(
            scenario.program(scenario.after, theirs[scenario.name], ours.get(scenario.name, ""))
            for scenario in scenarios
        )
    )
    steps = ["--show-replacement-steps"] * first.show_steps
    preview = _preview(stack, first, *steps, *options)
    before = snapshot(stack)
    if not first.interrupted:
        _pulumi(stack, first, "up", "--yes", "--skip-preview", *options)
    return Run(preview, effects(before, snapshot(stack)))


def snapshot(stack: Stack) -> Snapshot:
    """Record the webhooks of the emulator and of the stack's state."""
    checkpoint = json.loads((stack.folder / f"backend/.pulumi/stacks/shop/{stack.name}.json").read_text())
    resources = (checkpoint["checkpoint"]["latest"] or {}).get("resources", [])
    return Snapshot(
        frozenset(webhook.id for webhook in stack.emulator._backend.store.all_webhooks()),
        tuple(
            Owned(resource["urn"], resource["id"], resource.get("delete", False))
            for resource in resources
            if resource["type"].startswith("pulumi-python:dynamic") and not resource.get("external")
        ),
    )


def _prepare(stack: Stack, scenarios: Sequence[Scenario]) -> dict[str, str]:
    """Create webhooks that no stack manages. Return their ids by scenario."""
    emulator = stack.emulator
    emulator.add_key(emulator.key_id, emulator.key_secret, [emulator.project_id, OTHER_PROJECT])
    theirs = {}
    for scenario in scenarios:
        program = scenario.before + scenario.after
        if "THEIRS" in program or "NAME-theirs" in program:
            theirs[scenario.name] = emulator.create_webhook(
                f"{HOST}/{scenario.name}-theirs", ["ALL"], SECRET
            ).id
        if "NAME-there" in program.replace("NAME-theirs", ""):
            emulator.create_webhook(f"{HOST}/{scenario.name}-there", ["ALL"], SECRET, OTHER_PROJECT)
    stack.note_confidential()
    return {scenario.name: theirs.get(scenario.name, "") for scenario in scenarios}


def _deploy(stack: Stack, scenarios: Sequence[Scenario], theirs: Mapping[str, str]) -> None:
    program = "".join(scenario.program(scenario.before, theirs[scenario.name], "") for scenario in scenarios)
    stack.write(program)
    if program:
        stack.up()


def _preview(stack: Stack, scenario: Scenario, *options: str) -> str:
    if not scenario.interrupted:
        return _pulumi(stack, scenario, *PREVIEW, *options)
    waiting = stack.program_folder / "waiting"
    waiting.unlink(missing_ok=True)
    with subprocess.Popen(
        ["pulumi", *PREVIEW, *options, "--non-interactive", "--color=never"],
        cwd=stack.program_folder,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        wait_until(waiting.exists, "start of the program")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=COMMAND_TIMEOUT)
    return output


def _pulumi(stack: Stack, scenario: Scenario, *arguments: str) -> str:
    """Run a command and return its output. Warnings are part of the recording."""
    environment = dict(stack.environment)
    if scenario.imports:
        environment["PULUMI_PYTHON_CMD"] = str(_PYTHON)
    finished = subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color=never"],
        cwd=stack.program_folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=COMMAND_TIMEOUT,
        check=False,
    )
    stack.ran.append(Ran(finished.returncode, finished.stdout, finished.stderr))
    stack.note_confidential()
    assert (finished.returncode != 0) == scenario.fails, (
        f"{scenario.name}: {finished.stdout}{finished.stderr}"
    )
    return finished.stdout


def _edit_state(stack: Stack, edit: Callable[[dict[str, Any]], None]) -> None:
    """Change the state in a way that only an interrupted run does."""
    deployment = json.loads(stack.pulumi("stack", "export").stdout)
    edit(deployment["deployment"])
    exported = stack.folder / "interrupted.json"
    exported.write_text(json.dumps(deployment))
    stack.pulumi("stack", "import", "--file", str(exported))


def _change(stack: Stack, scenario: Scenario, ours: str) -> None:
    stack.emulator.change_webhook(ours, target=f"{HOST}/{scenario.name}-drifted")


def _delete(stack: Stack, _scenario: Scenario, ours: str) -> None:
    stack.emulator.delete_webhook(ours)


def _delete_theirs(stack: Stack, scenario: Scenario, _ours: str) -> None:
    (theirs,) = [one for one in stack.emulator.webhooks() if one.target == f"{HOST}/{scenario.name}-theirs"]
    stack.emulator.delete_webhook(theirs.id)


def _interrupt_replacement(stack: Stack, scenario: Scenario, _ours: str) -> None:
    """Leave a replaced webhook whose deletion is pending."""
    old = stack.emulator.create_webhook(f"{HOST}/{scenario.name}-old", ["ALL"], SECRET).id
    stack.note_confidential()

    def edit(deployment: dict[str, Any]) -> None:
        (webhook,) = _webhooks(deployment, scenario)
        deployment["resources"].append({**webhook, "id": old, "delete": True})

    _edit_state(stack, edit)


def _interrupt_recreation(stack: Stack, scenario: Scenario, ours: str) -> None:
    """Delete a webhook whose replacement was never created."""
    stack.emulator.delete_webhook(ours)

    def edit(deployment: dict[str, Any]) -> None:
        (webhook,) = _webhooks(deployment, scenario)
        webhook["pendingReplacement"] = True

    _edit_state(stack, edit)


def _taint(stack: Stack, scenario: Scenario, _ours: str) -> None:
    stack.pulumi("state", "taint", "--yes", f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::{scenario.name}")


def _webhooks(deployment: dict[str, Any], scenario: Scenario) -> list[dict[str, Any]]:
    return [one for one in deployment["resources"] if one["urn"].endswith(f"::{scenario.name}")]


EVENTS: Mapping[str, Callable[[Stack, Scenario, str], None]] = {
    "change": _change,
    "delete": _delete,
    "delete theirs": _delete_theirs,
    "interrupted replacement": _interrupt_replacement,
    "interrupted deletion before replacement": _interrupt_recreation,
    "taint": _taint,
}
