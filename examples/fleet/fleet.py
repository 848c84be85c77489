"""The webhooks of many customers: one Sinch project and one Pulumi stack for each, several at a time.

    python fleet.py preview                     what `up` would do; --comment FILE writes the review comment
    python fleet.py up                          create, update and delete webhooks; safe to run again
    python fleet.py check                       whether the webhooks at Sinch are as declared
    python fleet.py destroy acme globex         delete the webhooks of these customers

Exit status: 0 if all is well, 1 if a customer failed, 2 if `check` found a difference.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import stacks
from customers import FleetError, read_fleet, select
from pulumi import automation
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

DIFFERENT = 2
Operation = Callable[[automation.Stack], stacks.Result]


def fleet_command(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the arguments that all commands have."""
    for add in (
        click.argument("names", nargs=-1, metavar="[CUSTOMER]..."),
        click.option("--parallel", type=click.IntRange(1), default=4, show_default=True, help="Stacks at a time."),
        click.option("--shard", default="1/1", metavar="I/N", help="Work on part I of N parts of the customers."),
        click.option(
            "--customers",
            "file",
            type=click.Path(dir_okay=False, path_type=Path),
            default=Path(__file__).parent / "customers.yaml",
            help="The file that lists the customers.",
        ),
    ):
        function = add(function)
    return function


@click.group(help=__doc__.partition("\n")[0])
def main() -> None:
    """Run a command."""


@main.command()
@fleet_command
@click.option("--comment", type=click.Path(path_type=Path), help="Write one review comment for all customers.")
@click.option("--previews", type=click.Path(path_type=Path), help="Keep the previews in this folder, as CUSTOMER.json.")
@click.option("--fail-on", default="", help="Changes that fail: delete,replace,adopt. Needs --comment.")
def preview(comment: Path | None, previews: Path | None, fail_on: str, **selection: Any) -> None:
    """Show what `up` would do."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = previews or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = run("preview", stacks.preview_to(folder), **selection)
        gate = write_comment(comment, folder, results, fail_on) if comment else 0
    sys.exit(gate or failed(results))


@main.command()
@fleet_command
def up(**selection: Any) -> None:
    """Create, update and delete webhooks as declared."""
    sys.exit(failed(run("up", stacks.up, **selection)))


@main.command()
@fleet_command
def check(**selection: Any) -> None:
    """Compare the webhooks at Sinch with the declared ones, and change nothing."""
    results = run("check", stacks.check, **selection)
    sys.exit(failed(results) or (DIFFERENT if any(result.changes for result in results) else 0))


@main.command()
@fleet_command
@click.confirmation_option(prompt="Delete all webhooks of these customers?")
def destroy(**selection: Any) -> None:
    """Delete the webhooks of all or of the named customers."""
    sys.exit(failed(run("destroy", stacks.destroy, **selection)))


def run(
    title: str, operation: Operation, names: tuple[str, ...], parallel: int, shard: str, file: Path
) -> list[stacks.Result]:
    """Run an operation on the selected customers, show its progress and a summary, and return the results."""
    console = Console()
    try:
        fleet = read_fleet(file)
        selected = select([*fleet.customers], names, shard)
        opened = stacks.open_stacks(selected, fleet, file)
    except (FleetError, automation.CommandError) as error:
        raise click.ClickException(str(error)) from None
    results = []
    with Progress(console=console) as progress:
        task = progress.add_task(title, total=len(opened))
        for result in stacks.run_all(operation, opened, parallel):
            progress.advance(task)
            progress.console.print(f"{result.name}: {'failed' if result.errors else 'done'}")
            results.append(result)
    results.sort(key=lambda result: result.name)
    console.print(summary(title, results))
    return results


def summary(title: str, results: list[stacks.Result]) -> Table:
    """Return a table with one row for each customer."""
    table = Table("customer", "result", "changes", title=title)
    for result in results:
        changes = ", ".join(f"{count} {kind}" for kind, count in sorted(result.changes.items())) or "none"
        table.add_row(
            result.name,
            "failed" if result.errors else "ok",
            "\n".join(result.errors) if result.errors else changes,
        )
    return table


def failed(results: list[stacks.Result]) -> int:
    """Return the exit status."""
    return int(any(result.errors for result in results))


def write_comment(comment: Path, folder: Path, results: list[stacks.Result], fail_on: str) -> int:
    """Write one review comment for all customers. Returns the exit status of the gate."""
    previews = [f"{result.name}={folder / result.name}.json" for result in results]
    gate = ["--fail-on", fail_on] if fail_on else []
    command = ["pulumi-sinch", "preview-comment", "--out", str(comment), *gate, *previews]
    return subprocess.run(command, timeout=60, check=False).returncode


if __name__ == "__main__":
    main()
