"""Run Pulumi commands on the stacks of the customers, with the Automation API.

See https://www.pulumi.com/docs/iac/automation-api/.
"""

import json
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customers import CredentialsError, Fleet
from pulumi import automation

PROGRAM = Path(__file__).parent / "program"
MAX_ERRORS = 3
"""Maximum number of errors of one customer in the summary, and maximum number of lines of each error."""
_NO_CHANGE = {"same", "refresh", "read"}


@dataclass(frozen=True)
class Stack:
    """The stack of one customer.

    Attributes:
        name: The name of the customer, which is also the name of the stack.
        workspace: The folder of the program, and the environment variables with the customer's access key.
    """

    name: str
    workspace: automation.LocalWorkspace

    def pulumi(self, command: str, *options: str) -> "Output":
        """Run a command of the Pulumi CLI on this stack, and return its output.

        The methods of `automation.Stack` are not used. Its `up` runs three more commands, for outputs and
        history, and its `preview` does not return JSON.
        """
        arguments = [command, *options, "--stack", self.name, "--json", "--color=never"]
        output: list[str] = []
        errors: list[str] = []
        succeeded = True
        try:
            self.workspace.pulumi_command.run(
                arguments, self.workspace.work_dir, self.workspace.env_vars, output.append, errors.append
            )
        except automation.CommandError:
            succeeded = False
        return Output("\n".join(output), "\n".join(errors), succeeded)


@dataclass(frozen=True)
class Output:
    """The output of a command, and whether the command succeeded."""

    stdout: str
    stderr: str
    succeeded: bool


@dataclass(frozen=True)
class Result:
    """The result of one customer's operation.

    Attributes:
        name: The name of the customer.
        changes: The number of changed webhooks by kind of change, such as ``{"create": 2}``.
        errors: The error messages. Empty if the operation succeeded.
    """

    name: str
    changes: Mapping[str, int] = field(default_factory=dict)
    errors: Sequence[str] = ()


def existing_stacks() -> set[str]:
    """Return the names of all stacks of the program.

    Raises:
        CommandError: The command failed, for example because nobody is logged in to the backend.
    """
    workspace = automation.LocalWorkspace(work_dir=str(PROGRAM))
    return {stack.name.rpartition("/")[2] for stack in workspace.list_stacks()}


def open_stacks(
    names: Iterable[str], fleet: Fleet, variables: Mapping[str, str], existing: Collection[str]
) -> tuple[list[Stack], list[Result]]:
    """Open the stacks of the customers, and create the stacks that do not exist.

    Stacks are created one after another, because the CLI stores the selected stack in one file.

    Args:
        names: The names of the customers.
        fleet: The content of `customers.yaml`.
        variables: Environment variables for the program.
        existing: The names of the existing stacks, from `existing_stacks`.

    Returns:
        The opened stacks, and a result with an error for each other customer. Such a customer has no access
        key, or its stack cannot be created.
    """
    command = automation.PulumiCommand()
    opened = [_open(name, fleet, variables, command, create=name not in existing) for name in names]
    return [each for each in opened if isinstance(each, Stack)], [
        each for each in opened if isinstance(each, Result)
    ]


def _open(
    name: str, fleet: Fleet, variables: Mapping[str, str], command: automation.PulumiCommand, *, create: bool
) -> Stack | Result:
    try:
        sinch = fleet.customers[name].sinch_variables(os.environ)
        workspace = automation.LocalWorkspace(
            work_dir=str(PROGRAM), env_vars={**variables, **sinch}, pulumi_command=command
        )
        if create:
            with suppress(automation.StackAlreadyExistsError):  # another runner created it meanwhile
                workspace.create_stack(name)
    except CredentialsError as error:
        return Result(name, errors=[str(error)])
    except automation.CommandError as error:
        return Result(name, errors=_error_lines(str(error)))
    return Stack(name, workspace)


def run_all(operation: Callable[[Stack], Result], stacks: Sequence[Stack], parallel: int) -> Iterator[Result]:
    """Run an operation on all stacks, and yield each result as soon as its operation ends.

    If an operation fails, the operations of the other stacks continue.

    Args:
        operation: The function to run on each stack.
        stacks: The stacks.
        parallel: Maximum number of operations that run at the same time.
    """
    with ThreadPoolExecutor(parallel) as executor:
        running = [executor.submit(_caught, operation, stack) for stack in stacks]
        try:
            for done in as_completed(running):
                yield done.result()
        except BaseException:  # such as Ctrl-C, which the running Pulumi commands get too
            executor.shutdown(cancel_futures=True)
            raise


def _caught(operation: Callable[[Stack], Result], stack: Stack) -> Result:
    try:
        return operation(stack)
    except Exception as error:  # noqa: BLE001 - after any error, the other customers continue
        return Result(stack.name, errors=[f"{type(error).__name__}: {error}"])


def up(stack: Stack) -> Result:
    """Create, update and delete the webhooks of the customer as the program declares them. Repair drift."""
    return _applied(stack.name, stack.pulumi("up", "--yes", "--skip-preview", "--refresh"))


def destroy(stack: Stack) -> Result:
    """Delete all webhooks of the customer, and the stack."""
    return _applied(stack.name, stack.pulumi("destroy", "--yes", "--skip-preview", "--remove"))


def preview(stack: Stack, folder: Path | None = None) -> Result:
    """Compare the customer's webhooks at Sinch with the program, and change nothing.

    Args:
        stack: The stack of the customer.
        folder: The preview is written to ``CUSTOMER.json`` in this folder, without secrets, for the comment.
    """
    output = stack.pulumi("preview", "--refresh", "--show-sames", "--show-replacement-steps")
    if folder:
        redacted = ["pulumi-sinch", "preview-redact", "-", "--out", str(folder / f"{stack.name}.json")]
        subprocess.run(redacted, input=output.stdout, text=True, timeout=60, check=True)  # noqa: S603
    shown = json.loads(output.stdout) if output.stdout.startswith("{") else {}
    return _result(stack.name, output, shown.get("steps") or [], shown.get("diagnostics") or [])


def _applied(name: str, output: Output) -> Result:
    """Return the result of a command that prints the engine's events as JSON, one event on each line."""
    events = [json.loads(line) for line in output.stdout.splitlines() if line.startswith("{")]
    steps = [event["resOutputsEvent"]["metadata"] for event in events if "resOutputsEvent" in event]
    diagnostics = [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event]
    return _result(name, output, steps, diagnostics)


def _result(
    name: str, output: Output, steps: Sequence[Mapping[str, Any]], diagnostics: Sequence[Mapping[str, Any]]
) -> Result:
    changes = Counter(
        step["op"]
        for step in steps
        if step["op"] not in _NO_CHANGE and "::pulumi:pulumi:Stack::" not in step["urn"]
    )
    if output.succeeded:
        return Result(name, changes)
    errors = [each for each in diagnostics if each["severity"] == "error"]
    # An error without a URN only says that the command failed. Skip it if there are other errors.
    shown = [each for each in errors if each.get("urn")] or errors
    messages = [line for each in shown[:MAX_ERRORS] for line in _message(each)]
    return Result(name, changes, messages or _error_lines(output.stderr))


def _message(diagnostic: Mapping[str, Any]) -> list[str]:
    resource = diagnostic.get("urn", "").rpartition("::")[2]
    text = f"{resource}: {diagnostic['message']}" if resource else diagnostic["message"]
    return text.strip().splitlines()[:MAX_ERRORS]


def _error_lines(text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ([line for line in lines if "error:" in line] or lines[-1:] or ["no output"])[:MAX_ERRORS]
