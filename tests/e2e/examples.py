"""Copies of the repository's examples, to which the CLI may write."""

import shutil
from pathlib import Path
from typing import Any

import yaml
from e2e.harness import Stack

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ["dev", "staging", "prod"]


def copy_example(name: str, stack: Stack) -> None:
    """Copy an example into the stack's project, with the virtual environment of the wheel."""
    shutil.rmtree(stack.program_folder)
    shutil.copytree(
        ROOT / "examples" / name, stack.program_folder, ignore=shutil.ignore_patterns("__pycache__")
    )
    options = yaml.safe_load((stack.program_folder / "Pulumi.yaml").read_text())["runtime"]["options"]
    (stack.program_folder / options["virtualenv"]).symlink_to(stack.environment["VIRTUAL_ENV"])


def copy_environments(stack: Stack) -> None:
    """Copy the multi-environment example, with a Sinch project for each environment."""
    copy_example("multi-environment", stack)
    open_projects(stack)


def open_projects(stack: Stack) -> None:
    """Let the access key into the Sinch project of each environment."""
    projects = [project_of(stack, name) for name in ENVIRONMENTS]
    stack.emulator.add_key(stack.emulator.key_id, stack.emulator.key_secret, projects)
    del stack.environment["SINCH_PROJECT_ID"]


def init_stacks(stack: Stack, *names: str) -> None:
    """Create the stacks of these environments."""
    for name in names:
        stack.pulumi("stack", "init", name)


def config_of(stack: Stack, name: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((stack.program_folder / f"Pulumi.{name}.yaml").read_text())[
        "config"
    ]
    return config


def project_of(stack: Stack, name: str) -> str:
    return str(config_of(stack, name)["sinch:projectId"])
