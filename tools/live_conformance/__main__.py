"""`make live`: compare the responses of a real Sinch project with `docs/CONTRACT.md`, and print a table."""

import signal
import sys

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.core.settings import Settings
from rich.console import Console
from rich.table import Table
from rich.text import Text

from live_conformance.points import Finding, Verdict, find_all
from live_conformance.project import HOST_PREFIX, Project, StoppedError

_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_STYLES = {Verdict.DIFFERS: "red", Verdict.AS_DOCUMENTED: "green", Verdict.UNDECIDABLE: "dim"}


def main() -> int:
    """Run all comparisons with the project of the `SINCH_…` variables, and return the exit status."""
    settings = Settings.read(lambda _: None)
    try:
        settings.require_usable()
    except SettingsError as error:
        print(f"make live: {error}", file=sys.stderr)
        return 2
    if not settings.environment_project_id:
        print("make live: SINCH_PROJECT_ID is not set", file=sys.stderr)
        return 2
    return run(Project(settings), Console(width=None if sys.stdout.isatty() else 120))


def run(project: Project, console: Console) -> int:
    """Send the requests to a project, delete the webhooks of this run, and print the table.

    Returns:
        The exit status. 0: no problem. 1: a response differs from `docs/CONTRACT.md`, the run ended early, or
        a webhook of this run could not be deleted. 128 + N: signal N interrupted the run.
    """
    previous = {number: signal.signal(number, project.stop_on_signal) for number in _SIGNALS}
    try:
        return _run(project, console)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _run(project: Project, console: Console) -> int:
    findings: list[Finding] = []
    reason = ""
    console.print(f"Asks {project.settings.api_url}, with {project.pause:g} s between two requests …")
    try:
        _name_leftovers(project, console)
        for finding in find_all(project):
            findings.append(finding)
            if console.is_terminal:
                console.print(f"  {finding.point}: {finding.response}", markup=False)
    except StoppedError as error:
        reason = str(error)
    finally:
        left = project.clean_up()
    console.print(_table(findings))
    if reason:
        console.print(f"Stopped early: {reason}.", markup=False)
    if left:
        console.print(
            f"Could not be deleted: {', '.join(left)}. Delete these webhooks yourself.", markup=False
        )
    else:
        console.print(f"{project.sent} requests. No webhook of this run is left.")
    if project.signal_number:
        return 128 + project.signal_number
    return 1 if reason or left or any(found.verdict is Verdict.DIFFERS for found in findings) else 0


def _name_leftovers(project: Project, console: Console) -> None:
    """Print the webhooks of other runs. This run did not create them, so it does not delete them."""
    for entry in project.entries():
        if HOST_PREFIX in str(entry.get("target")):
            console.print(
                f"Another run left the webhook {entry.get('id')}, or is still at work.", markup=False
            )


def _table(findings: list[Finding]) -> Table:
    table = Table("Point", "docs/CONTRACT.md", "Response", "Verdict")
    for finding in findings:
        cells = (finding.point, finding.contract, finding.response, finding.verdict.value)
        table.add_row(*map(Text, cells), style=_STYLES.get(finding.verdict, ""))
    return table


if __name__ == "__main__":
    sys.exit(main())
