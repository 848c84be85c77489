import fcntl
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_sinch.core import shared_facts
from pulumi_sinch.core.run_state import Fact, Run
from pulumi_sinch.core.shared_facts import ATTEMPTED, DONE

ENGINE = "127.0.0.1:41234"
OTHER_PROCESS = """
import json, sys
from pulumi_sinch.core import shared_facts
for line in sys.stdin:
    with shared_facts.exclusive():
        assert shared_facts.publish(*json.loads(line))
    print("published", flush=True)
"""


class OtherProcess:
    """Another provider process of the same run."""

    def __init__(self, folder: Path, engine: str = ENGINE) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", OTHER_PROCESS, engine],
            env={**os.environ, "TMPDIR": str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def publish(self, subject: str, fact: str) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([subject, fact]) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "published\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder, in a process that looks like a plugin process."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["pulumi.dynamic", ENGINE])
    yield tmp_path / f"pulumi-sinch-{os.getuid()}"
    shared_facts._remove_own_files()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[OtherProcess]:
    other = OtherProcess(tmp_path)
    yield other
    other.process.kill()
    other.process.communicate(timeout=60)


@pytest.mark.skipif(sys.platform != "linux", reason="finds the engine's socket in /proc")
@pytest.mark.parametrize(
    ("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::ffff:127.0.0.1")]
)
def test_a_later_engine_on_the_same_port_is_another_run(
    family: socket.AddressFamily, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files of a killed run are ignored by a later engine that got the same port, with any kind of socket."""
    dual = family == socket.AF_INET6
    with socket.create_server((address, 0), family=family, dualstack_ipv6=dual) as engine:
        port = engine.getsockname()[1]
        monkeypatch.setattr(sys, "argv", ["pulumi.dynamic", f"127.0.0.1:{port}"])
        killed = OtherProcess(tmp_path, sys.argv[-1])
        killed.publish("webhook", "kept")
        assert shared_facts.facts("webhook") == {"kept"}
        killed.process.kill()
        killed.process.communicate(timeout=60)
        assert shared_facts.facts("webhook") == {"kept"}
    shared_facts._socket_number.cache_clear()  # as in a new process
    with socket.create_server((address, port), family=family, dualstack_ipv6=dual):
        assert shared_facts.facts("webhook") == set()


def test_the_last_fact_of_a_living_process_counts(other: OtherProcess) -> None:
    """The last fact counts, only for processes of the same engine, and only while its process lives."""
    other.publish("webhook", ATTEMPTED)
    assert shared_facts.facts("webhook") == {ATTEMPTED}
    other.publish("webhook", DONE)
    other.publish("another", "kept")
    assert shared_facts.facts("webhook") == {DONE}
    other.publish("another", "")
    assert shared_facts.facts("another") == set()
    sys.argv[-1] = "127.0.0.1:41235"
    assert shared_facts.facts("webhook") == set()
    sys.argv[-1] = ENGINE
    other.process.communicate(timeout=60)
    assert shared_facts.facts("webhook") == set()


def test_a_completed_adoption_of_a_killed_process_is_an_attempt(other: OtherProcess) -> None:
    """A completed adoption of a killed process counts as attempted: the engine may not have saved it."""
    other.publish("webhook", DONE)
    other.publish("another", "kept")
    other.process.kill()
    other.process.wait(60)
    assert shared_facts.facts("webhook") == {ATTEMPTED}
    assert shared_facts.facts("another") == {"kept"}


def test_a_file_is_private_and_says_nothing(folder: Path) -> None:
    """Only the user can read the folder, no file contains names or ids, and a run leaves no files."""
    old = folder / "of-killed-processes"
    old.mkdir(parents=True)
    folder.chmod(0o700)
    (old / "1").touch()
    os.utime(old, (0, 0))
    with shared_facts.exclusive():
        assert shared_facts.publish("webhook", DONE)
    assert shared_facts.facts("webhook") == set()
    assert folder.stat().st_mode & 0o777 == 0o700
    (run,) = folder.iterdir()
    (file,) = run.iterdir()
    assert "webhook" not in run.name + file.name + file.read_text()
    shared_facts._remove_own_files()
    assert [*folder.iterdir()] == []


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_is_not_private_is_not_used(kind: str, folder: Path, tmp_path: Path) -> None:
    """A folder that others can write to is not used, and the caller gets False."""
    if kind == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.touch()
    with shared_facts.exclusive():
        assert not shared_facts.publish("webhook", DONE)
    assert shared_facts.facts("webhook") == set()
    run = Run()
    assert run.claim_adoption("webhook")
    assert not run.is_visible_to_all


def test_without_a_temporary_folder_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a temporary folder nothing fails, and the caller gets False."""

    def no_folder() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", no_folder)
    with shared_facts.exclusive():
        assert not shared_facts.publish("webhook", DONE)
    assert shared_facts.facts("webhook") == set()


def test_outside_a_plugin_process_nothing_is_written(folder: Path) -> None:
    """Outside a plugin process, nothing is written."""
    sys.argv[-1] = "tests/unit"
    with shared_facts.exclusive():
        assert shared_facts.publish("webhook", DONE)
    assert shared_facts.facts("webhook") == set()
    assert not folder.exists()


@pytest.mark.parametrize("fact", ["existing", "kept", "created", "attempted", "done"])
def test_a_webhook_of_another_process_cannot_be_claimed(other: OtherProcess, fact: str) -> None:
    """A webhook of another process cannot be claimed, and a second resource with its id fails its diff."""
    other.publish("webhook", fact)
    run, stored = Run(), {"target": "https://a.example/", "project_id": "p"}
    assert not run.claim("webhook")
    assert not run.claim_adoption("webhook")
    assert run.see_existing(stored, stored)
    assert not run.see_id("webhook", stored, changes=True)


def test_what_another_process_has_is_not_deleted(other: OtherProcess) -> None:
    """A webhook that another process keeps is not deleted. If that is not known yet, the deletion fails."""
    run = Run()
    for fact in ("kept", "created"):
        other.publish("webhook", fact)
        assert run.stays("webhook")
    other.publish("webhook", "existing")
    assert (run.stays("webhook"), run.may_stay("webhook")) == (False, True)
    other.publish("webhook", "done")
    assert run.adoption_of("webhook") is Fact.DONE


def test_plans_of_another_process_count(other: OtherProcess) -> None:
    """An adoption planned by another process is rejected, and an open one prevents a deletion."""
    target, stored = "https://a.example/", {"target": "https://a.example/", "project_id": "p"}
    run = Run()
    for fact in ("existing", "refused"):
        other.publish(f"p\n{target}", fact)
        assert not run.plan_adoption("p", target)
    assert not run.begin_adoption("p", target)
    other.publish(f"p\n{target}", "planned")
    assert run.is_being_adopted("p", target)
    assert not run.see_existing(stored, stored)
    assert not run.begin_adoption("p", target)


@pytest.mark.timeout(20)
def test_a_process_that_is_stopped_with_the_lock_blocks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while, the others go on without the lock."""
    monkeypatch.setattr(shared_facts, "_LOCK_TIMEOUT", 0.05)
    held = os.open(shared_facts._prepared_run_folder(), os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with shared_facts.exclusive():
        assert shared_facts.publish("a", DONE)
    os.close(held)
