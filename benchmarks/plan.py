"""The plan of the benchmark: the parts of a run, and the number of rounds."""

from collections.abc import Mapping
from dataclasses import dataclass

FLOOR, TUTORIAL, SHELL, OURS, PLUGIN = "floor", "tutorial", "shell", "ours", "plugin"
VARIANTS = (FLOOR, OURS, TUTORIAL, PLUGIN, SHELL)
"""The variants in the order in which the first round runs them. Every second round has the opposite order."""


PARALLEL = 16
"""Maximum number of resource operations at a time in each stack. It is the engine's default on four cores.

On fewer cores the default is lower, and the engine creates 15 webhooks in several waves.
"""


@dataclass(frozen=True)
class Operation:
    """One command that the benchmark measures.

    Attributes:
        name: The name in the report.
        arguments: Arguments of the Pulumi CLI.
        shell: Argument of the script `webhooks.sh`, or `None` if the script has no such command.
        extra_trigger: Whether the first webhook of the program has one more trigger than before.
    """

    name: str
    arguments: tuple[str, ...]
    shell: str | None
    extra_trigger: bool = False


OPERATIONS = (
    Operation("up", ("up", "--yes", "--skip-preview"), "apply"),
    Operation("preview", ("preview",), "plan"),
    Operation("preview --refresh", ("preview", "--refresh"), "plan"),
    Operation("refresh", ("refresh", "--yes", "--skip-preview"), None),
    Operation("one-trigger up", ("up", "--yes", "--skip-preview"), "apply", extra_trigger=True),
    Operation("destroy", ("destroy", "--yes", "--skip-preview"), "destroy"),
)


@dataclass(frozen=True)
class LifeCyclePart:
    """A part with life cycles: it runs all operations, from `up` to `destroy`, with each variant.

    All stacks of the part have the same size, and the emulator has the same latency.

    Attributes:
        size: Number of webhooks in the stack.
        latency: Seconds that the emulator adds to each request.
        rounds: Number of runs, by variant.
        minutes: Expected duration of the part on two cores.
    """

    size: int
    latency: float
    rounds: Mapping[str, int]
    minutes: float

    @property
    def name(self) -> str:
        """The name of the part, such as ``15@100`` for 15 webhooks at 100 ms."""
        return f"{self.size}@{self.latency * 1000:.0f}"


ONE_STACK = "one stack"
"""The layout of a fleet that is one stack. Another layout is a number: how many stacks run at a time."""
FLEET_UP = "up"
FLEET_OPERATIONS = (
    Operation("first up", ("up", "--yes", "--skip-preview"), None),
    Operation("up without changes", ("up", "--yes", "--skip-preview", "--refresh"), None),
)
"""The arguments are for a fleet as one stack. With other layouts, `fleet.py up` runs `pulumi up --refresh`
for each stack."""
FLEET_PARALLEL = {10: (ONE_STACK, "1", "2", "4"), 60: (ONE_STACK, "1", "2", "4"), 200: ("4",)}
"""The layouts to measure, by number of projects."""
FLEET_ROUNDS = {10: 3}
"""The number of rounds, by number of projects. The default is 1."""


@dataclass(frozen=True)
class FleetRate:
    """A fleet whose access key has a rate limit.

    Attributes:
        projects: Number of Sinch projects, with 15 webhooks each.
        shards: Number of parts of the fleet. Each part has its own runner, and all run at the same time.
        parallel: Number of stacks that each runner handles at a time.
        rate: Requests per second that are allowed with the access key, which all projects share.
        burst: Number of requests that can be sent at once, before `rate` applies.
    """

    projects: int
    shards: int
    parallel: int
    rate: float
    burst: int


FLEET_RATE = FleetRate(projects=20, shards=2, parallel=2, rate=5, burst=10)

IMPORTS, EMULATOR, FLEET = "imports", "emulator", "fleet"
OTHER_PARTS = {IMPORTS: 1.0, EMULATOR: 0.2, FLEET: 30.0}
"""Expected minutes of the parts that are not life cycles."""

LIFE_CYCLES = {
    part.name: part
    for part in (
        LifeCyclePart(15, 0.0, {FLOOR: 15, OURS: 15, TUTORIAL: 15, PLUGIN: 15, SHELL: 3}, 9.0),
        LifeCyclePart(150, 0.0, {FLOOR: 15, OURS: 15, TUTORIAL: 1, PLUGIN: 3, SHELL: 1}, 15.0),
        LifeCyclePart(15, 0.1, {FLOOR: 15, OURS: 15, TUTORIAL: 2, PLUGIN: 15, SHELL: 2}, 7.0),
        LifeCyclePart(1, 0.0, {FLOOR: 5, OURS: 5, TUTORIAL: 2, SHELL: 2}, 1.5),
        LifeCyclePart(1, 0.1, {FLOOR: 3, OURS: 3, TUTORIAL: 1, SHELL: 1}, 1.0),
        LifeCyclePart(150, 0.1, {FLOOR: 2, OURS: 2, TUTORIAL: 1, SHELL: 1}, 4.5),
        LifeCyclePart(900, 0.0, {FLOOR: 1, OURS: 1}, 7.0),
    )
}
"""The parts with life cycles by name, in the order of a full run: the most important part first."""

PARTS = {**OTHER_PARTS, **{name: part.minutes for name, part in LIFE_CYCLES.items()}}
"""The names of all parts, and their expected minutes."""
