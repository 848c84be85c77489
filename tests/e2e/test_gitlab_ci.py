"""The jobs of the GitLab pipeline, run with the real CLI on the emulator."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from e2e.ci import EXAMPLE, GITLAB_TEMPLATE, MARKER, Runner
from e2e.examples import ENVIRONMENTS, ROOT, copy_environments, init_stacks, project_of
from e2e.harness import Ran, Stack, pulumi_environment
from pulumi_sinch.cli.preview_comment.redacted_json import redact
from pulumi_sinch.emulator import Emulator

COMMITS = ("a" * 40, "b" * 40)
DELETION = ROOT / "tests/unit/cli/preview_comment/delete.json"


class GitLab(Runner):
    """Runs a job's script, with the variables that GitLab sets."""

    def job(self, name: str, **environment: str) -> Ran:
        pipeline = {
            **yaml.safe_load(GITLAB_TEMPLATE.read_text()),
            **yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text()),
        }
        definition = pipeline[name]
        base = pipeline.get(definition.get("extends"), {})
        inherited: dict[str, Any] = {**base, **definition}
        inherited["variables"] = {**base.get("variables", {}), **definition.get("variables", {})}
        variables = {
            "CI_COMMIT_SHA": COMMITS[0],
            "CI_PROJECT_DIR": str(self.cwd),
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_JOB_STAGE": inherited["stage"],
        }
        return self.bash(
            "\n".join(inherited["script"]), {**variables, **inherited["variables"], **environment}
        )


@pytest.fixture
def checkout(stack: Stack) -> Stack:
    copy_environments(stack)
    return stack


@pytest.fixture
def gitlab(checkout: Stack, tmp_path: Path) -> GitLab:
    return GitLab(checkout, tmp_path)


OURS, THEIRS = 11, 12
_MERGE_REQUEST = "/api/v4/projects/42/merge_requests/7"


class MergeRequest:
    """GitLab's API for merge request 7 of project 42, with two notes and label events per page."""

    def __init__(self) -> None:
        self.minute = 0
        self.url = ""
        self.events: list[dict[str, Any]] = []
        self.notes = [
            self._note(1, THEIRS, f"{MARKER}\n<!-- commit {COMMITS[0]} approved -->"),
            self._note(2, OURS, "a hint"),
            self._note(3, THEIRS, "a person's note"),
        ]

    def _now(self) -> str:
        self.minute += 1
        return f"2026-11-26T10:{self.minute:02}:00.000+01:00"

    def _note(self, number: int, author: int, body: str) -> dict[str, Any]:
        return {"id": number, "author": {"id": author}, "body": body, "updated_at": self._now()}

    def label(self, action: str, name: str = "webhooks-may-go") -> None:
        event = {"id": len(self.events) + 1, "action": action, "label": {"name": name}}
        self.events.append({**event, "created_at": self._now()})

    @property
    def ours(self) -> str:
        """The body of our only note."""
        (note,) = [note for note in self.notes if note["author"]["id"] == OURS and MARKER in note["body"]]
        return str(note["body"])

    def read(self, path: str, page: int) -> tuple[object, str]:
        """Return the response and the number of the next page."""
        if path == "/api/v4/user":
            return {"id": OURS}, ""
        listed = {
            f"{_MERGE_REQUEST}/notes": self.notes,
            f"{_MERGE_REQUEST}/resource_label_events": self.events,
        }[path]
        return listed[page * 2 - 2 : page * 2], str(page + 1) if len(listed) > page * 2 else ""

    def write(self, path: str, body: str) -> None:
        assert path.startswith(f"{_MERGE_REQUEST}/notes")
        last = path.rpartition("/")[2]
        number = int(last) if last.isdigit() else len(self.notes) + 1
        self.notes = [note for note in self.notes if note["id"] != number] + [self._note(number, OURS, body)]

    def serve(self) -> ThreadingHTTPServer:
        merge_request = self

        class Handler(BaseHTTPRequestHandler):
            def handle_request(self) -> None:
                assert self.headers["PRIVATE-TOKEN"] == "a-project-access-token"
                url = urlsplit(self.path)
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                response: object = {}
                following = ""
                if self.command == "GET":
                    response, following = merge_request.read(
                        url.path, int(parse_qs(url.query).get("page", ["1"])[0])
                    )
                else:
                    merge_request.write(url.path, parse_qs(sent)["body"][0])
                content = json.dumps(response).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.send_header("X-Next-Page", following)
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = handle_request  # noqa: N815 - names of the base class

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/api/v4"
        return server


@pytest.fixture
def merge_request() -> Iterator[MergeRequest]:
    made = MergeRequest()
    with made.serve() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield made
        server.shutdown()


@pytest.fixture
def desk(sinch_emulator: Emulator, tmp_path: Path, wheel_environment: Path) -> GitLab:
    """A checkout with previews. The preview of prod deletes a webhook. Pulumi does not run here."""
    previews = tmp_path / "program/previews"
    previews.mkdir(parents=True)
    for name in ENVIRONMENTS:
        file = DELETION if name == "prod" else DELETION.with_name("no-change.json")
        (previews / f"{name}.json").write_text(redact(file.read_text()))
    environment = pulumi_environment(tmp_path, wheel_environment)
    return GitLab(Stack(tmp_path, environment, sinch_emulator), tmp_path)


def passes(desk: GitLab, merge_request: MergeRequest, commit: str, **environment: str) -> bool:
    """Run the job that comments. Return whether its gate passes."""
    token = {"WEBHOOKS_NOTE_TOKEN": "a-project-access-token", "CI_API_V4_URL": merge_request.url}
    ran = desk.job("comment", **{**token, "CI_COMMIT_SHA": commit, **environment})
    assert ran.returncode in {0, 3}, ran.output
    assert (ran.returncode == 3) == ("add the label webhooks-may-go, run this job again" in ran.stdout)
    return ran.returncode == 0


def test_gitlab_label_approves_the_commit_that_the_note_shows(
    desk: GitLab, merge_request: MergeRequest
) -> None:
    """The label approves its commit for later jobs too, as long as it is there, and no other commit.

    Our note is created once and then updated. Notes of others are not changed.
    """
    others = merge_request.notes[:3]

    def assert_note_shows(commit: str) -> None:
        assert merge_request.notes[:3] == others
        head = f"{MARKER}\n<!-- commit {commit} -->\n### Sinch webhooks: 1 to delete"
        assert merge_request.ours.startswith(head)
        assert f"_Preview of commit {commit}._" in merge_request.ours

    merge_request.label("add")
    assert not passes(desk, merge_request, COMMITS[0])
    assert_note_shows(COMMITS[0])
    assert not passes(desk, merge_request, COMMITS[0]), "the label is older than the note"
    merge_request.label("remove")
    merge_request.label("add")
    merge_request.label("add", "urgent")
    assert passes(desk, merge_request, COMMITS[0])
    assert passes(desk, merge_request, COMMITS[0])
    assert not passes(desk, merge_request, COMMITS[1])
    assert_note_shows(COMMITS[1])
    assert not passes(desk, merge_request, COMMITS[1]), "the label is older than the note"
    merge_request.label("remove")
    merge_request.label("add")
    # In a pipeline for merged results, CI_COMMIT_SHA is the commit of the merge.
    assert passes(desk, merge_request, "c" * 40, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA=COMMITS[1])
    merge_request.label("remove")
    assert not passes(desk, merge_request, COMMITS[1])


def test_gitlab_job_runs_nothing_of_the_merge_request(desk: GitLab, merge_request: MergeRequest) -> None:
    """A module among the artifacts is not run, and a link in place of the comment is not followed."""
    for name in ("requests", "json", "pip"):
        (desk.cwd / f"{name}.py").write_text("raise SystemExit('ran a file of the merge request')\n")
    elsewhere = desk.temp / "elsewhere"
    elsewhere.write_text("untouched")
    (desk.cwd / "comment.md").symlink_to(elsewhere)
    assert not passes(desk, merge_request, COMMITS[0])
    assert elsewhere.read_text() == "untouched"
    template = yaml.safe_load(GITLAB_TEMPLATE.read_text())[".webhooks-comment"]
    assert template["variables"]["GIT_STRATEGY"] == "none"
    started = [line for line in template["before_script"] if line.startswith("python3")]
    assert [line.split()[:3] for line in started] == [["python3", "-I", "-m"]] * 2


def test_gitlab_previews_forks_finds_drift_and_deploys(checkout: Stack, gitlab: GitLab) -> None:
    """Without a token for notes, the comment is in the job's log, and artifacts contain redacted JSON."""
    jobs = yaml.safe_load((EXAMPLE / ".gitlab-ci.yml").read_text())
    for name in ENVIRONMENTS:  # one script, which reads the stack from the stage
        deploy = jobs[f"deploy {name}"]
        assert (deploy["extends"], deploy["stage"], "script" in deploy) == (".deploy", name, False)
    init_stacks(checkout, "dev")
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
    ran = gitlab.job("preview", STACK="dev")
    assert ran.returncode == 0, ran.output
    uploaded = (gitlab.cwd / "previews/dev.json").read_text()
    assert redact(uploaded) == uploaded
    ran = gitlab.job("comment", STACKS="dev")
    assert ran.returncode == 0, ran.output
    assert "create: `https://hooks.dev.example.com/sinch`" in ran.stdout
    assert checkout.emulator.journal.entries() == []
