"""Tests of the parts that run without Pulumi: file, selection, results, summary, command line."""

import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import fleet
import pytest
import stacks
from click.testing import CliRunner
from customers import CredentialsError, Customer, FleetError, read_fleet, select
from pulumi import automation
from rich.console import Console

NAMES = [f"customer-{number}" for number in range(7)]
SIXTEEN = {f"webhook-{number}": {"path": str(number), "triggers": []} for number in range(16)}
URN = "urn:pulumi:acme::sinch-fleet::pulumi-python:dynamic/sinch:Webhook::senders"
STACK_URN = "urn:pulumi:acme::sinch-fleet::pulumi:pulumi:Stack::sinch-fleet-acme"


def test_the_file_of_the_example_is_valid() -> None:
    """The file has three customers. One of them has a separate access key."""
    read = read_fleet(Path(fleet.__file__).parent / "customers.yaml")
    assert [*read.customers] == ["acme", "globex", "initech"]
    assert [customer.credentials for customer in read.customers.values()] == ["", "", "INITECH"]


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("webhooks: {", "expected the node content"),
        ("[]", "file: Input should be a valid dictionary"),
        ("customers: {}", "webhooks: Field required"),
        ("webhooks: {}\ncustomers: {acme: {project_id: p}}", "customers.acme.host: Field required"),
        ("webhooks: {}\ncustomers: {acme: {project_id: p, host: h, hots: h}}", "customers.acme.hots: Extra"),
        (
            "webhooks: {}\ncustomers: {a: {project_id: p, host: h}, b: {project_id: p, host: i}}",
            "a and b have the same project_id",
        ),
        ("webhooks: {}\ncustomers: {a/b: {project_id: p, host: h}}", "'a/b' cannot be the name of a stack"),
        (
            "webhooks: {}\ncustomers: {a: {project_id: p, host: h, credentials: $(id)}}",
            "customers.a.credentials: String should match",
        ),
        (f"webhooks: {json.dumps(SIXTEEN)}\ncustomers: {{}}", "at most 15 items"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, mistake: str) -> None:
    """The message names the file and the place of the mistake."""
    file = tmp_path / "customers.yaml"
    file.write_text(text)
    with pytest.raises(FleetError) as error:
        read_fleet(file)
    assert mistake in str(error.value)
    assert str(file) in str(error.value)


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """The message names the missing file."""
    with pytest.raises(FleetError, match=r"customers\.yaml"):
        read_fleet(tmp_path / "customers.yaml")


@pytest.mark.parametrize("count", [1, 2, 3, 7, 9])
def test_the_shards_cover_all_customers_exactly_once(count: int) -> None:
    """The sizes of the shards differ by at most one."""
    parts = [select(NAMES, shard=f"{index}/{count}") for index in range(1, count + 1)]
    assert sorted(name for part in parts for name in part) == NAMES
    sizes = [len(part) for part in parts]
    assert max(sizes) - min(sizes) <= 1


def test_customers_can_be_selected() -> None:
    """A customer that is named twice is selected once. A shard is a part of the selected customers."""
    wanted = ("customer-5", "customer-1", "customer-5", "customer-3")
    assert select(NAMES, wanted) == ["customer-1", "customer-3", "customer-5"]
    assert select(NAMES, wanted, "2/2") == ["customer-3"]


@pytest.mark.parametrize("shard", ["", "1", "0/2", "3/2", "1/0", "-1/2", "a/b", "1/2/3"])
def test_a_shard_that_cannot_be_is_rejected(shard: str) -> None:
    """The message shows a valid shard as an example."""
    with pytest.raises(FleetError, match="such as 2/4"):
        select(NAMES, shard=shard)


def test_an_unknown_customer_is_named() -> None:
    """The error names the unknown customer, and no customer is selected."""
    with pytest.raises(FleetError, match="no such customer: umbrella"):
        select(NAMES, ("customer-1", "umbrella"))


def test_a_customer_with_a_key_of_its_own_uses_no_other() -> None:
    """The shared key is not a fallback. The error names a missing variable, and shows no value."""
    shared = {"SINCH_KEY_ID": "shared-id", "SINCH_KEY_SECRET": "shared-secret"}
    own = {"ACME_SINCH_KEY_ID": "acme-id", "ACME_SINCH_KEY_SECRET": "acme-secret"}
    customer = Customer(project_id="p", host="h", credentials="ACME")
    wanted = {"SINCH_KEY_ID": "acme-id", "SINCH_KEY_SECRET": "acme-secret"}
    assert customer.sinch_variables({**shared, **own}) == wanted
    assert Customer(project_id="p", host="h").sinch_variables({**shared, **own}) == shared
    with pytest.raises(CredentialsError, match=r"^set ACME_SINCH_KEY_SECRET$"):
        customer.sinch_variables({**shared, "ACME_SINCH_KEY_ID": "acme-id"})


class FakeCommand:
    """A fake Pulumi CLI that prints the same output for each command."""

    def __init__(self, stdout: str, stderr: str = "", *, succeeds: bool = True) -> None:
        self.lines = stdout.splitlines()
        self.stderr = stderr
        self.succeeds = succeeds

    def run(
        self,
        arguments: list[str],
        _cwd: str,
        _env: dict[str, str],
        on_output: Callable[[str], object],
        on_error: Callable[[str], object],
    ) -> None:
        assert arguments[-4:] == ["--stack", "acme", "--json", "--color=never"]
        for line in self.lines:
            on_output(line)
        for line in self.stderr.splitlines():
            on_error(line)
        if not self.succeeds:
            raise automation.CommandError(automation.CommandResult("", self.stderr, 1))


class FakeWorkspace:
    """The workspace of a fake CLI."""

    work_dir = "program"
    env_vars: dict[str, str] = {}  # noqa: RUF012 - nobody writes to it

    def __init__(self, command: FakeCommand) -> None:
        self.pulumi_command = command


def stack_that_prints(stdout: str, stderr: str = "", *, succeeds: bool = True) -> stacks.Stack:
    """Return a stack whose commands print this output."""
    workspace = FakeWorkspace(FakeCommand(stdout, stderr, succeeds=succeeds))
    return stacks.Stack("acme", cast("automation.LocalWorkspace", workspace))


def events(*all_events: dict[str, Any]) -> str:
    """Return the engine's events as the CLI prints them."""
    return "\n".join(json.dumps({"sequence": number, **event}) for number, event in enumerate(all_events))


def step(operation: str, urn: str = URN) -> dict[str, Any]:
    """Return the event of a finished step."""
    return {"resOutputsEvent": {"metadata": {"op": operation, "urn": urn}}}


def error(message: str, **fields: str) -> dict[str, Any]:
    """Return the event of an error."""
    return {"diagnosticEvent": {"severity": "error", "message": message, **fields}}


def test_an_up_counts_the_webhooks_that_it_changed() -> None:
    """The result does not count the stack itself, unchanged webhooks, and operations that did not finish."""
    planned = {"resourcePreEvent": {"metadata": {"op": "create", "urn": URN}}}
    printed = events(
        step("create", STACK_URN), step("refresh"), step("same"), step("create"), step("create"), planned
    )
    assert stacks.up(stack_that_prints(printed)) == stacks.Result("acme", {"create": 2})


def test_a_failed_up_shows_what_failed_and_what_was_done() -> None:
    """The error names the webhook. The message "update failed" is left out, because it explains nothing."""
    printed = events(
        step("create"),
        {"diagnosticEvent": {"severity": "warning", "message": "slow"}},
        error("the project is full\nDelete a webhook.\n\n", urn=URN),
        error("update failed\n"),
    )
    result = stacks.up(stack_that_prints(printed, succeeds=False))
    assert result.changes == {"create": 1}
    assert result.errors == ["senders: the project is full", "Delete a webhook."]


@pytest.mark.parametrize(
    ("printed", "stderr", "shown"),
    [
        (events(error("Program failed\nline 1")), "", ["Program failed", "line 1"]),
        ("", "error: the stack is currently locked\n  by alice", ["error: the stack is currently locked"]),
        ("not JSON", "\npanic\n\n", ["panic"]),
        ("", "", ["no output"]),
    ],
)
def test_a_command_that_fails_is_never_without_an_error(
    printed: str, stderr: str, shown: Sequence[str]
) -> None:
    """If the command printed no event, the summary shows its error output."""
    for operation in (stacks.up, stacks.destroy):
        assert operation(stack_that_prints(printed, stderr, succeeds=False)).errors == shown


def test_a_preview_counts_changes_and_drift() -> None:
    """A refresh step alone is not a change."""
    shown = {"steps": [{"op": "refresh", "urn": URN}, {"op": "update", "urn": URN}]}
    printed = json.dumps({**shown, "changeSummary": {"update": 1}}, indent=4)
    assert stacks.preview(stack_that_prints(printed)) == stacks.Result("acme", {"update": 1})


def test_a_failed_preview_shows_its_error() -> None:
    """The error comes from the JSON of the preview."""
    shown = {"diagnostics": [{"severity": "error", "message": "target is taken", "urn": URN}]}
    result = stacks.preview(stack_that_prints(json.dumps(shown, indent=4), succeeds=False))
    assert result.errors == ["senders: target is taken"]


def test_a_failure_does_not_stop_the_others() -> None:
    """This is true for every exception, not only for errors of Pulumi."""
    all_stacks = [stacks.Stack(name, cast("automation.LocalWorkspace", None)) for name in NAMES]

    def operation(stack: stacks.Stack) -> stacks.Result:
        if stack.name == "customer-2":
            raise OSError("no space left")
        return stacks.Result(stack.name)

    results = {result.name: result.errors for result in stacks.run_all(operation, all_stacks, 2)}
    assert sorted(results) == NAMES
    assert {name: errors for name, errors in results.items() if errors} == {
        "customer-2": ["OSError: no space left"]
    }


def test_no_more_operations_run_at_a_time_than_asked_for() -> None:
    """With a maximum of two, two operations run at the same time, and never three."""
    together = threading.Barrier(2)
    lock = threading.Lock()
    running: list[str] = []
    most = 0

    def operation(stack: stacks.Stack) -> stacks.Result:
        nonlocal most
        with lock:
            running.append(stack.name)
            most = max(most, len(running))
        together.wait(30)  # each operation waits for another one
        with lock:
            running.remove(stack.name)
        return stacks.Result(stack.name)

    six = [stacks.Stack(name, cast("automation.LocalWorkspace", None)) for name in NAMES[:6]]
    assert len([*stacks.run_all(operation, six, 2)]) == 6
    assert most == 2


def shown(results: list[stacks.Result]) -> str:
    """Return the summary as it is printed."""
    console = Console(width=100, record=True, file=None, quiet=False)
    with console.capture() as capture:
        console.print(fleet.summary("up", results))
    return capture.get()


def test_the_summary_shows_text_in_brackets() -> None:
    """Messages are not markup. As markup, rich would not print `[secret]`, and would fail at `[/x]`."""
    summary = shown([stacks.Result("acme", {"create": 1, "update": 2}, ["~ secret: [secret] => [/x]"])])
    assert "~ secret: [secret] => [/x]" in summary
    assert "1 create, 2 update" in summary
    assert "1 customers, 1 failed" in summary


def test_the_summary_says_when_nothing_changed() -> None:
    """Each customer without changes has a row that says so."""
    summary = shown([stacks.Result("acme"), stacks.Result("globex")])
    assert summary.count("no change") == 2
    assert "2 customers, 0 failed" in summary


def test_a_gate_without_a_comment_is_rejected() -> None:
    """Without a comment, `preview --fail-on delete` would succeed even if the preview deletes webhooks."""
    ran = CliRunner().invoke(fleet.main, ["preview", "--fail-on", "delete"])
    assert ran.exit_code == 2
    assert "--fail-on needs --comment" in ran.output


def test_the_customers_can_be_listed() -> None:
    """`list` prints the names on one line, which a workflow uses."""
    ran = CliRunner().invoke(fleet.main, ["list", "--shard", "1/2"])
    assert ran.exit_code == 0
    assert ran.output == "acme initech\n"


@pytest.mark.parametrize("command", ["preview", "up", "check", "destroy", "list"])
def test_a_mistake_on_the_command_line_starts_nothing(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test has no Pulumi CLI on the PATH, and the command does not try to start one."""
    monkeypatch.setenv("PATH", "")
    confirmed = ["--yes"] if command == "destroy" else []
    ran = CliRunner().invoke(fleet.main, [command, *confirmed, "umbrella"])
    assert ran.exit_code == 2
    assert "no such customer: umbrella" in ran.output


def test_destroy_asks_first() -> None:
    """Without a confirmation, `destroy` ends with an error."""
    ran = CliRunner().invoke(fleet.main, ["destroy", "acme"], input="")
    assert ran.exit_code == 1
    assert "Delete all webhooks of these customers?" in ran.output
