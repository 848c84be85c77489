"""Load and store the measurements.

All runs add their figures to the same JSON file, so that a long run can be split into parts.
"""

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
    """The measurement of one command.

    Attributes:
        part: The part of the benchmark, such as ``15@100`` for 15 webhooks at 100 ms.
        round: Number of the round, from 1. In a round, all variants run the same operation one after another.
        variant: The name of the variant.
        operation: The name of the operation.
        seconds: Wall time of the command, without its preparation.
        calls: HTTP requests by kind: ``token``, ``list``, ``GET``, ``POST``, ``PUT``, ``PATCH``, ``DELETE``.
        repeated: Number of requests with the same method, path and target as an earlier request.
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
    """The measurement of one command for a whole fleet.

    Attributes:
        projects: Number of Sinch projects, with 15 webhooks each.
        layout: `ONE_STACK`, or the number of stacks that run at a time.
        round: Number of the round, from 1.
        operation: The name of one of `FLEET_OPERATIONS`.
        seconds: Wall time of the command.
        calls: HTTP requests by kind, as in `Sample`.
        peak_memory: The most bytes that all processes together had at one time. None if not measured.
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
    """The measurement of the first `up` of a fleet under a rate limit.

    The first five attributes have the same meaning as in `FleetRate`.

    Attributes:
        projects: Number of Sinch projects, with 15 webhooks each.
        shards: Number of parts of the fleet. Each part has its own runner, and all run at the same time.
        parallel: Number of stacks that each runner handles at a time.
        rate: Requests per second that are allowed.
        burst: Number of requests that can be sent at once, before `rate` applies.
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
        """The minimum time in seconds in which the rate limit allows the accepted requests."""
        return max(0, self.accepted - self.burst) / self.rate


@dataclass
class Results:
    """All measurements of one machine.

    Attributes:
        machine: The properties of the machine, from `describe_machine`.
        measured_at: The time at which the latest part ended, in UTC.
        samples: The measurements of the parts that are life cycles (see `LifeCyclePart`).
        imports: Durations of Python processes in seconds, by what they import (see `measure_imports`).
        emulator: GET requests per second that the emulator served, one figure for each run.
        fleet: The measurements of the fleets.
        rate_limits: The measurements of the fleets under a rate limit.
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
        """Read the results from a file. If the file does not exist, return empty results.

        Raises:
            ValueError: The figures in the file are from another machine or from other software versions.
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
        """Replace the file in one step, so that an interrupted run does not damage earlier figures."""
        self.measured_at = datetime.now(timezone.utc).isoformat(timespec="minutes")
        aside = path.with_suffix(".new")
        aside.write_text(json.dumps(asdict(self), indent=1) + "\n")
        aside.replace(path)

    def holds(self, part: str) -> bool:
        """Return whether the results contain a measurement of this part."""
        return any(sample.part == part for sample in self.samples)

    def fleet_rounds(self, projects: int, layout: str) -> int:
        """Return the number of measured rounds of a fleet with this layout."""
        wanted = (projects, layout)
        return max((each.round for each in self.fleet if (each.projects, each.layout) == wanted), default=0)

    def of(self, part: str, variant: str, operation: str) -> list[Sample]:
        """Return the samples of one operation of one variant, one sample per round."""
        wanted = (part, variant, operation)
        return [
            sample for sample in self.samples if (sample.part, sample.variant, sample.operation) == wanted
        ]


def describe_machine(environment: dict[str, str]) -> dict[str, str]:
    """Return the properties of the machine and the versions of the software that influence the figures."""
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
