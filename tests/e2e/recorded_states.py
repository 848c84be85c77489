"""State files written by released versions. `tools/record_state.py` records one for each release."""

from pathlib import Path

from e2e.harness import Stack
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.state_file import read_projects

STATES = Path(__file__).with_name("states")
PROGRAM = STATES / "program.py"
TRIGGER = "A_NEWER_TRIGGER"


def versions() -> list[str]:
    """Return the versions with a recorded state."""
    return sorted(path.parent.name for path in STATES.glob("*/stack.json"))


def restore_state(stack: Stack, version: str) -> None:
    """Import a recorded state into the stack, and create its webhooks in the emulator, with new secrets."""
    stack.pulumi("stack", "import", "--file", str(STATES / version / "stack.json"))
    projects = read_projects(STATES / version / "webhooks.json")
    stack.emulator._backend.store.replace_all(
        webhook for webhooks in projects.values() for webhook in webhooks
    )
    stack.write(PROGRAM.read_text())


def emulator_for_recordings() -> Emulator:
    return Emulator(extra_triggers=[TRIGGER])
