"""`make demo`: show the provider with the real Pulumi engine and the local emulator of Sinch.

The demo shows the whole life of a webhook, from the first preview to `pulumi destroy`.
"""

import difflib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from clean_environment import clean_environment
from pulumi_sinch.emulator import Emulator
from rich.console import Console
from rich.rule import Rule
from wheel_environment import make_wheel_environment

ROOT = Path(__file__).resolve().parents[1]
COMMAND_TIMEOUT = 120
"""Seconds after which a command of the demo is stopped."""

console = Console(highlight=False, soft_wrap=True)


def pulumi_folder() -> Path:
    """Return the folder of the `pulumi` command. Builds the command if it is not installed."""
    found = subprocess.run([ROOT / "tools/pulumi/install"], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        sys.exit(found.returncode)
    return Path(found.stdout.strip())


class Demo:
    """A temporary Pulumi project with a local state, and the emulator of Sinch that it uses."""

    def __init__(self, folder: Path, emulator: Emulator) -> None:
        """Create the project from the quickstart example."""
        self.emulator = emulator
        self.program = folder / "program" / "__main__.py"
        self.program.parent.mkdir()
        (folder / "backend").mkdir()
        (self.program.parent / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        shutil.copy(ROOT / "examples/quickstart/__main__.py", self.program)
        commands = make_wheel_environment(folder / "environment")
        path = [str(commands), str(pulumi_folder()), os.environ["PATH"]]
        self.environment = {
            **clean_environment(),
            **emulator.environment,
            "PATH": os.pathsep.join(path),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "demo",
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",  # otherwise the CLI asks Pulumi Cloud for its latest version
            "VIRTUAL_ENV": str(commands.parent),
        }

    def run(self, *arguments: str, quiet: bool = False) -> None:
        """Run the Pulumi CLI and show its output. If the CLI fails, the demo ends."""
        if not quiet:
            console.print(f"[bold]$ pulumi {' '.join(arguments)}[/bold]")
        finished = subprocess.run(
            [
                "pulumi",
                *arguments,
                "--non-interactive",
                f"--color={'always' if console.is_terminal else 'never'}",
            ],
            cwd=self.program.parent,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=False,
        )
        if finished.returncode or not quiet:
            print(finished.stdout.strip() + "\n", flush=True)
        if finished.returncode:
            sys.exit(f"`pulumi {arguments[0]}` failed with exit status {finished.returncode}.")

    def edit(self, old: str, new: str) -> None:
        """Replace a text in the program, and show the changed lines."""
        before = self.program.read_text()
        if old not in before:
            sys.exit(f"examples/quickstart does not contain {old!r} any more: fix tools/demo.py.")
        after = before.replace(old, new)
        self.program.write_text(after)
        for line in difflib.ndiff(before.splitlines(), after.splitlines()):
            if line.startswith(("-", "+")):
                console.print(line, style="red" if line.startswith("-") else "green", markup=False)

    def show_sinch(self) -> None:
        """Show the webhooks that are in the emulator."""
        for webhook in self.emulator.webhooks():
            console.print(f"[dim]At Sinch:[/dim] {webhook.target} {', '.join(webhook.triggers)}\n")
        if not self.emulator.webhooks():
            console.print("[dim]At Sinch:[/dim] no webhook\n")


def say(sentence: str) -> None:
    """Print a sentence that explains the next step."""
    console.print(Rule(style="dim"))
    console.print(f"[bold cyan]{sentence}[/bold cyan]\n")


def walk(demo: Demo) -> None:
    """Show the whole life of a webhook."""
    demo.run("stack", "init", "demo", quiet=True)
    say("A preview shows what will be created. Nothing is sent to Sinch.")
    demo.run("preview", "--diff")
    say("`up` creates it. The secret is generated, and encrypted in the state.")
    demo.run("up", "--yes", "--skip-preview")
    demo.show_sinch()
    say("Nothing changed: the preview is empty and asks Sinch nothing.")
    demo.run("preview")
    say(
        "Two lines of the program change: one trigger more, and the secret rotated. The preview shows just "
        "that."
    )
    demo.edit(
        "Trigger.WHATSAPP_SENDER_INACTIVE]",
        "Trigger.WHATSAPP_SENDER_INACTIVE, Trigger.WHATSAPP_SENDER_ERROR]",
    )
    demo.edit("    triggers=[", "    secret_version=2,\n    triggers=[")
    console.print()
    demo.run("preview", "--diff")
    demo.run("up", "--yes", "--skip-preview")
    demo.show_sinch()
    say("Somebody changes the webhook behind its back.")
    (webhook,) = demo.emulator.webhooks()
    demo.emulator.change_webhook(webhook.id, target="https://somewhere-else.example.com/", triggers=["ALL"])
    demo.show_sinch()
    say("`up --refresh` sees the drift and repairs it.")
    demo.run("up", "--yes", "--skip-preview", "--refresh", "--diff")
    demo.show_sinch()
    say("`destroy` deletes it, from the state alone.")
    demo.run("destroy", "--yes", "--skip-preview")
    demo.show_sinch()


def main() -> None:
    """Run the demo in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="pulumi-sinch-demo-"))
    try:
        with Emulator() as emulator:
            walk(Demo(folder, emulator))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("That was it. To use a real Sinch project, type next:")
    print(
        """  source .venv/bin/activate
  export PATH="$PATH:$(tools/pulumi/install)"     # only where no Pulumi CLI is installed
  pulumi login                                    # or: pulumi login --local
  pulumi stack init dev
  pulumi config set sinch:projectId YOUR_PROJECT_ID
  pulumi config set sinch:keyId YOUR_ACCESS_KEY_ID
  export SINCH_KEY_SECRET=YOUR_KEY_SECRET         # or: pulumi config set --secret sinch:keySecret
  pulumi config set target https://YOUR_RECEIVER/sinch
  pulumi preview
"""
    )


if __name__ == "__main__":
    main()
