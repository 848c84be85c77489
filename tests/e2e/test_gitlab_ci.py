"""The jobs of the GitLab pipeline, taken out of its file and run with the real CLI on the emulator."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
import yaml
from e2e.ci import EXAMPLE, Runner, drop_templates
from e2e.examples import ENVIRONMENTS, copy_environments, init_stacks, project_of
from e2e.harness import Ran, Stack


class GitLab(Runner):
    """A job's script, with the variables that GitLab sets."""

    def job(self, name: str, **environment: str) -> Ran:
        pipeline = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text())
        definition = pipeline[name]
        inherited: dict[str, Any] = {**pipeline.get(definition.get("extends"), {}), **definition}
        variables = {
            "CI_PROJECT_DIR": str(self.cwd),
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_JOB_STAGE": inherited["stage"],
        }
        return self.bash(
            "\n".join(inherited["script"]), {**variables, **inherited.get("variables", {}), **environment}
        )


@pytest.fixture
def checkout(stack: Stack) -> Stack:
    copy_environments(stack)
    return stack


@pytest.fixture
def gitlab(checkout: Stack, tmp_path: Path) -> GitLab:
    return GitLab(checkout, tmp_path)


class Notes:
    """The notes of GitLab's merge request 7 in project 42."""

    def __init__(self) -> None:
        self.bodies = {1: "a person's note"}
        self.url = ""

    def serve(self) -> ThreadingHTTPServer:
        notes = self

        class Handler(BaseHTTPRequestHandler):
            def handle_note(self) -> None:
                path = self.path.partition("?")[0]
                at = "/api/v4/projects/42/merge_requests/7/notes"
                assert path.startswith(at)
                assert self.headers["PRIVATE-TOKEN"] == "a-project-access-token"
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                if self.command != "GET":
                    number = int(path[len(at) + 1 :] or len(notes.bodies) + 1)
                    notes.bodies[number] = parse_qs(sent)["body"][0]
                listed = [{"id": number, "body": body} for number, body in notes.bodies.items()]
                answer = json.dumps(listed if self.command == "GET" else {}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_GET = do_POST = do_PUT = handle_note  # noqa: N815 - names of the base class

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/api/v4"
        return server


@pytest.fixture
def notes() -> Iterator[Notes]:
    made = Notes()
    with made.serve() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


def test_gitlab_keeps_one_note_up_to_date(checkout: Stack, gitlab: GitLab, notes: Notes) -> None:
    """One note, updated by the second run; a deletion needs the label."""
    init_stacks(checkout, "staging")
    checkout.up("--stack", "staging")
    ran = gitlab.job("preview", STACK="staging")
    assert ran.returncode == 0, ran.output
    token = {"WEBHOOKS_NOTE_TOKEN": "a-project-access-token", "CI_API_V4_URL": notes.url}
    ran = gitlab.job("comment", **token)
    assert ran.returncode == 0, ran.output
    assert notes.bodies == {1: "a person's note", 2: (checkout.program_folder / "comment.md").read_text()}

    drop_templates(checkout)
    assert gitlab.job("preview", STACK="staging").returncode == 0
    assert gitlab.job("comment", **token).returncode == 3
    assert gitlab.job("comment", **token, CI_MERGE_REQUEST_LABELS="urgent,webhooks-may-go").returncode == 0
    assert set(notes.bodies) == {1, 2}
    assert notes.bodies[2] == (checkout.program_folder / "comment.md").read_text()


def test_gitlab_previews_forks_finds_drift_and_deploys(checkout: Stack, gitlab: GitLab) -> None:
    """The three other jobs; without a token for notes the comment is in the job's log."""
    jobs = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text())
    for name in ENVIRONMENTS:  # one script, which takes the stack from the stage
        deploy = jobs[f"deploy {name}"]
        assert (deploy["extends"], deploy["stage"], "script" in deploy) == (".deploy", name, False)
    init_stacks(checkout, "dev", "prod")
    ran = gitlab.job("deploy dev")
    assert ran.returncode == 0, ran.output
    assert gitlab.job("drift", STACK="dev").returncode == 0
    (webhook,) = checkout.emulator.webhooks(project_of(checkout, "dev"))
    checkout.emulator.change_webhook(webhook.id, target="https://drifted.example.com/")
    ran = gitlab.job("drift", STACK="dev")
    assert ran.returncode != 0
    assert "https://drifted.example.com/" in ran.stdout

    checkout.emulator.journal.clear()
    gitlab.without_secrets()
    ran = gitlab.job("preview", STACK="prod")
    assert ran.returncode == 0, ran.output
    ran = gitlab.job("comment")
    assert ran.returncode == 0, ran.output
    assert "https://hooks.example.com/sinch/senders" in ran.stdout
    assert checkout.emulator.journal.entries() == []
