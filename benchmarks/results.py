"""The stored measurements: one JSON file to which runs add, so that a run can be split into parts."""

import json
import os
import platform
import subprocess
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Sample:
    """One command, measured.

    Attributes:
        part: The part, such as ``15@100``.
        round: Number of the round, from 1. The samples of one round ran next to each other.
        variant: The variant.
        operation: The operation.
        seconds: Wall time of only the command.
        calls: HTTP requests by kind: ``token``, ``list``, ``GET``, ``POST``, ``PUT``, ``PATCH``, ``DELETE``.
        repeated: Number of requests with the same method, path and target as an earlier one.
        connections: Number of TCP connections.
        peak_memory: Peak memory of the plugin process in bytes, or `None` if it was not measured.
    """

    part: str
    round: int
    variant: str
    operation: str
    seconds: float
    calls: dict[str, int]
    repeated: int
    connections: int
    peak_memory: int | None


@dataclass(frozen=True)
class FleetSample:
    """One command for a whole fleet, measured.

    Attributes:
        projects: Sinch projects, with 15 webhooks each.
        layout: `ONE_STACK`, or how many stacks run at a time.
        round: Counts from 1.
        operation: Of `FLEET_OPERATIONS`.
        seconds: Wall time.
        calls: HTTP requests by kind, as in `Sample`.
        peak_memory: Most bytes that all processes held at a time. None where that is not measured.
    """

    projects: int
    layout: str
    round: int
    operation: str
    seconds: float
    calls: dict[str, int]
    peak_memory: int | None


@dataclass(frozen=True)
class RateSample:
    """The first `up` of a fleet under a rate limit. The first five attributes are those of `FleetRate`.

    Attributes:
        projects: Sinch projects, with 15 webhooks each.
        shards: Runners at the same time.
        parallel: Stacks at a time in each shard.
        rate: Requests per second.
        burst: Requests at once.
        seconds: Wall time of the slowest shard.
        accepted: Requests that Sinch accepted.
        rejected: Requests that Sinch rejected with 429.
    """

    projects: int
    shards: int
    parallel: int
    rate: float
    burst: int
    seconds: float
    accepted: int
    rejected: int

    @property
    def minimum(self) -> float:
        """Seconds that the rate limit takes for these requests at least."""
        return max(0, self.accepted - self.burst) / self.rate


@dataclass
class Results:
    """Everything measured on one machine.

    Attributes:
        machine: Facts about the machine.
        measured_at: End of the latest part, in UTC.
        samples: Samples of the life cycles.
        imports: Seconds by imported module.
        emulator: GET requests per second, one figure for each run.
        fleet: Samples of the fleets.
        rate_limits: Samples of the fleets under a rate limit.
    """

    machine: dict[str, str]
    measured_at: str = ""
    samples: list[Sample] = field(default_factory=list)
    imports: dict[str, list[float]] = field(default_factory=dict)
    emulator: list[float] = field(default_factory=list)
    fleet: list[FleetSample] = field(default_factory=list)
    rate_limits: list[RateSample] = field(default_factory=list)

    @classmethod
    def load(cls, path: Path, machine: dict[str, str]) -> "Results":
        """Read the file, or start a new one.

        Raises:
            ValueError: The file's figures are from another machine or from other versions.
        """
        if not path.exists():
            return cls(machine)
        content: dict[str, Any] = json.loads(path.read_text())
        if content["machine"] != machine:
            raise ValueError(f"{path} was measured on {content['machine']}, this is {machine}: use --fresh")
        content["samples"] = [Sample(**sample) for sample in content["samples"]]
        content["fleet"] = [FleetSample(**sample) for sample in content.get("fleet", [])]
        content["rate_limits"] = [RateSample(**sample) for sample in content.get("rate_limits", [])]
        return cls(**content)

    def save(self, path: Path) -> None:
        """Write the file in one step, so that an interrupted run loses nothing."""
        self.measured_at = datetime.now(timezone.utc).isoformat(timespec="minutes")
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(self), indent=1) + "\n")
        aside.replace(path)

    def holds(self, part: str) -> bool:
        """True if any figure of a part was measured."""
        return any(sample.part == part for sample in self.samples)

    def fleet_rounds(self, projects: int, layout: str) -> int:
        """Return how many rounds of a fleet are measured."""
        wanted = (projects, layout)
        return max((each.round for each in self.fleet if (each.projects, each.layout) == wanted), default=0)

    def of(self, part: str, variant: str, operation: str) -> list[Sample]:
        """Return the samples of one variant and operation, one per round."""
        wanted = (part, variant, operation)
        return [
            sample for sample in self.samples if (sample.part, sample.variant, sample.operation) == wanted
        ]


def describe_machine(environment: dict[str, str]) -> dict[str, str]:
    """Return the facts about the machine on which figures depend."""
    version = subprocess.run(
        ["pulumi", "version"], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "cpu": _cpu(),
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "pulumi CLI": version.stdout.strip(),
        **{name: _installed(name) for name in ("pulumi", "pydantic", "requests")},
    }


def _installed(name: str) -> str:

    return metadata.version(name)


def _cpu() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
