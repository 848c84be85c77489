"""Shell steps of CI, run locally: shared code of the workflow tests."""

import os
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

import yaml
from e2e.examples import ROOT
from e2e.harness import COMMAND_TIMEOUT, Ran, Stack

EXAMPLE = ROOT / "examples/pull-request-preview"
GITHUB_WORKFLOW = ROOT / ".github/workflows/preview-comment.yml"
GITLAB_TEMPLATE = ROOT / "gitlab/preview-comment.yml"
MARKER = "<!-- pulumi-sinch preview -->"
SECRETS = ("PULUMI_ACCESS_TOKEN", "SINCH_KEY_ID", "SINCH_KEY_SECRET")


class Runner:
    """Runs shell steps as CI does: in bash, which stops at the first error, in the checkout."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.temp, self.stubs = folder / "temp", folder / "stubs"
        for made in (self.temp, self.stubs):
            made.mkdir()
        self.given = {
            **stack.environment,
            "PATH": f"{self.stubs}{os.pathsep}{stack.environment['PATH']}",
            "PULUMI_ACCESS_TOKEN": "unused-by-a-local-backend",
        }

    @property
    def cwd(self) -> Path:
        return self.stack.program_folder

    def stub(self, command: str, script: str) -> None:
        path = self.stubs / command
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def bash(self, script: str, environment: Mapping[str, str], warns: Collection[str] = ()) -> Ran:
        finished = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.cwd,
            env={**self.given, **environment},
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )
        ran = Ran(finished.returncode, finished.stdout, finished.stderr)
        self.stack.ran.append(ran)
        ran.assert_warnings(warns)
        return ran

    def without_secrets(self) -> None:
        """Simulate a fork's run: GitHub sets missing secrets to empty strings."""
        self.given |= dict.fromkeys(SECRETS, "")
        del self.given["PULUMI_BACKEND_URL"], self.given["PULUMI_CONFIG_PASSPHRASE"]


def drop_templates(checkout: Stack) -> None:
    """Remove a webhook from staging."""
    path = checkout.program_folder / "Pulumi.staging.yaml"
    definition = yaml.safe_load(path.read_text())
    del definition["config"]["sinch-callbacks:webhooks"]["templates"]
    path.write_text(yaml.safe_dump(definition))
