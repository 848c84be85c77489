import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi_sinch.core import adoption_markers
from pulumi_sinch.core.adoption_markers import ATTEMPTED, DONE

ENGINE = "127.0.0.1:41234"
OTHER_PROCESS = """
import sys
from pulumi_sinch.core import adoption_markers
assert adoption_markers.write("webhook", "done")
print("written", flush=True)
sys.stdin.readline()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder, in a process that looks like a plugin."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["pulumi.dynamic", ENGINE])
    yield tmp_path / f"pulumi-sinch-{os.getuid()}"
    adoption_markers._remove_all()


@pytest.fixture
def other_process(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another provider process of the same run, which has adopted a webhook."""
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, ENGINE],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "written\n"
    yield process
    process.kill()
    process.communicate(timeout=60)


def test_a_marker_of_a_living_process_counts(other_process: "subprocess.Popen[str]") -> None:
    """Its state is read, by this engine's processes alone; a process that ends takes its markers along."""
    assert adoption_markers.read("webhook") == DONE
    assert adoption_markers.read("another webhook") == ""
    sys.argv[-1] = "127.0.0.1:41235"
    assert adoption_markers.read("webhook") == ""
    sys.argv[-1] = ENGINE
    other_process.communicate("end\n", timeout=60)
    assert adoption_markers.read("webhook") == ""


def test_a_marker_of_a_killed_process_is_an_attempt(other_process: "subprocess.Popen[str]") -> None:
    """Nobody knows whether its adoption was saved, so the webhook is not deleted in this run."""
    other_process.kill()
    other_process.wait(60)
    assert adoption_markers.read("webhook") == ATTEMPTED


def test_a_marker_is_private_and_removed(folder: Path) -> None:
    """Nobody else can read the folder, the names say nothing, and old markers are deleted."""
    assert adoption_markers.write("webhook", ATTEMPTED)
    assert folder.stat().st_mode & 0o777 == 0o700
    (marker,) = folder.iterdir()
    assert "webhook" not in marker.name
    assert adoption_markers.write("webhook", DONE)
    assert adoption_markers.read("webhook") == DONE
    old = folder / "of-a-killed-process"
    old.write_text(DONE)
    os.utime(old, (0, 0))
    assert adoption_markers.write("another", ATTEMPTED)
    assert not old.exists()
    adoption_markers.remove("webhook")
    adoption_markers.remove("webhook")
    assert adoption_markers.read("webhook") == ""
    assert len([*folder.iterdir()]) == 1


@pytest.mark.parametrize("kind", ["open to others", "a link", "a file"])
def test_a_folder_that_is_not_private_is_not_used(kind: str, folder: Path, tmp_path: Path) -> None:
    """The caller is told, and can warn."""
    if kind == "open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif kind == "a link":
        (tmp_path / "elsewhere").mkdir(mode=0o700)
        folder.symlink_to(tmp_path / "elsewhere")
    else:
        folder.touch()
    assert not adoption_markers.write("webhook", DONE)
    assert adoption_markers.read("webhook") == ""


def test_without_a_temporary_folder_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as in a container whose file system is read-only: the caller is told."""

    def no_folder() -> str:
        raise FileNotFoundError("No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", no_folder)
    assert not adoption_markers.write("webhook", DONE)
    assert adoption_markers.read("webhook") == ""
    adoption_markers.remove("webhook")


def test_outside_a_plugin_process_nothing_is_written(folder: Path) -> None:
    """A program that declares webhooks, or a test, has no engine address."""
    sys.argv[-1] = "tests/unit"
    assert adoption_markers.write("webhook", DONE)
    assert adoption_markers.read("webhook") == ""
    assert not folder.exists()
