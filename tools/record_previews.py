"""`make record-previews`: record the previews of the installed Pulumi CLI for tests of the review comment.

Runs each scenario of `tests/previews/scenarios.py` with the real engine. The result of a scenario is the file
`tests/previews/recorded/<version of the CLI>/<scenario>.json`. It contains the preview without paths and
times, and the effects of `pulumi up` on the emulator. The arguments are the names of the scenarios to record.
Without arguments, all scenarios are recorded. To record previews of another CLI, put the folder with this CLI
and its Python language host first on the `PATH`.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from e2e.harness import Stack, copy_project, initialize_project, pulumi_environment
from previews.records import RECORDED
from previews.running import run
from previews.scenarios import SCENARIOS, Scenario
from pulumi_sinch.emulator import Emulator
from wheel_environment import make_wheel_environment

_WORKERS = 2
_OF_THE_RUN = ("sourcePosition", "stackTrace", "created", "modified", "timestamp", "duration")


def main() -> None:
    """Record the scenarios, and print the name and the effects of each scenario."""
    version = _pulumi_version()
    wanted = [scenario for scenario in SCENARIOS if scenario.name in sys.argv[1:] or not sys.argv[1:]]
    folder = RECORDED / version
    folder.mkdir(parents=True, exist_ok=True)
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as work:
        environment = make_wheel_environment(Path(work) / "environment").parent
        prepared = Path(work) / "prepared"
        initialize_project(prepared)
        with Emulator() as emulator:
            stack = Stack(prepared, pulumi_environment(prepared, environment), emulator)
            stack.pulumi("stack", "init", stack.name)

        def record(scenario: Scenario) -> str:
            project = Path(work) / scenario.name
            copy_project(prepared, project)
            try:
                document = _record(scenario, project, environment)
            except AssertionError as error:
                failed.append(scenario.name)
                return f"{version} {scenario.name}: not recorded: {error}"
            (folder / f"{scenario.name}.json").write_text(json.dumps(document, indent=1) + "\n")
            shutil.rmtree(project)
            return f"{version} {scenario.name}: {document['effects']}"

        with ThreadPoolExecutor(_WORKERS) as workers:
            for line in workers.map(record, wanted):
                print(line, flush=True)
    if failed:
        sys.exit(f"Not recorded: {', '.join(failed)}")


def _pulumi_version() -> str:
    command = ["pulumi", "version"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def _record(scenario: Scenario, project: Path, environment: Path) -> dict[str, Any]:
    with Emulator() as emulator:
        variables = {**pulumi_environment(project, environment), **emulator.environment}
        stack = Stack(project, variables, emulator)
        ran = run(stack, [scenario])
        stack.note_confidential()
        stack.assert_nothing_leaked()
        text = ran.preview
        for secret in stack.confidential:
            if secret in text:
                raise SystemExit(f"{scenario.name}: the preview holds a secret")
    text = text.replace(str(project), "/project").replace(str(environment), "/environment")
    return {
        "options": [*scenario.options],
        "effects": [asdict(effect) for effect in ran.effects],
        "preview": _scrubbed(json.loads(text)) if text.startswith("{\n") else text,
    }


def _scrubbed(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Remove the fields that differ between two runs of the same scenario, such as times."""
    if isinstance(value, dict):
        return {key: _scrubbed(inner) for key, inner in value.items() if key not in _OF_THE_RUN}
    if isinstance(value, list):
        return [_scrubbed(inner) for inner in value]
    return value


if __name__ == "__main__":
    main()
