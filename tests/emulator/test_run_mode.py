"""`pulumi-sinch emulator -- COMMAND`: environment, exit status, terminal and signals."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-c", "from pulumi_sinch.cli import main; main()", "emulator", "--quiet"]
# Counts a signal, shows that the API still responds after it, and ends by itself.
GRACEFUL = """
import os, signal, sys, time, urllib.request
count = 0
def on_signal(number, frame):
    global count
    count += 1
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, on_signal)
print("ready", flush=True)
while not count:
    time.sleep(0.02)
time.sleep(1)
url = os.environ["SINCH_API_URL"] + "/_emulator/health"
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print("signals", count, "api", opener.open(url, timeout=10).status, flush=True)
sys.exit(7)
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
        start_new_session=True,
    )


def test_the_command_gets_the_variables_and_its_status_is_returned() -> None:
    """The command gets the variables, and its exit status is returned, with and without the two dashes."""
    script = 'import os, sys; print(os.environ["SINCH_API_URL"], sys.argv[1:]); sys.exit(5)'
    for dashes in (["--"], []):
        done = run(*dashes, sys.executable, "-c", script, "--port", "x")
        assert done.returncode == 5
        assert done.stdout.startswith("http://127.0.0.1:")
        assert done.stdout.endswith(" ['--port', 'x']\n")
        assert done.stderr == ""


def test_a_real_token_does_not_reach_the_emulator() -> None:
    """An access token of the shell is not passed to the command."""
    done = run(
        "--",
        sys.executable,
        "-c",
        "import os; print('SINCH_ACCESS_TOKEN' in os.environ)",
        SINCH_ACCESS_TOKEN="t",
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("mode", "status"), [(None, 127), (0o644, 126)])
def test_a_command_that_cannot_be_started(tmp_path: Path, mode: int | None, status: int) -> None:
    """If a command cannot be started, the exit status is a shell's, and the message names the command."""
    program = tmp_path / "program"
    if mode is not None:
        program.write_text("#!/bin/sh\n")
        program.chmod(mode)
    done = run("--", str(program))
    assert done.returncode == status
    assert done.stderr.startswith(f"Error: {program} cannot be started: ")


def test_a_signal_that_ends_the_command_is_its_status() -> None:
    """If a signal ends the command, the exit status is 128 plus its number."""
    assert run("--", "sh", "-c", "kill -9 $$").returncode == 137


def to_process(process: "subprocess.Popen[str]", number: int) -> None:
    process.send_signal(number)


def to_group(process: "subprocess.Popen[str]", number: int) -> None:
    os.killpg(process.pid, number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("send", [to_process, to_group])
def test_the_command_gets_each_signal_once(
    send: Callable[["subprocess.Popen[str]", int], None], number: int
) -> None:
    """Without a terminal, the command gets each signal once, and the API responds until the command ends."""
    with subprocess.Popen(
        [*COMMAND, "--", sys.executable, "-c", GRACEFUL],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        send(process, number)
        assert process.stdout.read() == "signals 1 api 200\n"
    assert process.returncode == 7


def test_the_terminal_belongs_to_the_command() -> None:
    """Ctrl-C reaches the command once, and the command is in the foreground of the terminal."""
    script = f"import os\nprint('tty', os.isatty(0), os.tcgetpgrp(0) == os.getpgrp())\n{GRACEFUL}"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(  # noqa: S606 - the command under test
            sys.executable, [*COMMAND, "--", sys.executable, "-c", script]
        )
    try:
        seen = read_until(terminal, b"ready")
        os.write(terminal, b"\x03")
        seen += read_until(terminal, b"api 200")
        _, status = os.waitpid(pid, 0)
    except BaseException:
        os.kill(pid, signal.SIGKILL)
        raise
    finally:
        os.close(terminal)
    assert b"tty True True" in seen
    assert b"signals 1 api 200" in seen
    assert os.waitstatus_to_exitcode(status) == 7


def read_until(terminal: int, text: bytes) -> bytes:
    seen, end = b"", time.monotonic() + 60
    while text not in seen:
        assert select.select([terminal], [], [], end - time.monotonic())[0], seen
        seen += os.read(terminal, 65536)
    return seen


def test_projects_are_created_on_demand() -> None:
    """With --any-project, a stack whose config names its own project works without a change."""
    script = (
        "import os, requests; e = os.environ;"
        "url = e['SINCH_API_URL'] + '/v1/projects/from-the-config/webhooks';"
        "print(requests.get(url, auth=(e['SINCH_KEY_ID'], e['SINCH_KEY_SECRET']), timeout=10).status_code)"
    )
    assert run("--any-project", "--", sys.executable, "-c", script).stdout == "200\n"
    assert run("--", sys.executable, "-c", script).stdout == "401\n"
