"""A Pulumi project with the real CLI, run against the emulator, and the search for leaked secrets."""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from clean_environment import clean_environment
from e2e.state_secrets import decrypted
from pulumi_sinch.emulator import Emulator
from sent_requests import take_sent_requests

COMMAND_TIMEOUT = 120
"""Timeout in seconds of a CLI command."""

WEBHOOK_TYPE = "pulumi-python:dynamic/sinch:Webhook"

PROGRAM_START = "import pulumi\nfrom pulumi import ResourceOptions\nfrom pulumi_sinch import *\n"


@dataclass
class Ran:
    """A finished command."""

    returncode: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        return self.stdout + self.stderr

    def assert_warnings(self, expected: Collection[str]) -> None:
        """Fail on a warning that is not expected, and on an expected one that is missing."""
        shown = set(warnings_in(self.stdout)) | set(warnings_in(self.stderr))
        unexpected, missing = sorted(shown - set(expected)), sorted(set(expected) - shown)
        assert not unexpected, f"unexpected warnings: {unexpected}\n{self.output}"
        assert not missing, f"missing warnings: {missing}\n{self.output}"


def warnings_in(output: str) -> Iterator[str]:
    """Yield the texts of the warnings in a command's output, one for each line with a warning.

    The text follows ``warning:``. A line without it that contains "bug in" is yielded completely.
    """
    try:
        lines = list(_strings(json.loads(output)))
    except ValueError:
        lines = [output]
    for line in re.sub(r"<\{%\w+%\}>", "", "\n".join(lines)).splitlines():  # color codes of the JSON output
        _, warning, text = line.partition("warning:")
        if warning or "bug in" in line:
            yield (text or line).strip()


def _strings(value: object) -> Iterator[str]:
    """Yield all strings of a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)


@dataclass
class Stack:
    """A Pulumi project with one stack and its own backend, independent of the machine's Pulumi settings."""

    folder: Path
    environment: dict[str, str] = field(repr=False)
    emulator: Emulator
    name: str = "dev"
    ran: list[Ran] = field(default_factory=list, repr=False)
    confidential: set[str] = field(default_factory=set, repr=False)

    @property
    def program_folder(self) -> Path:
        return self.folder / "program"

    def write(self, program: str) -> None:
        """Write the program. Common imports are added."""
        (self.program_folder / "__main__.py").write_text(PROGRAM_START + program)

    def pulumi(
        self,
        *arguments: str,
        fails: bool = False,
        warns: Collection[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run the CLI. An unexpected failure or warning fails the test with the whole output.

        Args:
            arguments: The command without ``pulumi``.
            fails: Whether the command has to fail.
            warns: The exact texts of all its warnings (see `warnings_in`). Each must appear.
            environment: Variables for only this command.
        """
        command = ["pulumi", *arguments, "--non-interactive", "--color=never"]
        finished = subprocess.run(
            command,
            cwd=self.program_folder,
            env={**self.environment, **(environment or {})},
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )
        ran = Ran(finished.returncode, finished.stdout, finished.stderr)
        self.ran.append(ran)
        self.note_confidential()
        assert (ran.returncode != 0) == fails, f"{' '.join(command)} -> {ran.returncode}\n{ran.output}"
        ran.assert_warnings(warns)
        return ran

    def up(self, *arguments: str, **options: Any) -> Ran:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments, **options)

    def preview(self, *arguments: str, **options: Any) -> Ran:
        return self.pulumi("preview", "--diff", *arguments, **options)

    def refresh(self, *arguments: str, **options: Any) -> Ran:
        return self.pulumi("refresh", "--yes", "--skip-preview", *arguments, **options)

    def destroy(self, *arguments: str, **options: Any) -> Ran:
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments, **options)

    def preview_steps(self, *arguments: str, **options: Any) -> dict[str, dict[str, Any]]:
        """Return the steps of a preview by resource name. Unchanged resources have none."""
        steps = json.loads(self.pulumi("preview", "--json", *arguments, **options).stdout).get("steps", [])
        return {
            step["urn"].rpartition("::")[2]: step
            for step in steps
            if "pulumi:pulumi:Stack" not in step["urn"]
        }

    def assert_preview_is_empty(self, *arguments: str, **options: Any) -> None:
        """Fail unless a preview changes nothing."""
        shown = json.loads(
            self.pulumi("preview", "--json", "--expect-no-changes", *arguments, **options).stdout
        )
        assert {*shown["changeSummary"]} == {"same"}, shown["changeSummary"]

    def state(self) -> dict[str, dict[str, Any]]:
        """Return the state's resources by name, with encrypted secrets."""
        return {
            resource["urn"].rpartition("::")[2]: resource
            for resource in self._deployment().get("resources", [])
            if not resource["type"].startswith("pulumi:")
        }

    def secret_outputs(self) -> dict[str, Any]:
        """Return the stack's outputs with decrypted secrets, as `pulumi stack output --show-secrets` does."""
        deployment = self._deployment()
        (stack,) = (found for found in deployment["resources"] if found["type"] == "pulumi:pulumi:Stack")
        salt = deployment["secrets_providers"]["state"]["salt"]
        outputs: dict[str, Any] = decrypted(
            stack["outputs"], salt, self.environment["PULUMI_CONFIG_PASSPHRASE"]
        )
        return outputs

    def _deployment(self) -> dict[str, Any]:
        """Return the content of the stack's state file. Empty before the first `up`."""
        project = yaml.safe_load((self.program_folder / "Pulumi.yaml").read_text())["name"]
        path = self.folder / f"backend/.pulumi/stacks/{project}/{self.name}.json"
        return json.loads(path.read_text())["checkpoint"]["latest"] or {}

    def calls(self) -> list[str]:
        """Return the requests since the last call of this method (see `take_sent_requests`)."""
        return take_sent_requests(self.emulator)

    def note_confidential(self) -> None:
        """Remember every secret and token that exists at Sinch now."""
        backend = self.emulator._backend
        self.confidential |= {webhook.secret for webhook in backend.store.all_webhooks()}
        self.confidential |= set(backend.authentication._tokens)
        self.confidential |= {key.key_secret for key in backend.authentication._keys.values()}

    def assert_nothing_leaked(self) -> None:
        """Search every output, the journal, and every file of the project and its state."""
        shown = [ran.output for ran in self.ran] + [repr(entry) for entry in self.emulator.journal.entries()]
        files = [path for path in self.folder.rglob("*") if path.is_file() and path.name != "__main__.py"]
        shown += [path.read_bytes().decode(errors="replace") for path in files]
        leaked = [
            f"{len(secret)} characters, in: …{text[max(0, text.index(secret) - 200) : text.index(secret)]}"
            for secret in self.confidential
            for text in shown
            if len(secret) > 3 and secret in text
        ]
        assert not leaked, leaked


def initialize_project(folder: Path) -> None:
    """Create a project's folders: its program, and its own backend and Pulumi home."""
    for part in ("backend", "home", "program"):
        (folder / part).mkdir(parents=True)
    (folder / "program/Pulumi.yaml").write_text("name: shop\nruntime: python\n")


def copy_project(prepared: Path, folder: Path) -> None:
    """Copy a project with an initialized stack, which stays selected."""
    shutil.copytree(prepared, folder, ignore=shutil.ignore_patterns("logs"))
    # A file with the backend names the selected stack. The file's name is a hash of the project file's path.
    name = "home/workspaces/shop-{}-workspace.json"
    selection = folder / name.format(_path_hash(prepared))
    text = selection.read_text()
    selection.unlink()
    (folder / name.format(_path_hash(folder))).write_text(text.replace(str(prepared), str(folder)))


def _path_hash(folder: Path) -> str:
    return hashlib.sha1(bytes(folder / "program/Pulumi.yaml"), usedforsecurity=False).hexdigest()


def pulumi_environment(folder: Path, wheel_environment: Path) -> dict[str, str]:
    """Return the variables of a shell in which the environment of the wheel is activated."""
    return {
        **clean_environment(),
        "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
        "PULUMI_CONFIG_PASSPHRASE": "a passphrase of the tests",
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_SKIP_UPDATE_CHECK": "true",  # otherwise the CLI asks Pulumi Cloud for its latest version
        "PATH": f"{wheel_environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(wheel_environment),
    }
