"""The fleet example in a folder of its own, with as many customers as a test needs."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from e2e.examples import ROOT
from e2e.harness import Ran, Stack

TIMEOUT = 240
"""Seconds after which a command for all customers is ended."""

WEBHOOKS = {
    "senders": {"path": "sinch/senders", "triggers": ["WHATSAPP_SENDER_ACTIVE"]},
    "templates": {"path": "sinch/templates", "triggers": ["WHATSAPP_TEMPLATE_APPROVED"]},
}


class FleetProject:
    """A copy of the example. `stack` has its backend, and keeps the output of its commands."""

    def __init__(self, stack: Stack, count: int, folder: Path | None = None) -> None:
        self.stack = stack
        self.emulator = stack.emulator
        self.names = [f"customer-{number}" for number in range(1, count + 1)]
        self.folder = folder or stack.program_folder
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(
            ROOT / "examples/fleet",
            self.folder,
            ignore=shutil.ignore_patterns("__pycache__", "Pulumi.*.yaml"),
        )
        project = yaml.safe_load((self.folder / "program/Pulumi.yaml").read_text())
        del project["runtime"]["options"]["virtualenv"]  # the environment's own variable has it
        (self.folder / "program/Pulumi.yaml").write_text(yaml.safe_dump(project))
        self.customers = {
            name: {"project_id": f"project-of-{name}", "host": f"hooks.{name}.example.com"}
            for name in self.names
        }
        self.write()
        keys = stack.emulator
        keys.add_key(keys.key_id, keys.key_secret, [self.project(name) for name in self.names])
        stack.environment.pop("SINCH_PROJECT_ID", None)

    def project(self, name: str) -> str:
        return self.customers[name]["project_id"]

    def write(self, webhooks: Mapping[str, Any] = WEBHOOKS) -> None:
        """Write the file of customers."""
        content = {"webhooks": webhooks, "customers": self.customers}
        (self.folder / "customers.yaml").write_text(yaml.safe_dump(content))

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, str(self.folder / "fleet.py"), *arguments]

    def run(self, *arguments: str, status: int = 0) -> Ran:
        """Run `fleet.py`. Another exit status than the expected one fails the test."""
        finished = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.stack.environment | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        ran = Ran(finished.returncode, finished.stdout, finished.stderr)
        self.stack.ran.append(ran)
        self.stack.note_confidential()
        assert ran.returncode == status, f"{' '.join(arguments)} -> {ran.returncode}\n{ran.output}"
        return ran

    def rows(self, ran: Ran) -> dict[str, str]:
        """Return the text of each customer's row in the summary, without lines and columns."""
        rows: dict[str, str] = {}
        name = ""
        for line in ran.stdout.splitlines():
            if line.startswith("│"):
                cells = [cell.strip() for cell in line.strip("│").split("│")]
                name = cells[0] or name
                rows[name] = " ".join([rows.get(name, ""), *filter(None, cells[1:])]).strip()
        return rows

    def targets(self) -> dict[str, list[str]]:
        """Return the targets at Sinch of each customer."""
        return {
            name: [webhook.target for webhook in self.emulator.webhooks(self.project(name))]
            for name in self.names
        }

    def declared_targets(self) -> dict[str, list[str]]:
        """Return the targets that each customer should have at Sinch."""
        return {
            name: [f"https://{customer['host']}/sinch/{path}" for path in ("senders", "templates")]
            for name, customer in self.customers.items()
        }


def stacks_in(stack: Stack) -> list[str]:
    """Return the names of the fleet's stacks in a file backend."""
    return sorted(
        path.name.removesuffix(".json")
        for path in (stack.folder / "backend/.pulumi/stacks/sinch-fleet").glob("*.json")
    )
