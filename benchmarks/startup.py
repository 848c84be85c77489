"""Measure how long `import pulumi_sinch` takes compared to `import pulumi`, in a program and in a plugin."""

import sys
from pathlib import Path

from clock import time_command
from stacks import bare_environment

ROUNDS = 21
PROGRAM, OUR_PROGRAM = "program: pulumi", "program: pulumi_sinch"
PLUGIN, OUR_PLUGIN = "plugin: floor", "plugin: pulumi_sinch"
PARTS_OF_PLUGIN = {"requests": "plugin: requests", "pydantic_core": "plugin: pydantic_core"}
"""The dependencies whose imports take most of the time."""

_PLUGIN = "import pulumi.dynamic, dill, grpc; from pulumi.runtime import rpc\n"
# Imports the modules in the same way as core/lifecycle.py.
_OURS = """\
from pulumi_sinch.core.lazy_imports import fast_import
with fast_import():
    import pulumi_sinch.core.check, pulumi_sinch.core.write
"""
_IMPORTS = {
    PROGRAM: "import pulumi",
    OUR_PROGRAM: "import pulumi; from pulumi_sinch import SinchWebhook, Trigger",
    PLUGIN: _PLUGIN,
    OUR_PLUGIN: _PLUGIN + _OURS,
    **{name: f"{_PLUGIN}import {package}" for package, name in PARTS_OF_PLUGIN.items()},
}


def measure_imports(folder: Path, rounds: int = ROUNDS) -> dict[str, list[float]]:
    """Return the durations in seconds of Python processes that only import modules.

    Each round starts one process of each kind, so that a change in the machine's speed affects all kinds.
    """
    environment = bare_environment(folder)
    seconds: dict[str, list[float]] = {name: [] for name in _IMPORTS}
    for number in range(rounds + 1):
        for name, code in _IMPORTS.items():
            taken, status = time_command([sys.executable, "-c", code], 60, env=environment)
            if status:
                raise RuntimeError(f"{name} cannot be imported")
            if number:  # the first process fills the file caches
                seconds[name].append(taken)
    return seconds
