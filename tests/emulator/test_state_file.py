"""The state file and the seed file."""

import json
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.state_lock import StateFileError

SEED = {
    "projects": {
        "p1": [{"target": "https://seeded.example", "triggers": ["ALL"], "secret": "s"}],
        "p2": [],
    }
}


def test_webhooks_survive_a_restart(tmp_path: Path) -> None:
    """Created, changed and deleted webhooks survive a restart, with secrets and other projects."""
    state = tmp_path / "state.json"
    with Emulator(state_file=state, projects=["p1", "p2"]) as emulator:
        kept = emulator.create_webhook("https://a.example", secret="s1", project_id="p2")
        gone = emulator.create_webhook("https://b.example")
        emulator.change_webhook(kept.id, secret="s2")
        emulator.delete_webhook(gone.id)
    again = Emulator(state_file=str(state))
    assert (again.project_id, again.webhooks(), again.webhooks("p2")) == ("p1", [], [again.webhook(kept.id)])
    assert again.webhook(kept.id).secret == "s2"


def test_the_state_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """The file has mode 0600, and only an empty lock file is beside it."""
    state = tmp_path / "state.json"
    emulator = Emulator(state_file=state)
    emulator.create_webhook("https://a.example")
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert contents(tmp_path) == {"state.json", "state.json.lock"}
    assert (tmp_path / "state.json.lock").read_bytes() == b""


def contents(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "not a file of the emulator"),
        ("{", "not a file of the emulator"),
        ('{"version": 2, "projects": {}}', "version: "),
        ('{"projects": {"p": [{"target": 5, "triggers": [], "secret": "hush"}]}}', "projects.p.0.target"),
        ('{"projects": {"p": [{"target": "x", "triggers": ["A"], "secret": "hush"}]}}', "must be a URL"),
        (
            json.dumps({"projects": {"p": [{"id": "x", "target": "https://a.example", "triggers": ["A"]}]}}),
            "Id is not",
        ),
    ],
)
def test_a_broken_state_file_is_refused_and_left_alone(tmp_path: Path, content: str, problem: str) -> None:
    """A broken state file is rejected with a sentence without secrets, and is not changed."""
    state = tmp_path / "state.json"
    state.write_text(content)
    with pytest.raises(StateFileError, match=r"state\.json") as refused:
        Emulator(state_file=state)
    assert problem in str(refused.value)
    assert "hush" not in str(refused.value)
    assert state.read_text() == content
    assert contents(tmp_path) == {"state.json", "state.json.lock"}


def test_files_that_cannot_be_read_or_written_are_refused(tmp_path: Path) -> None:
    """A missing seed, a directory and a missing folder are reported in sentences."""
    for options in (
        {"seed_file": tmp_path / "none.json"},
        {"state_file": tmp_path},
        {"state_file": tmp_path / "none" / "state.json"},
    ):
        with pytest.raises(StateFileError, match=r"cannot be (read|written): "):
            Emulator(**options)  # type: ignore[arg-type]


def test_a_seed_is_where_it_starts_and_resets_to(tmp_path: Path) -> None:
    """The seed's webhooks exist at the start and after a reset. Missing ids and secrets are generated."""
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    emulator = Emulator(seed_file=seed)
    (seeded,) = emulator.webhooks()
    assert (emulator.project_id, seeded.target, seeded.secret) == ("p1", "https://seeded.example", "s")
    emulator.delete_webhook(seeded.id)
    emulator.create_webhook("https://b.example", project_id="p2")
    emulator.reset()
    assert emulator.webhooks() == [seeded]
    assert emulator.webhooks("p2") == []


def test_the_state_wins_over_the_seed(tmp_path: Path) -> None:
    """A seed fills a missing state file, and is ignored if the state file exists."""
    seed, state = tmp_path / "seed.json", tmp_path / "state.json"
    seed.write_text(json.dumps(SEED))
    first = Emulator(seed_file=seed, state_file=state)
    first.delete_webhook(first.webhooks("p1")[0].id)
    assert Emulator(seed_file=seed, state_file=state).webhooks("p1") == []


def test_a_write_that_cannot_be_kept_is_not_done(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """If the state file cannot be written, the request is a 500 and changes nothing."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with Emulator(state_file=folder / "state.json") as emulator:
        shutil.rmtree(folder)
        answer = requests.post(
            f"{emulator.url}/v1/projects/{emulator.project_id}/webhooks",
            auth=(emulator.key_id, emulator.key_secret),
            json={"target": "https://a.example", "triggers": ["ALL"], "secret": "hush"},
            timeout=10,
        )
        assert (answer.status_code, answer.json()["errorCode"]) == (500, "internal_error")
        assert emulator.webhooks() == []
    assert "hush" not in capfd.readouterr().err


def test_two_emulators_do_not_share_a_state_file(tmp_path: Path) -> None:
    """A second emulator with the same file is rejected. After the first one stops, it works."""
    state = tmp_path / "state.json"
    second = Emulator(state_file=state)
    with Emulator(state_file=state) as first:
        webhook = first.create_webhook("https://a.example")
        for use in (lambda: Emulator(state_file=state), second.start):
            with pytest.raises(
                StateFileError, match=r"is in use by the emulator in this process\. Stop that emulator"
            ):
                use()
        assert "https://a.example" in state.read_text()
        assert contents(tmp_path) == {"state.json", "state.json.lock", "state.json.pid"}
    with second:
        assert second.webhooks() == [webhook]
    assert contents(tmp_path) == {"state.json", "state.json.lock"}


def test_another_process_is_named(tmp_path: Path) -> None:
    """The error names the process that uses the file, also through a symbolic link. A killed one frees it."""
    state, link = tmp_path / "state.json", tmp_path / "link.json"
    program = (
        "import sys; from pulumi_sinch.emulator import Emulator;"
        "Emulator(state_file=sys.argv[1]).start(); print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, state], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        link.symlink_to(state)
        with pytest.raises(
            StateFileError, match=rf"link\.json is in use by the emulator in process {process.pid}\."
        ):
            Emulator(state_file=link)
        process.kill()
    with Emulator(state_file=state):
        pass


def test_an_emulator_that_cannot_listen_does_not_keep_the_file(tmp_path: Path) -> None:
    """If the start fails, the lock is released."""
    state = tmp_path / "state.json"
    with Emulator() as other:
        failed = Emulator(state_file=state, port=urlsplit(other.url).port or 0)
        with pytest.raises(OSError, match="in use"):
            failed.start()
        with Emulator(state_file=state):
            pass


def test_another_thread_may_stop_the_emulator(tmp_path: Path) -> None:
    """Another thread may stop the emulator and so release the lock."""
    emulator = Emulator(state_file=tmp_path / "state.json")
    thread = threading.Thread(target=emulator.start)
    thread.start()
    thread.join(30)
    emulator.stop()
    with Emulator(state_file=tmp_path / "state.json"):
        pass
