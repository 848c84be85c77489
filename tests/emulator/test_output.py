"""The console lines and the log file."""

import json
import stat
from contextlib import closing
from pathlib import Path

import click
import pytest
import requests
from pulumi_sinch.cli.emulator_output import Console, LogFile, console_line, log_object
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.delivery import Delivery
from pulumi_sinch.emulator.journal import Entry

SECRETS = ["hush-hush", "t0k3n", "sample-key-secret-of-the-emulator"]


def entry(**fields: object) -> Entry:
    given = {"method": "GET", "path": "/v1/x", "query": "", "status": 200, "milliseconds": 1.6, **fields}
    rest = {"number": 1, "time": 0, "connection": 1, "authorization": "", "user_agent": "", "body": None}
    return Entry(**{**rest, **given})  # type: ignore[arg-type]


def delivery(**fields: object) -> Delivery:
    given = {
        "target": "https://a.example/in",
        "trigger": "BUNDLE_DONE",
        "attempt": 1,
        "status": 204,
        **fields,
    }
    rest = {"number": 1, "time": 0, "project_id": "p", "webhook_id": "w", "milliseconds": 12.3}
    return Delivery(**{**rest, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (entry(), "GET    /v1/x  200  2 ms"),
        (entry(query="pageSize=5"), "GET    /v1/x?pageSize=5  200  2 ms"),
        (entry(status=None, fault="reset"), "GET    /v1/x  no response  2 ms  fault reset"),
        (entry(path="/v1/\x1b[2Jx\r\n"), "GET    /v1/ [2Jx  200  2 ms"),
        (delivery(), "EVENT  BUNDLE_DONE -> https://a.example/in  204  12 ms"),
        (
            delivery(status=None, problem="no", attempt=2, forwarded_to="http://localhost/"),
            (
                "EVENT  BUNDLE_DONE -> https://a.example/in (forwarded to http://localhost/)  "
                "no response  12 ms  attempt 2  no"
            ),
        ),
    ],
)
def test_a_line_has_the_facts(event: Entry | Delivery, line: str) -> None:
    """A line has time, method, path, status, milliseconds and fault, without control characters."""
    shown = click.unstyle(console_line(event, now=1_000_000))
    assert shown[8:10] == "  "
    assert shown[10:] == line


def test_colors_are_for_terminals(capsys: pytest.CaptureFixture[str]) -> None:
    """Colors are removed if the output is not a terminal."""
    assert "\x1b[" in console_line(entry(status=500), now=0)
    Console(clock=lambda: 0)(entry(status=500))
    assert "\x1b" not in capsys.readouterr().err


def test_console_log_and_journal_have_no_secret(
    receiver: str, sinch_emulator: Emulator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Console, log and journal never contain a secret, token or key."""
    sinch = sinch_emulator
    path = tmp_path / "log.jsonl"
    sinch.observe(Console())
    log = LogFile(path, pytest.fail)
    sinch.observe(log)
    key = (sinch.key_id, sinch.key_secret)
    form = {"grant_type": "client_credentials", "client_secret": sinch.key_secret}
    token_url = f"{sinch.url}/oauth2/token"
    token = requests.post(token_url, auth=key, data=form, timeout=10).json()["access_token"]
    sinch.faults.add("truncated_json", path="/oauth2/token")
    truncated = requests.post(token_url, auth=key, data=form, timeout=10).text
    url = f"{sinch.url}/v1/projects/{sinch.project_id}/webhooks"
    headers = {"Authorization": f"Bearer {token}"}
    body = {"target": receiver, "triggers": ["ALL"], "secret": "hush-hush"}
    requests.post(url, json=body, headers=headers, timeout=10)
    sinch.faults.add("truncated_json", path="/v1/*")
    for query in ("?secret=hush-hush", "?token=t0k3n"):
        requests.get(url + query, headers=headers, timeout=10)
    assert [entry.accepted for entry in sinch.deliver("BUNDLE_DONE")] == [True]
    control = "".join(
        requests.get(f"{sinch.url}/_emulator/{name}", timeout=10).text
        for name in ("journal", "deliveries", "info", "faults")
    )
    console = capsys.readouterr().err
    log.close()
    assert len(console.splitlines()) == len(path.read_text().splitlines()) == 6
    for place, text in {"console": console, "log": path.read_text(), "control": control}.items():
        found = [value for value in (*SECRETS, token, truncated[-20:]) if value in text]
        assert not found, (place, found)


def test_the_log_is_json_lines_for_its_owner(tmp_path: Path) -> None:
    """The log has one JSON object per line, is private, and is appended by a second run."""
    path = tmp_path / "log.jsonl"
    for event in (entry(status=404), delivery()):
        with closing(LogFile(path, pytest.fail)) as log:
            log(event)
    kinds = [(line["kind"], line["status"]) for line in map(json.loads, path.read_text().splitlines())]
    assert kinds == [("request", 404), ("delivery", 204)]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert log_object(delivery())["headers"] == {}


def test_a_log_that_cannot_be_written_is_warned_of_once() -> None:
    """If the log cannot be written, there is one warning, and the emulator continues."""
    warnings: list[str] = []
    with closing(LogFile(Path("/dev/full"), warnings.append)) as log:
        log(entry())
        log(entry())
    assert warnings == ["The log cannot be written: No space left on device."]


def test_a_rejected_host_is_shown(sinch_emulator: Emulator) -> None:
    """A request with a rejected host is printed, although the journal does not contain it."""
    seen: list[object] = []
    sinch_emulator.observe(seen.append)
    requests.get(sinch_emulator.url + "/v1/x", headers={"Host": "sinch:4010"}, timeout=10)
    (shown,) = seen
    assert isinstance(shown, Entry)
    assert (shown.method, shown.path, shown.status) == ("GET", "/v1/x", 403)
    assert sinch_emulator.journal.count() == 0
