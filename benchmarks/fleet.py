"""Measure a fleet of Sinch projects: as one stack, as one stack for each project, and under a rate limit."""

import shutil
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from clock import time_command
from desired import PER_PROJECT, project_ids
from plan import (
    FLEET_OPERATIONS,
    FLEET_PARALLEL,
    FLEET_RATE,
    FLEET_ROUNDS,
    FLEET_UP,
    ONE_STACK,
    OURS,
    FleetRate,
    Operation,
)
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.journal import Entry
from results import FleetSample, RateSample
from stacks import VariantStack, bare_environment, descendants, request_kind

EXAMPLE = Path(__file__).resolve().parents[1] / "examples/fleet"
TIMEOUT = 3600
"""Seconds after which a command for a whole fleet is killed."""
_SAMPLING_INTERVAL = 0.25


@dataclass(frozen=True)
class Tools:
    """The folders with the commands that a fleet runs.

    Attributes:
        pulumi_folders: The folders of the Pulumi CLI and the language hosts.
        commands: The folder with the commands of the virtual environment in which the wheel is installed.
    """

    pulumi_folders: Sequence[str]
    commands: Path


class TreeMemory:
    """Measures the memory of a command and of all processes that it starts. Linux only.

    Attributes:
        peak: The most bytes that all processes together had at one time. Pages that processes share are
            counted once. None if the system does not report it.
    """

    def __init__(self) -> None:
        """Start without a process."""
        self.peak: int | None = None
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, pid: int) -> None:
        """Start to measure a process and the processes that it starts."""
        if Path("/proc/self/smaps_rollup").exists():
            self._thread = threading.Thread(target=self._watch, args=(pid,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop the measurement."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()

    def _watch(self, pid: int) -> None:
        while not self._done.wait(_SAMPLING_INTERVAL):
            held = sum(_proportional_memory(each) for each in [pid, *descendants(pid)])
            self.peak = max(held, self.peak or 0) or None


def _proportional_memory(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0  # the process has ended
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@dataclass
class Requests:
    """Counts the requests to an emulator by kind and by HTTP status."""

    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, entry: object) -> None:
        """Count a request. Deliveries of callbacks are ignored."""
        if isinstance(entry, Entry):
            with self._lock:
                self.kinds[request_kind(entry)] += 1
                self.statuses[entry.status or 0] += 1

    def clear(self) -> None:
        """Reset all counts to zero."""
        self.kinds.clear()
        self.statuses.clear()


@dataclass
class Runner:
    """One runner of a fleet: a copy of `examples/fleet` and a Pulumi home. Runners can share a backend."""

    folder: Path
    environment: Mapping[str, str]

    def start(self, projects: Sequence[str]) -> None:
        """Create the files of the runner, for these projects."""
        shutil.copytree(EXAMPLE, self.folder, ignore=shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml"))
        project = yaml.safe_load((self.folder / "program/Pulumi.yaml").read_text())
        del project["runtime"]["options"]  # the wheel's environment is first on the PATH
        (self.folder / "program/Pulumi.yaml").write_text(yaml.safe_dump(project))
        triggers = ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_INACTIVE"]
        webhooks = {
            f"webhook-{number}": {"path": f"benchmark/{number}", "triggers": triggers}
            for number in range(PER_PROJECT)
        }
        customers = {name: {"project_id": name, "host": f"{name}.example.com"} for name in projects}
        fleet = {"webhooks": webhooks, "customers": customers}
        (self.folder / "customers.yaml").write_text(yaml.safe_dump(fleet))

    def command(self, *arguments: str) -> list[str]:
        """Return a command line that runs `fleet.py` with these arguments."""
        return [sys.executable, str(self.folder / "fleet.py"), *arguments]

    def run(self, command: Sequence[str], cwd: Path) -> tuple[float, int | None]:
        """Run a command. Return its duration in seconds, and the peak memory of all its processes.

        Raises:
            RuntimeError: The command failed.
        """
        output_file = self.folder / "output"
        memory = TreeMemory()
        with output_file.open("wb") as output:
            seconds, status = time_command(
                command, TIMEOUT, memory.watch, cwd=cwd, env=self.environment, stdout=output, stderr=output
            )
        memory.stop()
        if status:
            raise RuntimeError(f"{' '.join(command)} failed: {status}\n{output_file.read_text()}")
        return seconds, memory.peak


def _environment(folder: Path, home: Path, emulator: Emulator, tools: Tools) -> dict[str, str]:
    """Return the environment variables of a runner. Runners with the same `folder` share a backend."""
    (folder / "backend").mkdir(parents=True, exist_ok=True)
    sinch = {key: value for key, value in emulator.environment.items() if key != "SINCH_PROJECT_ID"}
    environment = {**bare_environment(folder), **sinch, "PULUMI_HOME": str(home)}
    environment["PATH"] = ":".join([str(tools.commands), environment["PATH"], *tools.pulumi_folders])
    return environment


def measure_fleets(
    folder: Path,
    tools: Tools,
    projects: int,
    done: Callable[[str], int],
    keep: Callable[[FleetSample], None],
) -> None:
    """Measure all layouts of a fleet with this number of projects. Each round measures each layout once.

    A layout is one stack for the whole fleet, or one stack for each project with some stacks at a time.

    Args:
        folder: The folder for the files of the fleets.
        tools: The folders with the commands.
        projects: Number of Sinch projects.
        done: Returns the number of rounds of a layout that are measured already.
        keep: Called with each sample.
    """
    for number in range(1, FLEET_ROUNDS.get(projects, 1) + 1):
        for layout in FLEET_PARALLEL.get(projects, FLEET_PARALLEL[min(FLEET_PARALLEL)]):
            if done(layout) >= number:
                continue
            place = folder / f"{projects}-{layout}-{number}".replace(" ", "-")
            for sample in _life(place, tools, projects, layout, number):
                keep(sample)


def _life(folder: Path, tools: Tools, projects: int, layout: str, number: int) -> Sequence[FleetSample]:
    """Run all operations on a new fleet with one layout, and return a sample for each operation."""
    names = project_ids(OURS, projects * PER_PROJECT)
    requests = Requests()
    samples = []
    with Emulator(projects=names) as emulator:
        emulator.observe(requests.note)
        runner = Runner(folder / "runner", _environment(folder, folder / "home", emulator, tools))
        runner.start(names)
        cwd = runner.folder
        if layout == ONE_STACK:
            size = projects * PER_PROJECT
            stack = VariantStack(OURS, size, folder / "stack", emulator, tools.pulumi_folders, tools.commands)
            runner.environment, cwd = stack.environment, stack.folder / "program"
        for operation in FLEET_OPERATIONS:
            requests.clear()
            seconds, peak_memory = runner.run(_command(runner, layout, operation), cwd)
            samples.append(
                FleetSample(
                    projects=projects,
                    layout=layout,
                    round=number,
                    operation=operation.name,
                    seconds=round(seconds, 3),
                    calls=dict(requests.kinds),
                    peak_memory=peak_memory,
                )
            )
    return samples


def _command(runner: Runner, layout: str, operation: Operation) -> list[str]:
    if layout == ONE_STACK:
        return ["pulumi", *operation.arguments, "--non-interactive", "--color=never"]
    return runner.command("up", "--parallel", layout)


def _time(runner: Runner, command: Sequence[str], seconds: list[float]) -> None:
    seconds.append(runner.run(command, runner.folder)[0])


def measure_rate_limit(folder: Path, tools: Tools, plan: FleetRate = FLEET_RATE) -> RateSample:
    """Measure the first `up` of a fleet whose access key has a rate limit.

    Each shard is a part of the projects with its own runner. All shards run at the same time.
    """
    names = project_ids(OURS, plan.projects * PER_PROJECT)
    requests = Requests()
    seconds: list[float] = []
    with Emulator(projects=names, rate_per_key=plan.rate, burst=plan.burst) as emulator:
        emulator.observe(requests.note)
        threads = []
        for shard in range(1, plan.shards + 1):
            home = folder / f"home-{shard}"
            runner = Runner(folder / f"runner-{shard}", _environment(folder, home, emulator, tools))
            runner.start(names)
            options = ("--shard", f"{shard}/{plan.shards}", "--parallel", str(plan.parallel))
            command = runner.command(FLEET_UP, *options)
            threads.append(threading.Thread(target=_time, args=(runner, command, seconds)))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if len(seconds) < plan.shards:
        raise RuntimeError("a shard failed under the rate limit")
    rejected = requests.statuses.pop(429, 0)
    return RateSample(
        **vars(plan), seconds=round(max(seconds), 3), accepted=requests.statuses.total(), rejected=rejected
    )
