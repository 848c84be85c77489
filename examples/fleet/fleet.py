"""Manage the webhooks of many customers. Each customer has one Sinch project and one Pulumi stack.

    python fleet.py preview                     show what `up` would do; --comment writes a review comment
    python fleet.py up                          create, update and delete webhooks, and repair drift
    python fleet.py check                       compare the webhooks at Sinch with the declared webhooks
    python fleet.py destroy acme globex         delete the webhooks and the stacks of these customers

A command works on several stacks at the same time. You can run each command again after a failure.
Exit status: 0 if everything succeeded, 1 if a command failed for a customer, 2 if `check` found a difference,
3 if the comment contains a change that --fail-on names.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from pathlib import Path

import click
import stacks
from customers import Fleet, FleetError, read_fleet, select
from pulumi import automation
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

DIFFERENT = 2
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Selection:
    """The customers that the user selects on the command line, and how many to work on at the same time."""

    names: tuple[str, ...]
    parallel: int
    shard: str
    file: Path


file_option = click.option(
    "--customers",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=HERE / "customers.yaml",
    help="The file that lists the customers.",
)
fail_on_option = click.option(
    "--fail-on",
    default="",
    metavar="KINDS",
    help="Changes in the comment that fail, such as delete,replace,adopt.",
)


def takes_selection(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a `Selection` to a command. The function gets the `Selection` as first argument."""

    @wraps(function)
    def command(names: tuple[str, ...], parallel: int, shard: str, file: Path, **options: object) -> None:
        function(Selection(names, parallel, shard, file), **options)

    for add in (
        file_option,
        click.option(
            "--shard", default="1/1", metavar="I/N", help="Work on part I of N parts of the customers."
        ),
        click.option(
            "--parallel", type=click.IntRange(1), default=4, show_default=True, help="Stacks at a time."
        ),
        click.argument("names", nargs=-1, metavar="[CUSTOMER]..."),
    ):
        command = add(command)
    return command


@click.group()
def main() -> None:
    """Manage the webhooks of many customers: one Sinch project and one Pulumi stack for each."""


@main.command()
@takes_selection
@click.option(
    "--comment", type=click.Path(path_type=Path), help="Write one review comment for these customers."
)
@click.option(
    "--previews", type=click.Path(path_type=Path), help="Keep the previews here as CUSTOMER.json, redacted."
)
@fail_on_option
def preview(selection: Selection, comment: Path | None, previews: Path | None, fail_on: str) -> None:
    """Show what `up` would do."""
    if fail_on and not comment:
        raise click.UsageError("--fail-on needs --comment.")
    with tempfile.TemporaryDirectory() as temporary:
        folder = previews or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        results = run("preview", partial(stacks.preview, folder=folder), selection)
        gate = write_comment(comment, folder, [each.name for each in results], fail_on) if comment else 0
    sys.exit(gate or failed(results))


@main.command()
@file_option
@click.option(
    "--previews", type=click.Path(path_type=Path), required=True, help="Where the shards' previews are."
)
@click.option(
    "--comment", type=click.Path(path_type=Path), required=True, help="Write the review comment here."
)
@fail_on_option
def comment(file: Path, previews: Path, comment: Path, fail_on: str) -> None:
    """Write one review comment for all customers, from the previews of all shards."""
    sys.exit(write_comment(comment, previews, select(fleet_of(file).customers), fail_on))


@main.command()
@takes_selection
@click.option("--adopt", is_flag=True, help="Adopt webhooks that have a declared target, instead of failing.")
def up(selection: Selection, *, adopt: bool) -> None:
    """Create, update and delete webhooks as declared."""
    sys.exit(failed(run("up", stacks.up, selection, FLEET_ADOPT="1" if adopt else "")))


@main.command()
@takes_selection
def check(selection: Selection) -> None:
    """Compare the webhooks at Sinch with the declared webhooks, and change nothing."""
    results = run("check", stacks.preview, selection)
    sys.exit(failed(results) or (DIFFERENT if any(result.changes for result in results) else 0))


@main.command()
@takes_selection
@click.confirmation_option(prompt="Delete all webhooks of these customers?")
def destroy(selection: Selection) -> None:
    """Delete the webhooks and the stacks of all customers, or only of the given customers."""
    sys.exit(failed(run("destroy", stacks.destroy, selection, create=False)))


@main.command("list")
@takes_selection
def list_customers(selection: Selection) -> None:
    """Print the names of the customers."""
    click.echo(" ".join(selected(fleet_of(selection.file), selection)))


def fleet_of(file: Path) -> Fleet:
    """Read the file with the customers. A mistake in the file ends the command with an error."""
    try:
        return read_fleet(file)
    except FleetError as error:
        raise click.ClickException(str(error)) from None


def selected(fleet: Fleet, selection: Selection) -> list[str]:
    """Return the selected customers. An unknown customer ends the command with an error."""
    try:
        return select(fleet.customers, selection.names, selection.shard)
    except FleetError as error:
        raise click.UsageError(str(error)) from None


def run(
    title: str,
    operation: Callable[[stacks.Stack], stacks.Result],
    selection: Selection,
    *,
    create: bool = True,
    **variables: str,
) -> list[stacks.Result]:
    """Run an operation on the selected customers, show its progress and a summary, and return the results.

    Args:
        title: The name of the operation, for the progress and the summary.
        operation: The function to run on the stack of each customer.
        selection: The customers.
        create: Whether to create missing stacks. If not, customers without a stack are skipped.
        variables: Environment variables for the program.
    """
    console = Console()
    fleet = fleet_of(selection.file)
    names = selected(fleet, selection)
    try:
        existing = stacks.existing_stacks()
    except automation.CommandError as error:
        raise click.ClickException(str(error)) from None
    if left_over := sorted(existing - {*fleet.customers}):
        click.echo(f"These stacks are of no customer in {selection.file}: {', '.join(left_over)}", err=True)
    variables["FLEET_CUSTOMERS"] = str(selection.file.resolve())
    opened, results = stacks.open_stacks(
        [name for name in names if create or name in existing], fleet, variables, existing
    )
    with Progress(console=console) as progress:
        task = progress.add_task(title, total=len(opened))
        for result in stacks.run_all(operation, opened, selection.parallel):
            progress.advance(task)
            progress.console.print(f"{result.name}: {'failed' if result.errors else 'done'}")
            results.append(result)
    results.sort(key=lambda result: result.name)
    console.print(summary(title, results))
    return results


def summary(title: str, results: list[stacks.Result]) -> Table:
    """Return a table with one row for each customer."""
    broken = sum(1 for result in results if result.errors)
    table = Table(
        "customer", "result", "webhooks", title=f"{title}: {len(results)} customers, {broken} failed"
    )
    for result in results:
        changes = (
            ", ".join(f"{count} {kind}" for kind, count in sorted(result.changes.items())) or "no change"
        )
        lines = [changes, *result.errors] if result.changes else result.errors or [changes]
        table.add_row(result.name, "failed" if result.errors else "ok", escape("\n".join(lines)))
    return table


def failed(results: list[stacks.Result]) -> int:
    """Return the exit status: 1 if the operation failed for any customer, otherwise 0."""
    return int(any(result.errors for result in results))


def write_comment(comment: Path, folder: Path, names: list[str], fail_on: str) -> int:
    """Write one review comment for these customers. A missing preview counts as failed.

    Returns:
        The exit status of `pulumi-sinch preview-comment`: 3 if a change of ``--fail-on`` is in the comment.
    """
    if not names:
        return 0
    for name in names:
        (folder / f"{name}.json").touch()
    previews = [f"{name}={folder / name}.json" for name in names]
    gate = ["--fail-on", fail_on] if fail_on else []
    command = ["pulumi-sinch", "preview-comment", "--out", str(comment), *gate, *previews]
    return subprocess.run(command, timeout=60, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    main()
