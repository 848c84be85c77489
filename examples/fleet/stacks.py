"""The customers' Pulumi stacks, driven by the Automation API: https://www.pulumi.com/docs/iac/automation-api/."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customers import Fleet
from pulumi import automation

PROGRAM = Path(__file__).parent / "program"
MAX_ERRORS = 3
"""Lines of a failed command that the summary shows."""


@dataclass(frozen=True)
class Result:
    """The result of one customer's operation.

    Attributes:
        name: The customer.
        changes: How many resources have each kind of change, such as ``{"create": 2}``. What stays the same is left out.
        errors: The error messages. Empty if the operation succeeded.
    """

    name: str
    changes: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[str] = ()


def open_stacks(names: Sequence[str], fleet: Fleet, file: Path) -> dict[str, automation.Stack]:
    """Create or select the stack of each customer, one after another: the CLI keeps the selected stack in one file.

    Raises:
        FleetError: A customer has no credentials.
        CommandError: A command failed.
    """
    variables = {name: fleet.customers[name].sinch_variables(os.environ) for name in names}
    command = automation.PulumiCommand()
    opened = {}
    for name in names:
        options = automation.LocalWorkspaceOptions(
            env_vars={**variables[name], "FLEET_CUSTOMERS": str(file.resolve())}, pulumi_command=command
        )
        opened[name] = automation.create_or_select_stack(name, work_dir=str(PROGRAM), opts=options)
    return opened


def run_all(
    operation: Callable[[automation.Stack], Result], stacks: Mapping[str, automation.Stack], parallel: int
) -> Iterator[Result]:
    """Run an operation on all stacks, and yield each result when it is there. A failure does not stop the others.

    Args:
        operation: To run on each stack.
        stacks: By name of the customer.
        parallel: How many operations run at a time.
    """
    with ThreadPoolExecutor(parallel) as executor:
        running = [executor.submit(_caught, operation, stack) for stack in stacks.values()]
        try:
            for done in as_completed(running):
                yield done.result()
        except BaseException:  # such as Ctrl-C, which the running commands get too
            executor.shutdown(cancel_futures=True)
            raise


def up(stack: automation.Stack) -> Result:
    """Create, update and delete the customer's webhooks as the program says."""
    done = stack.up(color="never")
    return _result(stack, done.summary.resource_changes)


def destroy(stack: automation.Stack) -> Result:
    """Delete all webhooks of the customer. The stack remains, empty."""
    done = stack.destroy(color="never")
    return _result(stack, done.summary.resource_changes)


def check(stack: automation.Stack) -> Result:
    """Compare the customer's webhooks at Sinch with the program, and change nothing."""
    return _preview(stack, "--refresh")


def preview_to(folder: Path) -> Callable[[automation.Stack], Result]:
    """Return an operation that previews `up`, and writes the preview for the review comment.

    Args:
        folder: Gets a file ``CUSTOMER.json``. A preview that fails leaves one too, so that the comment shows the failure.
    """

    def preview(stack: automation.Stack) -> Result:
        with (folder / f"{stack.name}.json").open("w") as file:
            return _preview(stack, "--show-sames", "--show-replacement-steps", on_output=file.write)

    return preview


def _preview(
    stack: automation.Stack, *options: str, on_output: Callable[[str], object] | None = None
) -> Result:
    workspace = stack.workspace
    ran = workspace.pulumi_command.run(
        ["preview", "--json", "--stack", stack.name, *options],
        workspace.work_dir,
        workspace.env_vars,
        on_output,
    )
    return _result(stack, json.loads(ran.stdout)["changeSummary"])


def _result(stack: automation.Stack, changes: Mapping[Any, int] | None) -> Result:
    counts = {str(getattr(kind, "value", kind)): count for kind, count in (changes or {}).items()}
    return Result(stack.name, {kind: count for kind, count in counts.items() if kind != "same" and count})


def _caught(operation: Callable[[automation.Stack], Result], stack: automation.Stack) -> Result:
    try:
        return operation(stack)
    except automation.CommandError as error:
        lines = [line.strip() for line in str(error).splitlines()]
        errors = [line for line in lines if "error:" in line] or [line for line in lines if line][-1:]
        return Result(stack.name, errors=errors[:MAX_ERRORS])
