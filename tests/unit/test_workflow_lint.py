"""Our workflows and those of the examples pass actionlint and zizmor."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
WORKFLOWS = [
    workflow
    for project in (ROOT, ROOT / "examples/pull-request-preview", ROOT / "examples/fleet")
    for workflow in sorted((project / ".github/workflows").glob("*.yml"))
]

OUR_WORKFLOW = "pulumi-sinch/pulumi-sinch/"
"""The example cannot pin this commit: the commit of the next release is not known before it is tagged."""


def run(*command: str | Path) -> str:
    finished = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=240
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout.strip()


def test_actionlint_finds_nothing() -> None:
    """The linter actionlint finds no mistakes in syntax, expressions, contexts and input types."""
    if not (shutil.which("actionlint") or shutil.which("go")):
        pytest.skip("neither actionlint nor Go, from which it can be built, is installed")
    run(Path(run(ROOT / "tools/actionlint/install")) / "actionlint", *WORKFLOWS)


def test_zizmor_finds_nothing() -> None:
    """The linter zizmor finds no security problems with its strictest persona."""
    zizmor = Path(sys.executable).parent / "zizmor"
    run(zizmor, "--offline", "--no-progress", "--strict-collection", "--persona", "auditor", *WORKFLOWS)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    """Actions are pinned by commit, each with its release in a comment, and everywhere the same one."""
    used = [
        line for line in re.findall(r"uses: (.*)", workflow.read_text()) if not line.startswith(OUR_WORKFLOW)
    ]
    assert used
    for line in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+( \(.*\))?", line), line
    everywhere = {
        line.partition(" (")[0]
        for path in WORKFLOWS
        for line in re.findall(r"uses: (.*)", path.read_text())
        if not line.startswith(OUR_WORKFLOW)
    }
    assert len(everywhere) == len({line.partition("@")[0] for line in everywhere})


def test_gitlab_ci_is_well_formed() -> None:
    """In GitLab's CI files, every `extends` and stage exists, and each job has rules."""
    pipeline = yaml.safe_load((ROOT / "examples/pull-request-preview/.gitlab-ci.yml").read_text())
    (included,) = pipeline["include"]
    template = ROOT / "gitlab" / included["remote"].rpartition("/")[2]
    pipeline = {**yaml.safe_load(template.read_text()), **pipeline}
    jobs = {name: job for name, job in pipeline.items() if name not in {"default", "include", "stages"}}
    for name, job in jobs.items():
        assert job.get("extends") is None or job["extends"] in jobs
        if not name.startswith("."):
            assert job["stage"] in pipeline["stages"]
            assert job.get("rules") or jobs[job["extends"]]["rules"]
            assert "script" in job or "script" in jobs[job["extends"]]
