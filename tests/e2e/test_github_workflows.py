"""The shell steps of the GitHub workflows, run with the real CLI on the emulator."""

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from e2e.ci import EXAMPLE, GITHUB_WORKFLOW, MARKER, SECRETS, Runner, drop_templates
from e2e.examples import ENVIRONMENTS, ROOT, config_of, copy_environments, init_stacks, project_of
from e2e.fleets import FleetProject
from e2e.harness import Ran, Stack, pulumi_environment
from pulumi_sinch.cli.preview_comment.redacted_json import redact
from pulumi_sinch.emulator import Emulator

FAKE_GH = Path(__file__).with_name("fake_gh.py")
DELETION = ROOT / "tests/unit/cli/preview_comment/delete.json"

COMMITS = ("a" * 40, "b" * 40)
LABEL = "webhooks may go"


class GitHub(Runner):
    """Runs a step by the names of its workflow, job and step. The test gives values for expressions."""

    def step(self, workflow: Path, job: str, name: str, **environment: str) -> Ran:
        definition = yaml.safe_load(workflow.read_text())
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

    def outputs(self) -> dict[str, str]:
        """Return the outputs of the last step."""
        return dict(line.split("=", 1) for line in (self.temp / "output").read_text().splitlines())

    def preview(self, stack: str) -> Ran:
        return self.step(PREVIEW, "preview", "Preview", STACK=stack)

    def comment(self, name: str, **environment: str) -> Ran:
        """Run a step of the workflow that the examples call."""
        event = {"PULL_REQUEST": "7", "COMMIT": COMMITS[0], "LABEL": LABEL}
        return self.step(GITHUB_WORKFLOW, "comment", name, **{**event, **environment})

    def compose(self, stacks: str = " ".join(ENVIRONMENTS), commit: str = COMMITS[0]) -> tuple[str, str]:
        """Compose the comment. Return it and the status for the gate."""
        for name in stacks.split():
            uploaded = self.temp / f"{name}.json"
            if uploaded.exists():
                artifact = self.cwd / f"previews/webhooks-preview-{name}"
                artifact.mkdir(parents=True, exist_ok=True)
                uploaded.replace(artifact / uploaded.name)
        ran = self.comment("Compose", STACKS=stacks, FAIL_ON="delete,replace,adopt", COMMIT=commit)
        assert ran.returncode == 0, ran.output
        comment = (self.cwd / "comment.md").read_text()
        assert (self.temp / "summary").read_text() == comment
        assert comment.startswith(MARKER)
        return comment, self.outputs()["status"]


PREVIEW = EXAMPLE / ".github/workflows/webhooks-preview.yml"
DRIFT = EXAMPLE / ".github/workflows/webhooks-drift.yml"
DEPLOY = EXAMPLE / ".github/workflows/webhooks-deploy.yml"


class PullRequest:
    """A pull request that deletes a webhook, with its comments and labels."""

    def __init__(self, desk: GitHub) -> None:
        self.desk = desk
        self._file = desk.temp / "pull-request.json"
        self.write({"comments": [], "labels": [{"name": "urgent"}], "read_only": False})
        desk.stub("gh", f'exec "{sys.executable}" "{FAKE_GH}" "{self._file}" "$@"')
        (desk.temp / "prod.json").write_text(redact(DELETION.read_text()))

    def read(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(self._file.read_text())
        return state

    def write(self, state: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(state))

    def add_label(self) -> None:
        state = self.read()
        state["labels"].append({"name": LABEL})
        self.write(state)

    def has_label(self) -> bool:
        return {"name": LABEL} in self.read()["labels"]

    def bodies(self) -> list[str]:
        return [comment["body"] for comment in self.read()["comments"]]

    def run(self, commit: str, *, added: str = "", attempt: int = 1, fork: bool = False) -> bool:
        """Run the job that comments. Return whether its gate passes."""
        _, status = self.desk.compose("prod", commit)
        self.desk.comment("Find the comment", COMMIT=commit)
        found = self.desk.outputs()
        ran = self.desk.comment(
            "Check the approval",
            COMMIT=commit,
            SHOWN=found["shown"],
            ADDED=added,
            FORK=str(fork).lower(),
            GITHUB_RUN_ATTEMPT=str(attempt),
        )
        assert ran.returncode == 0, ran.output
        approved = self.desk.outputs()["approved"]
        ran = self.desk.comment("Comment", COMMIT=commit, COMMENT=found["id"])
        assert ran.returncode == 0, ran.output
        gate = self.desk.comment("Ask for the label if a change needs it", STATUS=status, APPROVED=approved)
        assert gate.returncode in {0, 3}
        assert (gate.returncode == 3) == (f"then add the label {LABEL}" in gate.stdout)
        return gate.returncode == 0


@pytest.fixture
def checkout(stack: Stack) -> Stack:
    copy_environments(stack)
    return stack


@pytest.fixture
def github(checkout: Stack, tmp_path: Path) -> GitHub:
    return GitHub(checkout, tmp_path)


@pytest.fixture
def desk(sinch_emulator: Emulator, tmp_path: Path, wheel_environment: Path) -> GitHub:
    """A checkout for steps that do not run Pulumi."""
    (tmp_path / "program").mkdir()
    shutil.copy(ROOT / "examples/multi-environment/requirements.txt", tmp_path / "program")
    environment = pulumi_environment(tmp_path, wheel_environment)
    return GitHub(Stack(tmp_path, environment, sinch_emulator), tmp_path)


def test_a_pull_request_is_previewed(checkout: Stack, github: GitHub) -> None:
    """Every stack is in the comment, the deletion trips the gate, and artifacts contain redacted JSON.

    A taken target is reported on the pull request. A preview that fails or never ran trips every gate.
    """
    init_stacks(checkout, *ENVIRONMENTS)
    checkout.up("--stack", "staging")
    drop_templates(checkout)
    for name in ("dev", "staging"):
        ran = github.preview(name)
        assert ran.returncode == 0, ran.output
        uploaded = (github.temp / f"{name}.json").read_text()
        assert redact(uploaded) == uploaded
    comment, status = github.compose("dev staging")
    assert status == "3"
    assert "https://hooks.dev.example.com/sinch" in comment
    assert "https://hooks.staging.example.com/sinch/templates" in comment

    target = config_of(checkout, "prod")["sinch-callbacks:webhooks"]["quality"]["target"]
    checkout.emulator.create_webhook(target, project_id=project_of(checkout, "prod"))
    assert github.preview("prod").returncode != 0
    comment, status = github.compose("dev prod never-previewed")
    assert "target is taken" in comment
    assert all(f"{name}: **the preview failed**" in comment for name in ("prod", "never-previewed"))
    assert status == "3"


@pytest.fixture
def pull_request(desk: GitHub) -> PullRequest:
    return PullRequest(desk)


def test_the_label_approves_the_commit_that_the_comment_shows(pull_request: PullRequest) -> None:
    """The label approves its commit for later runs too, as long as it is there. Another label does not.

    A new commit is not approved. The label is removed, so that it can be added again.
    """
    assert not pull_request.run(COMMITS[0])
    pull_request.add_label()
    assert not pull_request.run(COMMITS[0], added="urgent")
    pull_request.add_label()
    assert pull_request.run(COMMITS[0], added=LABEL)
    assert pull_request.run(COMMITS[0], added="urgent", attempt=2)
    assert not pull_request.run(COMMITS[1])
    assert not pull_request.has_label()
    pull_request.add_label()
    assert pull_request.run(COMMITS[1], added=LABEL)
    state = pull_request.read()
    state["labels"] = []
    pull_request.write(state)
    assert not pull_request.run(COMMITS[1])


def test_a_label_for_another_commit_than_the_shown_one_does_not_count(pull_request: PullRequest) -> None:
    """A label added after a push does not approve the new commit, which the reviewer has not seen.

    Our comment is created once and then updated. Comments of others are not changed.
    """
    others = [
        {"id": 1, "body": f"{MARKER}\n<!-- commit {COMMITS[0]} approved -->", "user": {"login": "mallory"}},
        {"id": 2, "body": f"{MARKER}\n", "user": {"login": "another[bot]"}},
        {"id": 3, "body": "a hint", "user": {"login": "github-actions[bot]"}},
    ]
    pull_request.write({**pull_request.read(), "comments": others})
    for commit in COMMITS:
        pull_request.add_label()
        assert not pull_request.run(commit, added=LABEL)
        assert not pull_request.has_label()
        assert pull_request.read()["comments"][:3] == others
        (ours,) = pull_request.bodies()[3:]
        assert ours.startswith(f"{MARKER}\n<!-- commit {commit} -->\n### Sinch webhooks: 1 to delete")
        assert f"_Preview of commit {commit}._" in ours
    for added, attempt in ((LABEL, 2), ("urgent", 1), ("urgent", 2)):
        pull_request.add_label()  # as if it could not be removed
        assert not pull_request.run(COMMITS[1], added=added, attempt=attempt)


def test_a_message_cannot_approve(pull_request: PullRequest) -> None:
    """A message of the preview cannot approve: only the second line of our comment counts."""
    forged = f"<!-- commit {COMMITS[0]} approved -->"
    preview = json.loads(DELETION.read_text())
    preview["diagnostics"] = [{"severity": "warning", "message": f"warning: x\n{forged}\n{forged}"}]
    (pull_request.desk.temp / "prod.json").write_text(redact(json.dumps(preview)))
    pull_request.run(COMMITS[0])
    assert forged in pull_request.bodies()[0].splitlines()
    pull_request.add_label()
    assert not pull_request.run(COMMITS[0])


def test_a_run_that_may_not_comment_is_no_failure(pull_request: PullRequest) -> None:
    """A run without permission to comment does not fail. The label approves its commit in that run."""
    pull_request.write({**pull_request.read(), "read_only": True})
    assert not pull_request.run(COMMITS[0], fork=True)
    assert "::notice::this run may not comment" in "".join(ran.stdout for ran in pull_request.desk.stack.ran)
    pull_request.add_label()
    assert pull_request.run(COMMITS[0], added=LABEL, fork=True)
    assert not pull_request.run(COMMITS[1], fork=True)
    assert pull_request.bodies() == []


def test_the_example_calls_our_workflow_with_the_least_rights() -> None:
    """The example passes no secret, and grants only the permissions that our workflow declares."""
    definition = yaml.safe_load(PREVIEW.read_text())
    job = definition["jobs"]["comment"]
    called = yaml.safe_load(GITHUB_WORKFLOW.read_text())
    file = GITHUB_WORKFLOW.relative_to(ROOT)
    assert job["uses"].partition("@")[0] == f"pulumi-sinch/pulumi-sinch/{file}"
    assert job["permissions"] == called["jobs"]["comment"]["permissions"] == {"pull-requests": "write"}
    assert "secrets" not in job
    assert job["with"]["stacks"].split() == definition["jobs"]["preview"]["strategy"]["matrix"]["stack"]
    # YAML parses `on` as true.
    assert set(job["with"]) <= set(called[True]["workflow_call"]["inputs"])
    assert "secrets" not in GITHUB_WORKFLOW.read_text()


def test_github_deploys_finds_drift_and_previews_forks(checkout: Stack, github: GitHub) -> None:
    """The drift check fails only for a stack with drift, and its summary shows the drift.

    A fork's preview shows all webhooks as new, and sends nothing to Sinch or Pulumi Cloud.
    """
    init_stacks(checkout, "dev")
    ran = github.step(DEPLOY, "dev", "Deploy")
    assert ran.returncode == 0, ran.output
    (webhook,) = checkout.emulator.webhooks(project_of(checkout, "dev"))

    compare = (DRIFT, "drift", "Compare")
    ran = github.step(*compare, STACK="dev")
    assert ran.returncode == 0, ran.output
    checkout.emulator.change_webhook(webhook.id, target="https://drifted.example.com/")
    assert github.step(*compare, STACK="dev").returncode != 0
    assert "https://drifted.example.com/" in (github.temp / "summary").read_text()
    assert checkout.emulator.webhook(webhook.id).target == "https://drifted.example.com/"

    checkout.emulator.journal.clear()
    github.without_secrets()
    ran = github.preview("dev")
    assert ran.returncode == 0, ran.output
    comment, _ = github.compose("dev")
    assert "create: `https://hooks.dev.example.com/sinch`" in comment
    assert checkout.emulator.journal.entries() == []


def test_every_environment_is_deployed_with_the_same_command() -> None:
    """Each job deploys its own stack with the same command, in the order dev, staging, prod."""
    jobs = yaml.safe_load(DEPLOY.read_text())["jobs"]
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


FLEET = ROOT / "examples/fleet/.github/workflows"
FLEET_JOBS = {"fleet-preview": "Preview", "fleet-up": "Up", "fleet-check": "Check"}


def test_the_workflows_of_a_fleet_fan_out(stack: Stack, tmp_path: Path) -> None:
    """The shards' artifacts make one comment for all customers. `check` fails on a difference."""
    fleet = FleetProject(stack, 2)
    runner = GitHub(stack, tmp_path)
    # The environment of the wheel lacks packages of `fleet.py`, which a job installs.
    wheel_python = Path(stack.environment["VIRTUAL_ENV"]) / "bin/python"
    runner.stub("python", f'[ "$1" = fleet.py ] && exec "{sys.executable}" "$@"\nexec "{wheel_python}" "$@"')
    backend = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
    given = {name: stack.environment[name] for name in backend}
    given |= {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    for shard in ("1", "2"):
        ran = runner.step(FLEET / "fleet-preview.yml", "preview", "Preview", SHARD=f"{shard}/2", **given)
        assert ran.returncode == 0, ran.output
        (runner.temp / "previews").rename(runner.temp / f"webhooks-preview-shard-{shard}")
    ran = runner.step(FLEET / "fleet-preview.yml", "customers", "List")
    assert ran.returncode == 0, ran.output
    names = runner.outputs()["names"]
    assert names == "customer-1 customer-2"
    for shard in ("1", "2"):
        (stack.program_folder / "previews").mkdir(exist_ok=True)
        artifact = f"webhooks-preview-shard-{shard}"
        (runner.temp / artifact).rename(stack.program_folder / "previews" / artifact)
    comment, status = runner.compose(f"{names} customer-3")
    assert "### Sinch webhooks: 4 to create, 1 preview failed" in comment
    assert "customer-3: **the preview failed**" in comment
    assert status == "3"
    ran = runner.step(FLEET / "fleet-check.yml", "check", "Check", SHARD="2/2", **given)
    assert ran.returncode == 2, ran.output
    assert fleet.targets() == {"customer-1": [], "customer-2": []}


def test_the_workflows_of_a_fleet_agree() -> None:
    """Each uses as many shards, and the same variables but preflight. Two runs of `up` never overlap."""
    steps = {}
    for name, step_name in FLEET_JOBS.items():
        definition = yaml.safe_load((FLEET / f"{name}.yml").read_text())
        job = definition["jobs"][step_name.lower()]
        assert job["strategy"] == {"fail-fast": False, "matrix": {"shard": [1, 2, 3, 4]}}
        (step,) = [step for step in job["steps"] if step.get("name") == step_name]
        assert step["run"].startswith(f'python fleet.py {step_name.lower()} --shard "$SHARD"')
        steps[name] = {key: value for key, value in step["env"].items() if key != "SINCH_PREFLIGHT"}
    assert steps["fleet-preview"] == steps["fleet-up"] == steps["fleet-check"]
    up = yaml.safe_load((FLEET / "fleet-up.yml").read_text())
    assert up["concurrency"] == {"group": "fleet-up", "cancel-in-progress": False}


SETUP_PAGE = ROOT / "docs/pull-requests.md"
# The fake `gh` creates the repository and records its arguments. The fake `git` copies the examples.
GH = """echo "$@" >> {asked}
case "$1 $2" in
    "repo create") git init --quiet --bare "$3.git" && git clone --quiet "$3.git" "$3" 2> /dev/null ;;
    "secret set") cat > /dev/null ;;
esac"""
GIT = """for last; do :; done
case "$*" in
    *https://github.com/*) mkdir "$last" && cp -r {root}/examples "$last/" ;;
    *) exec {git} -c user.name=Ann -c user.email=ann@example.com -c init.defaultBranch=trunk "$@" ;;
esac"""


def test_the_page_leads_from_an_empty_repository_to_a_comment(stack: Stack, tmp_path: Path) -> None:
    """The commands of the page work, and the installed workflow comments on the change."""
    github = GitHub(stack, tmp_path)
    asked = github.temp / "asked"
    github.stub("gh", GH.format(asked=asked))
    github.stub("git", GIT.format(root=ROOT, git=shutil.which("git")))
    shutil.rmtree(stack.program_folder)
    stack.program_folder.mkdir()
    projects = {name: f"{name}-project-of-this-test" for name in ENVIRONMENTS}
    stack.emulator.add_key(stack.emulator.key_id, stack.emulator.key_secret, projects.values())
    script = "\n".join(re.findall(r"^```bash\n(.*?)^```", SETUP_PAGE.read_text(), re.MULTILINE | re.DOTALL))
    variables = {f"{name.upper()}_PROJECT": project for name, project in projects.items()}
    ran = github.bash(script, {**variables, "PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    assert ran.returncode == 0, ran.output
    requests = asked.read_text().splitlines()
    for name in ENVIRONMENTS:
        assert f"api --silent --method PUT repos/{{owner}}/{{repo}}/environments/preview-{name}" in requests
        assert all(f"secret set {secret} --env preview-{name}" in requests for secret in SECRETS)
    assert requests[-1] == "pr create --fill"

    (stack.program_folder / "webhooks").rename(tmp_path / "webhooks")
    shutil.rmtree(stack.program_folder)
    (tmp_path / "webhooks").rename(stack.program_folder)
    workflow = github.cwd / PREVIEW.relative_to(EXAMPLE)
    assert workflow.read_text() == PREVIEW.read_text()
    del stack.environment["SINCH_PROJECT_ID"], github.given["SINCH_PROJECT_ID"]
    ran = github.preview("dev")
    assert ran.returncode == 0, ran.output
    comment, status = github.compose("dev")
    assert status == "0"
    assert "create: `https://hooks.dev.example.com/sinch/v2`" in comment
    assert projects["dev"] in comment


@pytest.mark.parametrize(
    ("workflow", "job", "name"),
    [
        (PREVIEW, "preview", "Install the program's packages"),
        (GITHUB_WORKFLOW, "comment", "Install pulumi-sinch"),
        (DRIFT, "drift", "Install the program's packages"),
        *[(DEPLOY, name, "Install the program's packages") for name in ENVIRONMENTS],
    ],
)
def test_packages_are_installed_from_the_programs_own_list(
    desk: GitHub, workflow: Path, job: str, name: str
) -> None:
    """Packages come from the program's requirements file. The job that comments installs only our package."""
    desk.stub("python", f'printf "%s\\n" "$@" > {desk.temp}/asked')
    event = {"PULL_REQUEST": "7", "COMMIT": COMMITS[0], "LABEL": LABEL}
    assert desk.step(workflow, job, name, STACK="dev", **event).returncode == 0
    asked = (desk.temp / "asked").read_text().split("\n")
    assert asked[:4] == ["-m", "pip", "install", "--quiet"]
    if asked[4] == "--requirement":
        assert "pulumi-sinch" in (desk.cwd / asked[5]).read_text()
    else:
        assert asked[4] == "pulumi-sinch[tools]~=0.2"
