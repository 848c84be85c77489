"""Run the commands of one variant's stack, and measure their time, memory and requests."""

import json
import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from clock import time_command
from desired import desired_webhooks
from plan import PARALLEL, PLUGIN, SHELL, Operation
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.journal import Entry

VARIANTS = Path(__file__).parent / "variants"
COMMAND_TIMEOUT = 300
"""Seconds after which a command is killed."""

_SAMPLING_INTERVAL = 0.03


def bare_environment(folder: Path) -> dict[str, str]:
    """Return environment variables without this machine's settings for Pulumi, Sinch and Python."""
    left_out = ("SINCH_", "PULUMI_", "PYTHON")  # with PYTHONDONTWRITEBYTECODE every process would compile
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the benchmark",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",  # otherwise the CLI asks Pulumi Cloud for its latest version
        "PYTHONPATH": str(VARIANTS),
    }


@dataclass
class Measured:
    """The measurements of one command."""

    seconds: float
    peak_memory: int | None
    requests: list[Entry]

    @property
    def calls(self) -> dict[str, int]:
        """Return the number of requests of each kind."""
        return dict(Counter(request_kind(entry) for entry in self.requests))

    @property
    def repeated(self) -> int:
        """Return the number of requests that have the method, path and target of an earlier request."""
        sent = Counter((entry.method, entry.path, _target(entry)) for entry in self.requests)
        return sum(times - 1 for times in sent.values())

    @property
    def connections(self) -> int:
        """Return the number of TCP connections that the requests used."""
        return len({entry.connection for entry in self.requests})


def request_kind(entry: Entry) -> str:
    """Return the kind of a request: ``token``, ``list``, or the HTTP method of any other request."""
    if entry.path.endswith("/token"):
        return "token"
    return "list" if entry.method == "GET" and entry.path.endswith("/webhooks") else entry.method


def _target(entry: Entry) -> str:
    return str(entry.body.get("target", "")) if isinstance(entry.body, dict) else ""


@dataclass
class VariantStack:
    """The Pulumi project and stack of one variant. The shell script has no Pulumi project.

    Attributes:
        variant: The name of the variant.
        size: Number of webhooks.
        folder: The folder for all files.
        emulator: The emulator to which the commands send their requests.
        pulumi_folders: The folders of the Pulumi CLI and the language hosts.
        commands: The folder with the commands of the virtual environment in which the wheel is installed.
    """

    variant: str
    size: int
    folder: Path
    emulator: Emulator
    pulumi_folders: Sequence[str]
    commands: Path
    environment: dict[str, str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Create the files of the project and its stack."""
        for part in ("backend", "home", "program"):
            (self.folder / part).mkdir(parents=True)
        credentials = {k: v for k, v in self.emulator.environment.items() if k != "SINCH_PROJECT_ID"}
        self.environment = {
            **bare_environment(self.folder),
            **credentials,
            "BENCH_VARIANT": self.variant,
            "BENCH_SIZE": str(self.size),
        }
        self.environment["PATH"] = os.pathsep.join(
            [str(self.commands), self.environment["PATH"], *self.pulumi_folders]
        )
        if self.variant == SHELL:
            return
        if self.variant == PLUGIN:
            self._write_yaml(self.environment)
        else:
            (self.folder / "program/Pulumi.yaml").write_text("name: benchmark\nruntime: python\n")
            shutil.copy(VARIANTS / f"program_{self.variant}.py", self.folder / "program/__main__.py")
        self._run(["pulumi", "stack", "init", "bench"], self.environment)
        self._run(["pulumi", "preview", "--non-interactive"], self.environment)  # fills the file caches

    def run(self, operation: Operation) -> Measured | None:
        """Run an operation. Returns `None` if the variant has no such operation."""
        extra = {"BENCH_EXTRA_TRIGGER": "1"} if operation.extra_trigger else {}
        environment = {**self.environment, **extra}
        if self.variant == PLUGIN:
            self._write_yaml(environment)
        command = self._command(operation, environment)
        if command is None:
            return None
        self.emulator.journal.clear()
        seconds, peak_memory = self._run(command, environment)
        return Measured(seconds, peak_memory, self.emulator.journal.entries())

    def _write_yaml(self, environment: dict[str, str]) -> None:
        """Write the program of the provider plugin as JSON, which is valid YAML."""
        resources = {
            webhook.name: {
                "type": "sinch:index:Webhook",
                "properties": {
                    "target": webhook.target,
                    "triggers": webhook.triggers,
                    "secret": webhook.secret,
                    "projectId": webhook.project_id,
                },
            }
            for webhook in desired_webhooks(environment)
        }
        program = {
            "name": "benchmark",
            "runtime": "yaml",
            "plugins": {"providers": [{"name": "sinch", "path": str(self.commands)}]},
            "resources": resources,
        }
        (self.folder / "program/Pulumi.yaml").write_text(json.dumps(program))

    def _command(self, operation: Operation, environment: dict[str, str]) -> list[str] | None:
        if self.variant != SHELL:
            options = [f"--parallel={PARALLEL}", "--non-interactive", "--color=never"]
            return ["pulumi", *operation.arguments, *options]
        if operation.shell is None:
            return None
        desired: dict[str, list[dict[str, str | list[str]]]] = {}
        for webhook in desired_webhooks(environment):
            fields: dict[str, str | list[str]] = {
                "target": webhook.target,
                "triggers": webhook.triggers,
                "secret": webhook.secret,
            }
            desired.setdefault(webhook.project_id, []).append(fields)
        file = self.folder / "desired.json"
        file.write_text(json.dumps(desired))
        return [str(VARIANTS / "webhooks.sh"), operation.shell, str(file)]

    def _run(self, command: list[str], environment: dict[str, str]) -> tuple[float, int | None]:
        """Run a command. Return its duration in seconds, and the peak memory of its plugin process."""
        output_file = self.folder / "output"
        memory = PluginMemory()
        with output_file.open("wb") as output:
            seconds, returncode = time_command(
                command,
                COMMAND_TIMEOUT,
                memory.watch,
                cwd=self.folder / "program",
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        memory.stop()
        if returncode:
            raise RuntimeError(f"{' '.join(command)} failed: {returncode}\n{output_file.read_text()}")
        return seconds, memory.peak


class PluginMemory:
    """Measures the peak memory of the plugin process that a Pulumi command starts. Linux only.

    Attributes:
        peak: Peak memory in bytes. `None` if no plugin process was found or the system does not report it.
    """

    def __init__(self) -> None:
        """Start without a process."""
        self.peak: int | None = None
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, cli: int) -> None:
        """Start to measure the plugin processes that the process `cli` starts."""
        if Path("/proc/self/status").exists():
            self._thread = threading.Thread(target=self._watch, args=(cli,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the measurement."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, cli: int) -> None:
        plugins: set[int] = set()
        while not self._done.wait(_SAMPLING_INTERVAL):
            plugins = plugins or {pid for pid in descendants(cli) if _is_plugin(pid)}
            marks = [mark for pid in plugins if (mark := _high_water_mark(pid))]
            if not marks:
                plugins = set()  # the plugin ended; `preview --refresh` may start another one
            self.peak = max([*marks, self.peak or 0]) or None


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """Return the ids of the child processes of a process, and of their child processes at all levels."""
    threads = Path(f"/proc/{pid}/task")
    try:
        tasks = [task.name for task in threads.iterdir()]
    except OSError:
        return []
    children = [int(child) for task in tasks for child in _read(f"{threads}/{task}/children").split()]
    return [*children, *(found for child in children for found in descendants(child))]


def _is_plugin(pid: int) -> bool:
    command = _read(f"/proc/{pid}/cmdline").split("\0")
    names = ("pulumi.dynamic", "pulumi-resource-sinch")
    return "python" in command[0] and any(part.endswith(names) for part in command)


def _high_water_mark(pid: int) -> int | None:
    lines = [line for line in _read(f"/proc/{pid}/status").splitlines() if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else None
