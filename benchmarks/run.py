"""`make bench`: measure parts, store the figures in benchmarks/results/, and write docs/performance.md."""

import argparse
import compileall
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "benchmarks/variants"), str(ROOT / "tools")]

from chart import write_charts
from desired import project_ids
from fleet import Tools, measure_fleets, measure_rate_limit
from fleet_report import merge_fleet, write_fleet_chart
from load import measure_emulator
from plan import (
    EMULATOR,
    FLEET,
    FLEET_PARALLEL,
    FLEET_RATE,
    IMPORTS,
    LIFE_CYCLES,
    OPERATIONS,
    PARTS,
    VARIANTS,
    LifeCyclePart,
)
from pulumi_sinch.emulator import Emulator
from report import report
from results import FleetSample, Results, Sample, describe_machine
from stacks import VariantStack, bare_environment
from startup import measure_imports
from wheel_environment import make_wheel_environment

RESULTS = ROOT / "benchmarks/results/results.json"
REPORT = ROOT / "docs/performance.md"


def arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"what to measure: {' '.join(PARTS)}; or all"
    )
    parser.add_argument("--rounds", type=int, help="rounds of every variant, instead of the plan's")
    parser.add_argument(
        "--projects",
        type=int,
        nargs="+",
        metavar="N",
        help="numbers of projects of the fleets, instead of the plan's",
    )
    parser.add_argument("--fresh", action="store_true", help="discard earlier figures of these parts")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the figures are kept")
    parser.add_argument("--report", type=Path, default=REPORT, help="where the report goes")
    parser.add_argument("--report-only", action="store_true", help="measure nothing, write the report")
    given = parser.parse_args()
    unknown = set(given.parts) - PARTS.keys()
    if unknown:
        parser.error(f"no such part: {' '.join(sorted(unknown))} (there are {' '.join(PARTS)})")
    return given


def pulumi_folders() -> list[str]:
    """Return the folders of the Pulumi CLI and its language hosts. Builds the missing ones first."""
    return [
        subprocess.run(
            [ROOT / "tools" / tool / "install"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
        for tool in ("pulumi", "pulumi-yaml")
    ]


def measure_life_cycles(
    part: LifeCyclePart, rounds: int | None, results: Results, path: Path, cli_folders: Sequence[str]
) -> None:
    """Run the rounds of a part that are not measured yet, and add their samples to the results."""
    wanted = {
        variant: rounds or part.rounds.get(variant, 0) for variant in VARIANTS if part.rounds.get(variant)
    }
    last = OPERATIONS[-1].name
    done = {variant: len(results.of(part.name, variant, last)) for variant in wanted}
    projects = [project for variant in wanted for project in project_ids(variant, part.size)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pulumi-sinch-bench-")))
        emulator = stack.enter_context(Emulator(projects=projects))
        emulator.latency = part.latency
        commands = make_wheel_environment(folder / "environment")
        missing = [variant for variant in wanted if done[variant] < wanted[variant]]
        stacks = {
            variant: VariantStack(variant, part.size, folder / variant, emulator, cli_folders, commands)
            for variant in missing
        }
        for number in range(1, max(wanted.values()) + 1):
            present = [variant for variant in missing if done[variant] < number <= wanted[variant]]
            if not present:
                continue
            for sample in run_round(part.name, number, [stacks[variant] for variant in present]):
                results.samples.append(sample)
            results.save(path)


def run_round(part: str, number: int, stacks: Sequence[VariantStack]) -> list[Sample]:
    """Run all operations once with each variant, and return the samples.

    The variants run each operation one after another, in an order that alternates between rounds. So a change
    in the speed of the machine affects all variants.
    """
    samples = []
    for operation in OPERATIONS:
        for stack in stacks if number % 2 else [*reversed(stacks)]:
            measured = stack.run(operation)
            if measured is None:
                continue
            say(f"{part:>8} round {number} {operation.name:18} {stack.variant:9} {measured.seconds:7.2f} s")
            samples.append(
                Sample(
                    part=part,
                    round=number,
                    variant=stack.variant,
                    operation=operation.name,
                    seconds=round(measured.seconds, 4),
                    calls=measured.calls,
                    repeated=measured.repeated,
                    connections=measured.connections,
                    peak_memory=measured.peak_memory,
                )
            )
    return samples


def measure_all_fleets(
    given: argparse.Namespace, results: Results, path: Path, cli_folders: Sequence[str]
) -> None:
    """Measure the fleets that are not measured yet, and then a fleet under a rate limit."""

    def keep(sample: FleetSample) -> None:
        layout = f"{sample.projects} projects, {sample.layout}"
        say(f"{FLEET:>8} round {sample.round} {layout:22} {sample.operation:18} {sample.seconds:8.2f} s")
        results.fleet.append(sample)
        results.save(path)

    with tempfile.TemporaryDirectory(prefix="pulumi-sinch-bench-") as temporary:
        tools = Tools(cli_folders, make_wheel_environment(Path(temporary) / "environment"))
        for projects in given.projects or FLEET_PARALLEL:
            folder = Path(temporary) / str(projects)
            measure_fleets(folder, tools, projects, partial(results.fleet_rounds, projects), keep)
        plan = replace(FLEET_RATE, projects=min(given.projects)) if given.projects else FLEET_RATE
        sample = measure_rate_limit(Path(temporary) / "rate", tools, plan)
        say(f"{FLEET:>8} under a rate limit: {sample.seconds:.2f} s, at least {sample.minimum:.2f} s")
        results.rate_limits.append(sample)


def say(text: str) -> None:
    """Print the time and a text about the progress."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def forget(results: Results, part: str) -> None:
    """Remove the figures of a part from the results."""
    results.samples = [sample for sample in results.samples if sample.part != part]
    if part == IMPORTS:
        results.imports = {}
    if part == EMULATOR:
        results.emulator = []
    if part == FLEET:
        results.fleet, results.rate_limits = [], []


def measure(
    part: str,
    given: argparse.Namespace,
    results: Results,
    environment: dict[str, str],
    cli_folders: Sequence[str],
) -> None:
    """Measure one part, and add its figures to the results."""
    if part == IMPORTS:
        for name, seconds in measure_imports(Path(tempfile.gettempdir())).items():
            results.imports.setdefault(name, []).extend(seconds)
    elif part == EMULATOR:
        results.emulator.append(measure_emulator(environment))
    elif part == FLEET:
        measure_all_fleets(given, results, given.results, cli_folders)
    else:
        measure_life_cycles(LIFE_CYCLES[part], given.rounds, results, given.results, cli_folders)


def main() -> None:
    """Measure the requested parts one after the other, and write the report."""
    given = arguments()
    # A shell starts background jobs with SIGINT ignored, and the programs that they start inherit this. But
    # Pulumi ends a program with SIGINT, and waits 5 s if the program ignores the signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    cli_folders = pulumi_folders()
    environment = bare_environment(Path(tempfile.gettempdir()))
    environment["PATH"] = os.pathsep.join([environment["PATH"], *cli_folders])
    given.results.parent.mkdir(parents=True, exist_ok=True)
    try:
        results = Results.load(given.results, describe_machine(environment))
    except ValueError as error:
        sys.exit(str(error))
    parts = [] if given.report_only else given.parts or [*PARTS]
    # Compile the modules to bytecode, as in an installed package. Otherwise each process would compile them.
    compileall.compile_dir(ROOT / "provider", quiet=1)
    compileall.compile_dir(ROOT / ".venv/lib", quiet=1)
    say(f"about {sum(PARTS[part] for part in parts):.0f} minutes: {' '.join(parts)}")
    for part in parts:
        if given.fresh:
            forget(results, part)
        measure(part, given, results, environment, cli_folders)
        results.save(given.results)
        say(f"{part} is done")
    write_charts(results, given.report.parent)
    write_fleet_chart(results, given.report.parent)
    page = given.report.read_text() if given.report.exists() else ""
    # If this machine measured only fleets, replace only the section about fleets.
    given.report.write_text(merge_fleet(report(results) if results.samples else page, page, results))
    say(f"wrote {given.report}")


if __name__ == "__main__":
    main()
