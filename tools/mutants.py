"""Change the code in small ways and see that a test fails each time: `make mutants`.

Works on a copy of the repository, so that nothing here is ever half changed. What survives is printed as a diff: either a
test is missing, or the change makes no difference. All modules take hours; name some to take minutes.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PACKAGE = Path("provider/pulumi_sinch")
MODULES = (
    "api",
    "inputs.py",
    "provider.py",
    "secret.py",
    "changes.py",
    "settings.py",
    "hints.py",
    "operation.py",
)
SECONDS = 180
"""Longer than the tests take; a mutant that makes them hang is caught by it."""

CONFIG = """\
[cosmic-ray]
module-path = ["{module}"]
timeout = {seconds}
excluded-modules = []
test-command = "{python} -m pytest -x -q -n 2 -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def chosen(names: list[str]) -> Iterator[str]:
    """Return the paths of modules named as below `provider/pulumi_sinch`."""
    for name in names or MODULES:
        path = PACKAGE / name
        if not (ROOT / path).exists():
            raise SystemExit(f"There is no {path}.")
        if path.is_dir():
            yield from (str(file.relative_to(ROOT)) for file in sorted((ROOT / path).glob("*.py")))
        else:
            yield str(path)


def tests_of(module: str) -> str:
    """Return the tests to run: a module's own and those of the plugin; all where it has none of its own."""
    own = f"tests/unit/test_{Path(module).stem}.py"
    first = [own] if (ROOT / own).exists() else ["tests/unit"]
    return " ".join([*first, *(["tests/plugin"] if (ROOT / "tests/plugin").is_dir() else [])])


def copy(folder: Path) -> None:
    """Copy what git tracks, and what it would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run(folder: Path, *command: str) -> str:
    """Run a command in the copy, whose package comes before the installed one, and return what it prints."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "provider"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        # A mutant is as old and may be as long as what it replaces: its bytecode would be taken for the other's.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    finished = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    return finished.stdout


def survivors(folder: Path, module: str) -> tuple[str, float]:
    """Mutate one module; return the diffs of what survived, and its share in percent."""
    config = CONFIG.format(module=module, seconds=SECONDS, python=sys.executable, tests=tests_of(module))
    (folder / "mutants.toml").write_text(config)
    (folder / "mutants.sqlite").unlink(missing_ok=True)
    run(folder, "cosmic-ray", "init", "mutants.toml", "mutants.sqlite")
    run(folder, "cosmic-ray", "baseline", "mutants.toml")
    run(folder, "cosmic-ray", "exec", "mutants.toml", "mutants.sqlite")
    diffs = run(folder, "cr-report", "--surviving-only", "--show-diff", "mutants.sqlite")
    return diffs, float(run(folder, "cr-rate", "mutants.sqlite"))


def main() -> int:
    """Mutate the chosen modules one after another; 1 where anything survived."""
    rates = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        copy(Path(name))
        for module in chosen(sys.argv[1:]):
            diffs, rates[module] = survivors(Path(name), module)
            print(f"{diffs}\n{module}: {rates[module]:.1f} % survived", flush=True)
    return 1 if any(rates.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
