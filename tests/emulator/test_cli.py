"""`pulumi-sinch emulator`, started by a shell."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import IO
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from loopback import lasting_port, serving
from pulumi_sinch.cli import emulator as command
from pulumi_sinch.emulator import Emulator

COMMAND = [sys.executable, "-c", "from pulumi_sinch.cli import main; main()", "emulator"]
VARIABLES = ["SINCH_PROJECT_ID", "SINCH_KEY_ID", "SINCH_KEY_SECRET", "SINCH_API_URL", "SINCH_AUTH_URL"]


@contextlib.contextmanager
def started(*arguments: str, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def exports(stdout: IO[str] | None, expected: Sequence[str] = VARIABLES) -> dict[str, str]:
    assert stdout is not None
    environment = {}
    for _ in expected:
        word, assignment = shlex.split(stdout.readline())
        assert word == "export"
        name, _, value = assignment.partition("=")
        environment[name] = value
    return environment


def refused(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(number: signal.Signals) -> None:
    """The export lines name a running server, and a signal stops it with status 0."""
    with started("--port", "0", "--project", "it's mine", "--key-secret", "k s") as process:
        environment = exports(process.stdout)
        assert list(environment) == VARIABLES
        assert environment["SINCH_PROJECT_ID"] == "it's mine"
        url = f"{environment['SINCH_API_URL']}/v1/projects/it's%20mine/webhooks"
        auth = (environment["SINCH_KEY_ID"], environment["SINCH_KEY_SECRET"])
        assert requests.get(url, auth=auth, timeout=10).status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    assert "Ctrl-C stops the emulator" in err
    assert "Warning" not in err


def test_quiet_prints_the_export_lines_only() -> None:
    """With --quiet, only the export lines are printed."""
    with started("--port", "0", "--quiet") as process:
        assert list(exports(process.stdout)) == VARIABLES
        process.terminate()
        assert process.communicate(timeout=30) == ("", "")


def test_an_address_that_others_reach_is_warned_of() -> None:
    """Listening on all addresses causes a warning, even with --quiet."""
    with started("--port", "0", "--host", "0.0.0.0", "--quiet") as process:
        assert exports(process.stdout)["SINCH_API_URL"].startswith("http://127.0.0.1:")
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert err.startswith("Warning: 0.0.0.0 can be reached from other machines.")


def test_a_host_that_is_allowed() -> None:
    """--allow-host opens all parts under a name. --advertise prints a URL that may use http."""
    port = str(lasting_port())
    arguments = ("--port", port, "--allow-host", "sinch.test", "--advertise", "http://sinch.test:4010")
    with started(*arguments, "--quiet") as process:
        environment = exports(process.stdout, [*VARIABLES, "SINCH_ALLOW_HTTP_HOSTS"])
        assert environment["SINCH_API_URL"] == environment["SINCH_AUTH_URL"] == "http://sinch.test:4010"
        assert environment["SINCH_ALLOW_HTTP_HOSTS"] == "sinch.test"
        for path, allowed in (("/v1/x", 404), ("/_emulator/health", 200), ("/", 200)):
            for host, status in (("sinch.test:4010", allowed), ("other.test", 403)):
                url = f"http://127.0.0.1:{port}{path}"
                assert requests.get(url, headers={"Host": host}, timeout=10).status_code == status
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert err.startswith("Warning: Everybody who can reach this machine under the name sinch.test")
    assert "rejected" not in err


def test_it_shows_and_logs_what_happens(tmp_path: Path) -> None:
    """Requests are printed on stderr and logged as JSON lines. Variables can have another format."""
    log = tmp_path / "log.jsonl"
    with started("--port", "0", "--format", "dotenv", "--log", str(log)) as process:
        assert process.stdout
        variables = dict(process.stdout.readline().strip().split("=", 1) for _ in VARIABLES)
        assert list(variables) == VARIABLES
        requests.get(f"{variables['SINCH_API_URL']}/v1/x", timeout=10)
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert re.search(r"^\d\d:\d\d:\d\d  GET    /v1/x  404  \d+ ms$", err, re.MULTILINE)
    (line,) = log.read_text().splitlines()
    assert (json.loads(line)["kind"], json.loads(line)["path"]) == ("request", "/v1/x")


def test_a_log_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    """A log that cannot be opened is an error before the server starts."""
    log = str(tmp_path / "nowhere" / "log.jsonl")
    assert "cannot be written: No such file or directory." in refused("--port", "0", "--log", log)


def test_a_real_token_is_warned_of() -> None:
    """A real access token in the environment causes a warning."""
    with started("--port", "0", "--quiet", SINCH_ACCESS_TOKEN="t") as process:
        exports(process.stdout)
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert err.startswith("Warning: SINCH_ACCESS_TOKEN is set in this shell.")


def test_events_are_forwarded(tmp_path: Path) -> None:
    """--forward-to sends an event to the receiver, --forward-path with the path of the target."""
    paths: list[str] = []
    app = Flask(__name__)

    @app.post("/<path:path>")
    def receive(path: str) -> tuple[str, int]:
        paths.append(path)
        return "", 204

    seed = tmp_path / "seed.json"
    seed.write_text('{"projects": {"p": [{"target": "https://a.invalid/in", "triggers": ["ALL"]}]}}')
    with (
        serving(app) as receiver,
        started("--port", "0", "--seed", str(seed), "--forward-to", receiver, "--forward-path") as process,
    ):
        url = exports(process.stdout)["SINCH_API_URL"]
        answer = requests.post(f"{url}/_emulator/deliver", json={"trigger": "BUNDLE_DONE"}, timeout=10)
        process.terminate()
        process.communicate(timeout=30)
    assert answer.json()["deliveries"][0]["accepted"]
    assert paths == ["in"]


def test_an_advertised_host_that_is_not_allowed_is_warned_of() -> None:
    """An advertised host that is not allowed causes a warning that names the missing option."""
    with started("--port", "0", "--advertise", "http://sinch.test:4010", "--quiet") as process:
        exports(process.stdout, [*VARIABLES, "SINCH_ALLOW_HTTP_HOSTS"])
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert (
        err
        == "Warning: The emulator rejects requests to the host sinch.test, because this host is not allowed. "
        "Add --allow-host sinch.test.\n"
    )


def test_an_advertised_url_must_be_one() -> None:
    """An advertised URL that is not http(s) is an error."""
    assert "must be an http or https URL" in refused("--port", "0", "--advertise", "sinch.test")


def test_webhooks_survive_a_restart_of_the_command(tmp_path: Path) -> None:
    """--state stores the changes of clients. --seed has the initial webhooks."""
    seed, state = tmp_path / "seed.json", tmp_path / "state.json"
    seed.write_text('{"projects": {"p": [{"target": "https://a.example", "triggers": ["ALL"]}]}}')
    arguments = ("--port", "0", "--state", str(state), "--seed", str(seed))
    for expected in (1, 0):
        with started(*arguments) as process:
            environment = exports(process.stdout)
            url = f"{environment['SINCH_API_URL']}/v1/projects/p/webhooks"
            auth = (environment["SINCH_KEY_ID"], environment["SINCH_KEY_SECRET"])
            webhooks = requests.get(url, auth=auth, timeout=10).json()["webhooks"]
            assert len(webhooks) == expected
            for webhook in webhooks:
                requests.delete(f"{url}/{webhook['id']}", auth=auth, timeout=10)
            # Killed without a shutdown: every confirmed write is stored.
            process.kill()


def test_the_command_limits_rates() -> None:
    """--rate-per-project, --rate-per-key and --burst set the limits."""
    arguments = ("--port", "0", "--rate-per-project", "0.5", "--rate-per-key", "2", "--burst", "3")
    with started(*arguments) as process:
        url = exports(process.stdout)["SINCH_API_URL"]
        limits = requests.get(f"{url}/_emulator/info", timeout=10).json()["rate_limits"]
    assert limits == {"per_project": 0.5, "per_key": 2, "burst": 3}


def test_errors_are_sentences(tmp_path: Path, sinch_emulator: Emulator) -> None:
    """A port in use and a broken state file end with status 1 and one sentence."""
    port = str(urlsplit(sinch_emulator.url).port)
    assert f"Cannot listen on 127.0.0.1, port {port}: Address already in use." in refused("--port", port)
    state = tmp_path / "state.json"
    state.write_text("{")
    assert "is not a file of the emulator" in refused("--port", "0", "--state", str(state))
    assert state.read_text() == "{"


@pytest.mark.parametrize("missing", ["click", "flask"])
def test_a_missing_package_is_named_with_the_way_to_install_it(tmp_path: Path, missing: str) -> None:
    """Without the extra, the command says how to install it and exits with status 1."""
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('none', name={missing!r})")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=60, check=False, env=environment)
    assert done.returncode == 1
    assert "pip install 'pulumi-sinch[tools]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_it_goes_on_while_nobody_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command runs until a signal arrives."""
    emulator = Emulator()
    answers: list[int] = []

    class Told:
        def wait(self, seconds: float) -> bool:
            answers.append(requests.get(emulator.url, timeout=10).status_code)
            return len(answers) == 3

    monkeypatch.setattr(command, "threading", SimpleNamespace(Event=Told))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    command.serve(emulator, lambda name, value: say(name + value), say)
    assert answers == [200] * 3
    with pytest.raises(requests.ConnectionError):
        requests.get(emulator.url, timeout=10)


def say(text: str) -> None:
    assert text
