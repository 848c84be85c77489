"""The shell steps of the GitHub workflows, taken out of their files and run with the real CLI on the emulator."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from e2e.ci import EXAMPLE, MARKER, SECRETS, Runner, drop_templates
from e2e.examples import ENVIRONMENTS, ROOT, config_of, copy_environments, init_stacks, project_of
from e2e.harness import Ran, Stack, pulumi_environment
from pulumi_sinch.emulator import Emulator


class GitHub(Runner):
    """A step by the names of its workflow, job and itself; expressions are what the test gives."""

    def step(self, workflow: str, job: str, name: str, **environment: str) -> Ran:
        definition = yaml.safe_load((EXAMPLE / f".github/workflows/{workflow}.yml").read_text())
        assert definition["defaults"]["run"]["shell"] == "bash"
        jobs = definition["jobs"]
        (step,) = [step for step in jobs[job]["steps"] if step.get("name") == name]
        declared = {**jobs[job].get("env", {}), **step.get("env", {})}
        plain = {key: value for key, value in declared.items() if "${{" not in value}
        assert set(declared) - set(plain) <= {*environment, *SECRETS, "GH_TOKEN"}
        for file in ("output", "summary"):
            (self.temp / file).write_text("")
        runner = {
            "GITHUB_OUTPUT": str(self.temp / "output"),
            "GITHUB_STEP_SUMMARY": str(self.temp / "summary"),
            "GITHUB_REPOSITORY": "acme/shop",
            "RUNNER_TEMP": str(self.temp),
        }
        return self.bash(step["run"], {**runner, **plain, **environment})

    def preview(self, stack: str) -> Ran:
        return self.step("webhooks-preview", "preview", "Preview", STACK=stack)

    def compose(self) -> tuple[str, str]:
        """Hand the previews over as the artifacts do; return the comment and the status."""
        for name in ENVIRONMENTS:
            preview = self.temp / f"{name}.json"
            if preview.exists():
                (self.cwd / "previews").mkdir(exist_ok=True)
                preview.replace(self.cwd / "previews" / preview.name)
        ran = self.step("webhooks-preview", "comment", "Compose")
        assert ran.returncode == 0, ran.output
        comment = (self.cwd / "comment.md").read_text()
        assert (self.temp / "summary").read_text() == comment
        assert comment.startswith(MARKER)
        return comment, (self.temp / "output").read_text().strip()


@pytest.fixture
def checkout(stack: Stack) -> Stack:
    copy_environments(stack)
    return stack


@pytest.fixture
def github(checkout: Stack, tmp_path: Path) -> GitHub:
    return GitHub(checkout, tmp_path)


@pytest.fixture
def desk(sinch_emulator: Emulator, tmp_path: Path, wheel_environment: Path) -> GitHub:
    """For steps that do not run Pulumi."""
    (tmp_path / "program").mkdir()
    shutil.copy(ROOT / "examples/multi-environment/requirements.txt", tmp_path / "program")
    environment = pulumi_environment(tmp_path, wheel_environment)
    return GitHub(Stack(tmp_path, environment, sinch_emulator), tmp_path)


def test_a_pull_request_is_previewed_and_its_deletion_stops_it(checkout: Stack, github: GitHub) -> None:
    """Every stack is in the comment; the status of the deletion is kept for the step after the comment."""
    init_stacks(checkout, *ENVIRONMENTS)
    checkout.up("--stack", "staging")
    drop_templates(checkout)
    for name in ENVIRONMENTS:
        ran = github.preview(name)
        assert ran.returncode == 0, ran.output
    comment, status = github.compose()
    assert status == "status=3"
    assert all(name in comment for name in ENVIRONMENTS)
    assert "https://hooks.staging.example.com/sinch/templates" in comment

    gate = (
        "webhooks-preview",
        "comment",
        "Ask for the label webhooks-may-go where a webhook is deleted, replaced or adopted",
    )
    assert github.step(*gate, STATUS="3").returncode == 3
    assert github.step(*gate, STATUS="0").returncode == 0


def test_a_preview_that_fails_is_red_and_in_the_comment(checkout: Stack, github: GitHub) -> None:
    """A target that another webhook of the project has: preflight tells it on the pull request."""
    init_stacks(checkout, "dev")
    target = config_of(checkout, "dev")["sinch-callbacks:webhooks"]["everything"]["target"]
    checkout.emulator.create_webhook(target, project_id=project_of(checkout, "dev"))
    assert github.preview("dev").returncode != 0
    comment, status = github.compose()
    assert "target is taken" in comment
    assert "prod" in comment  # whose preview never ran
    assert status == "status=0"


def test_a_fork_gets_a_preview_without_any_secret(checkout: Stack, github: GitHub) -> None:
    """A stack is previewed as a new one; nothing asks Sinch or Pulumi Cloud."""
    init_stacks(checkout, "prod")
    github.without_secrets()
    ran = github.preview("prod")
    assert ran.returncode == 0, ran.output
    comment, _ = github.compose()
    assert "https://hooks.example.com/sinch/senders" in comment
    assert checkout.emulator.journal.entries() == []


@pytest.mark.parametrize(
    ("existing", "request_line"),
    [
        ("", "--method POST repos/acme/shop/issues/7/comments --field body=@comment.md"),
        ("4711\n4712", "--method PATCH repos/acme/shop/issues/comments/4711 --field body=@comment.md"),
    ],
)
def test_the_comment_is_made_once_and_then_updated(desk: GitHub, existing: str, request_line: str) -> None:
    """The first comment of ours is the one that is kept up to date."""
    (desk.cwd / "comment.md").write_text(MARKER)
    desk.stub(
        "gh",
        f'echo "$@" >> {desk.temp}/asked\ncase "$*" in *--paginate*) printf "%s\\n" "{existing}";; esac',
    )
    ran = desk.step("webhooks-preview", "comment", "Comment", PULL_REQUEST="7")
    assert ran.returncode == 0, ran.output
    look, request = (desk.temp / "asked").read_text().splitlines()
    assert look.startswith("api --paginate repos/acme/shop/issues/7/comments --jq ")
    assert MARKER in look
    assert request.startswith(f"api {request_line}")


def test_our_comment_is_found_by_its_marker_and_its_author(desk: GitHub) -> None:
    """Anybody can copy the marker into a comment; only a bot's is ours."""
    (desk.cwd / "comment.md").write_text(MARKER)
    comments = [
        {"id": 1, "body": f"{MARKER}\nnot ours", "user": {"type": "User"}},
        {"id": 2, "body": "another bot's", "user": {"type": "Bot"}},
        {"id": 3, "body": f"{MARKER}\nours", "user": {"type": "Bot"}},
    ]
    (desk.temp / "comments.json").write_text(json.dumps(comments))
    desk.stub(
        "gh",
        f'echo "$2 $3 $4" >> {desk.temp}/asked\n'
        f'case "$2" in --paginate) jq -r "$5" {desk.temp}/comments.json;; esac',
    )
    ran = desk.step("webhooks-preview", "comment", "Comment", PULL_REQUEST="7")
    assert ran.returncode == 0, ran.output
    assert (desk.temp / "asked").read_text().splitlines()[1].endswith("issues/comments/3")


def test_a_run_that_may_not_comment_is_no_failure(desk: GitHub) -> None:
    """A fork's token cannot write."""
    (desk.cwd / "comment.md").write_text(MARKER)
    desk.stub("gh", 'case "$*" in *--paginate*) ;; *) exit 1;; esac')
    ran = desk.step("webhooks-preview", "comment", "Comment", PULL_REQUEST="7")
    assert ran.returncode == 0
    assert "::notice::" in ran.stdout


def test_the_drift_check_fails_only_where_something_drifted(checkout: Stack, github: GitHub) -> None:
    """And its summary shows what."""
    init_stacks(checkout, "dev")
    checkout.up("--stack", "dev")
    compare = ("webhooks-drift", "drift", "Compare")
    ran = github.step(*compare, STACK="dev")
    assert ran.returncode == 0, ran.output
    (webhook,) = checkout.emulator.webhooks(project_of(checkout, "dev"))
    checkout.emulator.change_webhook(webhook.id, target="https://drifted.example.com/")
    assert github.step(*compare, STACK="dev").returncode != 0
    assert "https://drifted.example.com/" in (github.temp / "summary").read_text()
    assert checkout.emulator.webhook(webhook.id).target == "https://drifted.example.com/"


def test_a_merge_deploys_every_environment(checkout: Stack, github: GitHub) -> None:
    """Each job brings up its own stack, in the order dev, staging, prod; the three run the same command."""
    jobs = yaml.safe_load((EXAMPLE / ".github/workflows/webhooks-deploy.yml").read_text())["jobs"]
    assert [(name, job.get("needs"), job["environment"]) for name, job in jobs.items()] == [
        ("dev", None, "dev"),
        ("staging", "dev", "staging"),
        ("prod", "staging", "prod"),
    ]
    deploy = {
        name: next(step for step in jobs[name]["steps"] if step.get("name") == "Deploy") for name in jobs
    }
    for name in ("staging", "prod"):
        run = deploy["dev"]["run"].replace("--stack dev", f"--stack {name}")
        assert deploy[name] == {**deploy["dev"], "run": run}
    init_stacks(checkout, "dev")
    ran = github.step("webhooks-deploy", "dev", "Deploy")
    assert ran.returncode == 0, ran.output
    assert checkout.emulator.webhooks(project_of(checkout, "dev"))


@pytest.mark.parametrize(
    ("workflow", "job", "name"),
    [
        ("webhooks-preview", "preview", "Install the program's packages"),
        ("webhooks-preview", "comment", "Install pulumi-sinch"),
        ("webhooks-drift", "drift", "Install the program's packages"),
        *[("webhooks-deploy", name, "Install the program's packages") for name in ENVIRONMENTS],
    ],
)
def test_packages_are_installed_from_the_programs_own_list(
    desk: GitHub, workflow: str, job: str, name: str
) -> None:
    """By pip, from the file that the example has."""
    desk.stub("python", f'printf "%s\\n" "$@" > {desk.temp}/asked')
    assert desk.step(workflow, job, name, STACK="dev").returncode == 0
    asked = (desk.temp / "asked").read_text().split("\n")
    assert asked[:4] == ["-m", "pip", "install", "--quiet"]
    if asked[4] == "--requirement":
        assert "pulumi-sinch" in (desk.cwd / asked[5]).read_text()
    else:
        assert asked[4] == "pulumi-sinch[tools]~=0.1"
