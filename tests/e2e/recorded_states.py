"""State files as released versions wrote them, and how a new one is recorded.

``make record-state`` runs the installed version on the real engine and writes ``states/<version>/``: what `pulumi stack
export` gives, secrets encrypted with the passphrase of the tests, and the webhooks to put back into an emulator, without
their secrets. Run it once for each release, and commit what it writes.
"""

import json
from pathlib import Path

from e2e.harness import Stack
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.state_file import read_projects
from pulumi_sinch.version import __version__

STATES = Path(__file__).with_name("states")
PROGRAM = STATES / "program.py"
TRIGGER = "A_NEWER_TRIGGER"


def versions() -> list[str]:
    """Return the versions that a state is there of."""
    return sorted(path.parent.name for path in STATES.glob("*/stack.json"))


def record(stack: Stack) -> Path:
    """Bring a stack into the state that is worth keeping, and write it down."""
    stack.emulator.create_webhook("https://hooks.example.com/adopted", ["BUNDLE_DONE"])
    stack.write(PROGRAM.read_text())
    stack.up(environment={"RECORDING_ROTATION": "1"})
    stack.up()
    folder = STATES / __version__
    folder.mkdir(exist_ok=True)
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    for resource in exported["deployment"]["resources"]:
        for place in ("sourcePosition", "stackTrace"):  # paths of the machine that recorded it
            resource.pop(place, None)
    _write(folder / "stack.json", exported)
    webhooks = [
        {"id": webhook.id, "target": webhook.target, "triggers": list(webhook.triggers)}
        for webhook in stack.emulator.webhooks()
    ]
    _write(folder / "webhooks.json", {"projects": {stack.emulator.project_id: webhooks}})
    return folder


def put_back(stack: Stack, version: str) -> None:
    """Make a recorded state that of the stack, and its webhooks those at Sinch, with other secrets."""
    stack.pulumi("stack", "import", "--file", str(STATES / version / "stack.json"))
    projects = read_projects(STATES / version / "webhooks.json")
    stack.emulator._backend.store.replace_all(
        webhook for webhooks in projects.values() for webhook in webhooks
    )
    stack.write(PROGRAM.read_text())


def emulator_for_recordings() -> Emulator:
    return Emulator(extra_triggers=[TRIGGER])


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n")
