"""`make record-state`: record a state of this version, so that tests can check later versions with it.

Runs the wheel of the current sources with the real engine, and writes two files to
`tests/e2e/states/<version>/`. `stack.json` is the output of `pulumi stack export`, with secrets encrypted by
the passphrase of the tests. `webhooks.json` contains the webhooks for the emulator, without their secrets.
Run this command once for each release, and commit the files.
"""

import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from e2e.harness import Stack, initialize_project, pulumi_environment
from e2e.recorded_states import PROGRAM, STATES, emulator_for_recordings
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.version import __version__
from wheel_environment import make_wheel_environment


def main() -> None:
    """Record the state, and print the folder with the files."""
    with tempfile.TemporaryDirectory() as folder, emulator_for_recordings() as emulator:
        stack = _make_stack(Path(folder), emulator)
        print(record(stack))
        stack.note_confidential()
        stack.assert_nothing_leaked()


def _make_stack(folder: Path, emulator: Emulator) -> Stack:
    wheel_environment = make_wheel_environment(folder / "environment").parent
    project = folder / "project"
    initialize_project(project)
    variables = {**pulumi_environment(project, wheel_environment), **emulator.environment}
    stack = Stack(project, variables, emulator)
    stack.pulumi("stack", "init", stack.name)
    return stack


def record(stack: Stack) -> Path:
    """Create the resources of the program, and write their state to the folder of this version."""
    stack.emulator.create_webhook("https://hooks.example.com/adopted", ["BUNDLE_DONE"])
    stack.write(PROGRAM.read_text())
    stack.up(environment={"RECORDING_ROTATION": "1"})
    stack.up()
    folder = STATES / __version__
    folder.mkdir(exist_ok=True)
    exported = json.loads(stack.pulumi("stack", "export").stdout)
    for resource in exported["deployment"]["resources"]:
        for place in ("sourcePosition", "stackTrace"):  # they contain paths of this machine
            resource.pop(place, None)
    _write(folder / "stack.json", exported)
    webhooks = [
        {"id": webhook.id, "target": webhook.target, "triggers": list(webhook.triggers)}
        for webhook in stack.emulator.webhooks()
    ]
    _write(folder / "webhooks.json", {"projects": {stack.emulator.project_id: webhooks}})
    return folder


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
