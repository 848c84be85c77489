"""`make live` against the emulator. That proves the tool, not Sinch."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from e2e.killing import wait_until
from live_conformance.__main__ import main, run
from live_conformance.points import Finding, Verdict, find_all
from live_conformance.project import HOST_PREFIX, Project, StoppedError
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.faults.definition import FaultKind
from pulumi_sinch.emulator.store import StoredWebhook
from rich.console import Console

ROOT = Path(__file__).parents[2]
KINDS: tuple[FaultKind, ...] = ("reset", "truncated_body", "empty", "html")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

QUICK_COMMAND = """
import sys
from live_conformance.__main__ import run
from live_conformance.project import Project
from pulumi_sinch.core.settings import Settings
from rich.console import Console
sys.exit(run(Project(Settings.read(lambda _: None), pause=0.1), Console(width=120)))
"""


def others(emulator: Emulator, count: int) -> list[StoredWebhook]:
    """Create webhooks of other programs, each with a secret of its own."""
    for number in range(count):
        emulator.create_webhook(f"https://other-{number}.example.com/", ["BUNDLE_DONE"], f"secret-{number}")
    return emulator.webhooks()


def project_of(emulator: Emulator) -> Project:
    return Project(Settings.read(lambda _: None, emulator.environment), pause=0)


def findings(emulator: Emulator) -> dict[str, Finding]:
    project = project_of(emulator)
    found = {finding.point: finding for finding in find_all(project)}
    assert project.clean_up() == []
    return found


def run_quietly(project: Project) -> tuple[int, str]:
    """Return the exit status and the output."""
    output = StringIO()
    return run(project, Console(file=output, width=200)), output.getvalue()


def writes(emulator: Emulator) -> list[str]:
    """Return the method and the webhook id of all requests that change webhooks."""
    return [
        f"{entry.method} {entry.path.partition('/webhooks')[2]}"
        for entry in emulator.journal.entries()
        if entry.method != "GET" and "/webhooks" in entry.path
    ]


def test_each_documented_point_holds_on_the_emulator(sinch_emulator: Emulator) -> None:
    """The emulator responds as documented. A point that a run cannot know is undecidable, with the reason."""
    others(sinch_emulator, 3)
    found = findings(sinch_emulator)
    assert not [finding for finding in found.values() if finding.verdict is Verdict.DIFFERS]
    undecidable = {point for point, finding in found.items() if finding.verdict is Verdict.UNDECIDABLE}
    assert undecidable == {
        "signed string of a callback",
        "characters of a nonce",
        "retries of a callback, and their signatures",
        "secret used for callbacks after a rotation",
        "rate limits and Retry-After",
        "POST of a 16th webhook",
        "expired token",
    }
    assert found["signed string of a callback"].response == "needs a receiver that Sinch can reach"


@pytest.mark.parametrize(
    ("options", "point", "response"),
    [
        ({"https_only": True}, "target with http://", "HTTP 400 invalid_input"),
        ({"https_only": False}, "target with http://", "HTTP 200"),
        ({"all_with_others": False}, "ALL with others", "HTTP 400 invalid_input"),
        ({"all_with_others": True}, "ALL with others", "HTTP 200"),
        ({"trigger_order": "sent"}, "order of triggers in responses", "as sent"),
        ({"trigger_order": "alphabetical"}, "order of triggers in responses", "alphabetical"),
        ({"extra_triggers": ["A_TRIGGER_THAT_DOES_NOT_EXIST"]}, "an unknown trigger", "HTTP 200"),
        ({}, "an unknown trigger", "HTTP 400 invalid_input"),
        ({}, "target reused right after DELETE", "HTTP 201"),
        ({}, "GET and list right after POST", "GET: HTTP 200; list: has it (one try)"),
        ({}, "PATCH with {}", "HTTP 200"),
        ({}, "PATCH with target: null", "HTTP 400 invalid_input, ignored"),
        ({}, "uniqueness of targets: default port", "HTTP 200: another target"),
        ({}, "target: host in upper case", "HTTP 200, returned as sent"),
        ({}, "id", "32 hex digits"),
        ({}, "nextPageToken of the last page", "absent"),
        ({}, "null or missing fields in a list", "none, in 3 webhooks"),
    ],
)
def test_an_undocumented_point_is_observed(options: dict[str, object], point: str, response: str) -> None:
    """The table shows the behavior of the service, whichever it is."""
    with Emulator(**options) as emulator:  # type: ignore[arg-type]
        others(emulator, 3)
        finding = findings(emulator)[point]
    assert (finding.response, finding.verdict) == (response, Verdict.OBSERVED)


def test_other_webhooks_stay_as_they_are(sinch_emulator: Emulator) -> None:
    """The run sends no PUT, PATCH or DELETE to a webhook that it did not create, and leaves none behind."""
    before = others(sinch_emulator, 5)
    status, output = run_quietly(project_of(sinch_emulator))
    assert status == 0, output
    assert sinch_emulator.webhooks() == before
    assert not [request for request in writes(sinch_emulator) if any(each.id in request for each in before)]
    assert "No webhook of this run is left." in output


def test_a_foreign_webhook_cannot_be_changed(sinch_emulator: Emulator) -> None:
    """A request that would change a webhook of somebody else is never sent."""
    [webhook] = others(sinch_emulator, 1)
    with pytest.raises(ValueError, match="did not create"):
        project_of(sinch_emulator).request("DELETE", webhook.id)
    assert writes(sinch_emulator) == []


@pytest.mark.parametrize(("count", "most"), [(15, 15), (14, 14), (13, 14), (12, 14), (4, 6)])
def test_a_nearly_full_project_keeps_a_free_place(sinch_emulator: Emulator, count: int, most: int) -> None:
    """The run creates a webhook only if another place stays free. The table names the missing points."""
    before = others(sinch_emulator, count)
    counts: list[int] = []
    sinch_emulator.observe(lambda _: counts.append(len(sinch_emulator.webhooks())))
    status, output = run_quietly(project_of(sinch_emulator))
    assert status == 0, output
    assert max(counts) == most
    assert ("points that need 1 webhook of their own" in output) == (count > 13)
    assert ("points that need 2 webhooks of their own" in output) == (count > 12)
    assert sinch_emulator.webhooks() == before


@pytest.fixture
def handlers() -> Iterator[None]:
    """Check that the handlers of signals are restored."""
    before = [signal.getsignal(number) for number in SIGNALS]
    yield
    assert [signal.getsignal(number) for number in SIGNALS] == before


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.usefixtures("handlers")
def test_an_interrupted_run_leaves_nothing(sinch_emulator: Emulator, number: signal.Signals) -> None:
    """After whichever request a signal arrives, the run deletes its webhooks. The others stay as they are."""
    before = others(sinch_emulator, 2)
    whole = project_of(sinch_emulator)
    assert run_quietly(whole)[0] == 0
    remaining = [0]

    def interrupt(_: object) -> None:
        remaining[0] -= 1
        if remaining[0] == 0:
            os.kill(os.getpid(), number)

    sinch_emulator.observe(interrupt)
    for after in range(1, whole.sent, 3 if number == signal.SIGINT else 12):
        remaining[0] = after
        project = project_of(sinch_emulator)
        status, output = run_quietly(project)
        assert project.signal_number == number, after
        assert (status, "No webhook of this run is left." in output) == (128 + number, True), after
        assert sinch_emulator.webhooks() == before, after


def test_a_terminated_command_leaves_nothing(sinch_emulator: Emulator) -> None:
    """After SIGTERM, the process deletes its webhook, prints its findings, and ends with 143."""
    before = others(sinch_emulator, 2)
    environment = {**os.environ, **sinch_emulator.environment, "PYTHONPATH": str(ROOT / "tools")}
    command = [sys.executable, "-c", QUICK_COMMAND]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        wait_until(lambda: len(sinch_emulator.webhooks()) > len(before), "webhook of the run")
        process.terminate()
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM, output
    assert "Stopped early: interrupted." in output
    assert "as documented" in output
    assert sinch_emulator.webhooks() == before


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
@pytest.mark.parametrize("kind", KINDS)
def test_a_lost_response_to_a_creation_leaves_nothing(
    sinch_emulator: Emulator, kind: FaultKind, nth: int
) -> None:
    """A webhook whose creation got no usable response is found by its target, and deleted."""
    before = others(sinch_emulator, 2)
    sinch_emulator.faults.add(kind, method="POST", path="*/webhooks", nth=nth, after_commit=True)
    run_quietly(project_of(sinch_emulator))
    assert sinch_emulator.webhooks() == before


def test_a_429_ends_the_run(sinch_emulator: Emulator) -> None:
    """At the first 429, the run only cleans up: each further request would be one too many."""
    before = others(sinch_emulator, 2)
    sinch_emulator.faults.add("status", method="PATCH", nth=2, times=None, status=429, retry_after="0")
    status, output = run_quietly(project_of(sinch_emulator))
    assert status == 1
    assert "Stopped early: PATCH got HTTP 429" in output
    assert [each.split()[0] for each in writes(sinch_emulator)] == ["POST", "PATCH", "PATCH", "DELETE"]
    assert sinch_emulator.webhooks() == before


def test_the_cleanup_waits_as_long_as_sinch_asks(sinch_emulator: Emulator) -> None:
    """A 429 in the cleanup delays the next request by its Retry-After. Then the webhooks are deleted."""
    before = others(sinch_emulator, 2)
    sinch_emulator.faults.add("status", method="PATCH", status=429, retry_after="7")
    sinch_emulator.faults.add("status", method="DELETE", status=429, retry_after="9")
    now = [100.0]
    project = Project(
        Settings.read(lambda _: None, sinch_emulator.environment),
        pause=0,
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
    )
    run_quietly(project)
    assert now[0] == pytest.approx(116, abs=0.5)
    assert sinch_emulator.webhooks() == before


def test_what_cannot_be_deleted_is_named(sinch_emulator: Emulator) -> None:
    """If Sinch does not delete a webhook of the run, the output has its id and the status is 1."""
    sinch_emulator.faults.add("status", method="DELETE", times=None, status=500)
    status, output = run_quietly(project_of(sinch_emulator))
    left = sinch_emulator.webhooks()
    assert left
    assert status == 1
    assert all(webhook.id in output for webhook in left)


def test_a_deviation_is_shown(sinch_emulator: Emulator) -> None:
    """A response that differs from the documentation makes the status 1."""
    sinch_emulator.faults.add("html", method="DELETE", status=200, after_commit=True)
    status, output = run_quietly(project_of(sinch_emulator))
    assert status == 1
    [row] = [line for line in output.splitlines() if "differs" in line]
    assert "HTTP 204 without a body" in row


@pytest.mark.parametrize(("by", "response"), [("id", "by id"), ("target", "by target")])
def test_the_order_of_a_list_is_observed(sinch_emulator: Emulator, by: str, response: str) -> None:
    """With three webhooks or more, the table says which field the list is sorted by."""
    entries = [{"id": "a", "target": "z"}, {"id": "b", "target": "y"}, {"id": "c", "target": "x"}]
    listed = {"totalSize": 3, "pageSize": 15, "webhooks": sorted(entries, key=lambda entry: entry[by])}
    sinch_emulator.faults.add("status", method="GET", path="*/webhooks", status=200, body=json.dumps(listed))
    found = {finding.point: finding for finding in find_all(project_of(sinch_emulator))}
    assert found["order of a list"].response == response


def test_a_failing_service_is_not_a_deviation(sinch_emulator: Emulator) -> None:
    """A 5xx says nothing about a point: it is undecidable."""
    sinch_emulator.faults.add("status", method="PATCH", times=4, status=503)
    status, output = run_quietly(project_of(sinch_emulator))
    assert "differs" not in output
    assert status == 0


def test_what_a_killed_run_left_is_named_only(sinch_emulator: Emulator) -> None:
    """Another run's webhook is not deleted: that run may still be at work."""
    webhook = sinch_emulator.create_webhook(f"https://{HOST_PREFIX}0123.example.com/Path")
    status, output = run_quietly(project_of(sinch_emulator))
    assert status == 0
    assert f"Another run left the webhook {webhook.id}" in output
    assert sinch_emulator.webhooks() == [webhook]


@pytest.mark.parametrize("auth", ["oauth2", "basic"])
def test_no_secret_is_printed(sinch_emulator: Emulator, auth: str) -> None:
    """The output has neither the secret of the key nor the target of another webhook."""
    others(sinch_emulator, 2)
    settings = Settings.read(lambda _: None, {**sinch_emulator.environment, "SINCH_AUTH": auth})
    status, output = run_quietly(Project(settings, pause=0))
    assert status == 0
    assert sinch_emulator.key_secret not in output
    assert "other-1" not in output


def test_rejected_credentials_end_the_run(sinch_emulator: Emulator) -> None:
    """Without a token nothing is asked."""
    environment = {**sinch_emulator.environment, "SINCH_KEY_SECRET": "a-wrong-one"}
    status, output = run_quietly(Project(Settings.read(lambda _: None, environment), pause=0))
    assert status == 1
    assert "the token endpoint responded with HTTP 401" in output
    assert "a-wrong-one" not in output


def test_missing_settings_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the `SINCH_…` variables, `make live` names the missing ones and sends nothing."""
    for name in [name for name in os.environ if name.startswith("SINCH_")]:
        monkeypatch.delenv(name)
    assert main() == 2
    assert "Sinch credentials are missing" in capsys.readouterr().err
    monkeypatch.setenv("SINCH_ACCESS_TOKEN", "sample-token")
    assert main() == 2
    assert "SINCH_PROJECT_ID is not set" in capsys.readouterr().err


def test_requests_are_a_pause_apart(sinch_emulator: Emulator) -> None:
    """A run waits between two requests, so that it stays far below any rate limit."""
    now = [100.0]
    project = Project(
        Settings.read(lambda _: None, sinch_emulator.environment),
        clock=lambda: now[0],
        sleep=lambda seconds: now.__setitem__(0, now[0] + seconds),
    )
    for _ in range(3):
        project.request("GET")
    assert now[0] == pytest.approx(102, abs=0.2)


def test_a_signal_ends_a_pause(sinch_emulator: Emulator) -> None:
    """The run does not wait for its next request if a signal arrived."""
    project = Project(Settings.read(lambda _: None, sinch_emulator.environment), pause=3600)
    project.request("GET")
    project.stop_on_signal(signal.SIGINT, None)
    with pytest.raises(StoppedError, match="interrupted"):
        project.request("GET")
