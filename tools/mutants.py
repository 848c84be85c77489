"""`make mutants`: change the code in many small ways, one at a time, and check that a test fails each time.

A changed module is a mutant. A mutant survives if no test fails. Each surviving mutant is printed as a diff:
either a test is missing, or the change makes no difference (`docs/mutation-testing.md`).

The changes are made in copies of the repository, so the working tree never changes. Two modules are tested at
the same time. All default modules take about an hour, and one module takes some minutes.
"""

import ast
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PACKAGE = Path("provider/pulumi_sinch")
MODULES = (
    "provider.py",
    "core/check.py",
    "core/inputs.py",
    "core/read.py",
    "core/write.py",
    "api",
    "core/signing_secret.py",
    "core/diff.py",
    "core/settings.py",
    "core/error_advice.py",
    "core/operation.py",
    "core/preflight.py",
    "core/run_state.py",
    "core/target_conflicts.py",
    "plugin/naming.py",
    "plugin/servicer.py",
    "cli/preview_comment",
)
AT_ONCE = 2

TESTS = {
    "api/create.py": "tests/unit/api/test_create.py tests/fault_matrix/test_recovery.py",
    "api/webhook_cache.py": "tests/unit/api/test_webhook_cache.py tests/unit/api/test_create.py tests/unit/core/test_operation.py",
    "api/limits.py": "tests/unit/core/test_preflight.py",
    "api/models.py": "tests/unit/api/test_client.py tests/unit/api/test_models.py tests/unit/api/test_webhook_cache.py",
    "api/http_messages.py": "tests/unit/api/test_http_messages.py tests/unit/api/test_transport.py tests/unit/api/test_client.py",
    "api/retries.py": "tests/unit/api/test_retries.py tests/unit/api/test_transport.py",
    "api/transport.py": "tests/unit/api/test_transport.py tests/unit/api/test_client.py",
    "cli/preview_comment/command.py": "tests/unit/cli/test_cli.py tests/unit/cli/preview_comment",
    "core/operation.py": "tests/unit/core/test_operation.py tests/fault_matrix/test_recovery.py tests/plugin",
    "core/check.py": "tests/unit/core/test_check.py tests/unit/core/test_run_state.py tests/simulation/test_secrets.py",
    "core/read.py": "tests/plugin tests/unit/test_lookup.py tests/fault_matrix/test_recovery.py",
    "core/run_state.py": "tests/unit/core/test_run_state.py tests/unit/core/test_shared_facts.py",
    "core/target_conflicts.py": "tests/unit/core/test_target_conflicts.py tests/unit/core/test_run_state.py",
    "core/write.py": "tests/plugin tests/fault_matrix/test_recovery.py",
    "plugin/naming.py": "tests/unit/plugin/test_naming.py tests/unit/core/test_route.py",
    "plugin/servicer.py": "tests/plugin/test_provider_plugin.py",
    "provider.py": "tests/plugin tests/fault_matrix/test_recovery.py tests/unit/test_pickle.py",
}
"""The tests of each module that needs other tests than its default (see `tests_of`)."""

REPLACEMENTS = {
    "Add": {"Sub"},
    "Sub": {"Add"},
    "Mul": {"Div"},
    "Div": {"Mul"},
    "FloorDiv": {"Mul"},
    "Mod": {"Mul"},
    "Pow": {"Mul"},
    "BitOr": {"BitAnd"},
    "BitAnd": {"BitOr"},
    "Eq": {"NotEq", "LtE", "GtE"},
    "NotEq": {"Eq", "Lt", "Gt"},
    "Lt": {"LtE", "GtE"},
    "LtE": {"Lt", "Gt"},
    "Gt": {"GtE", "LtE"},
    "GtE": {"Gt", "Lt"},
    "Is": {"IsNot"},
    "IsNot": {"Is"},
    "USub": {"UAdd"},
    "Delete": {"Not"},
}
"""The useful replacements of each operator: its opposite and, for a comparison, its neighbor at the boundary.

Cosmic-ray has more replacements, most of which are type errors. They are left out, because a test that
detects the replacements above detects the others too.
"""

CONFIG = """\
[cosmic-ray]
module-path = ["{module}"]
timeout = {seconds}
excluded-modules = []
test-command = "{tests}"

[cosmic-ray.distributor]
name = "local"
"""


def chosen(names: list[str]) -> Iterator[str]:
    """Yield the paths of modules. `names` are modules or folders below `provider/pulumi_sinch`."""
    for name in names or MODULES:
        path = PACKAGE / name
        if not (ROOT / path).exists():
            raise SystemExit(f"There is no {path}.")
        if path.is_dir():
            yield from (str(file.relative_to(ROOT)) for file in sorted((ROOT / path).glob("*.py")))
        else:
            yield str(path)


def tests_of(module: str) -> str:
    """Return the command that runs a module's tests.

    By default, these are the tests with the name of the module. Without such tests, they are all unit and
    plugin tests.
    """
    below = Path(module).relative_to(PACKAGE)
    own = f"tests/unit/{below.parent}/test_{below.stem}.py"
    by_name = own if (ROOT / own).exists() else "tests/plugin tests/unit"
    if below.parent.name == "preview_comment":
        by_name = "tests/unit/cli/preview_comment"
    tests = TESTS.get(str(below), by_name)
    return f"{sys.executable} -m pytest -x -q -p no:cacheprovider {tests}"


def copy(folder: Path) -> None:
    """Copy to this folder all files that git tracks, and new files that git does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run(folder: Path, *command: str) -> None:
    """Run a command in the copy. Python imports the package from the copy, not the installed package."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "provider"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        # Python compares only the time and the size of a module with its bytecode. A mutant can equal the
        # original in both, and Python would then run the bytecode of the original.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def annotations(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the start and the end of each type annotation of a module. A position is line and column."""
    for node in ast.walk(ast.parse(source)):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.expr):
                end = (part.end_lineno or part.lineno, part.end_col_offset or 0)
                yield (part.lineno, part.col_offset), end


def operators(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Yield the start and the end of each place with a binary operator.

    They are needed because cosmic-ray also mutates the `*` in the signature of a function.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp):
            start = (node.left.end_lineno or node.left.lineno, node.left.end_col_offset or 0)
            yield start, (node.right.lineno, node.right.col_offset)


def says_something(kind: str, place: tuple[int, int], source: str) -> bool:
    """Return whether cosmic-ray's change of this kind is useful at this place of a module.

    A change is useless in an annotation, which mypy checks. It is also useless if it is a redundant
    replacement of an operator (see `REPLACEMENTS`).
    """
    family, _, change = kind.partition("_")
    before, _, after = change.partition("_")
    if after and after not in REPLACEMENTS.get(before, ()):
        return False
    if any(start <= place < end for start, end in annotations(source)):
        return False
    return "Binary" not in family or any(start <= place < end for start, end in operators(source))


def leave_out(database: sqlite3.Connection, source: str) -> None:
    """Remove the useless mutants (see `says_something`) from the database of cosmic-ray."""
    listed = database.execute(
        "SELECT job_id, operator_name, start_pos_row, start_pos_col FROM mutation_specs"
    )
    for job, kind, row, column in listed.fetchall():
        if not says_something(kind, (row, column), source):
            for table in ("mutation_specs", "work_items"):
                database.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))  # noqa: S608 - one of two names
    database.commit()


def mutate(module: str) -> int:
    """Mutate one module, print the surviving mutants, and return their number."""
    tests = tests_of(module)
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        copy(folder)
        started = time.monotonic()
        run(folder, *tests.split())
        # A mutant that makes the tests hang counts as killed. The timeout is long, because other processes
        # may slow the tests down.
        seconds = 30 + 5 * (time.monotonic() - started)
        (folder / "mutants.toml").write_text(CONFIG.format(module=module, seconds=seconds, tests=tests))
        run(folder, "cosmic-ray", "init", "mutants.toml", "mutants.sqlite")
        database = sqlite3.connect(folder / "mutants.sqlite")
        leave_out(database, (ROOT / module).read_text())
        run(folder, "cosmic-ray", "exec", "mutants.toml", "mutants.sqlite")
        results = database.execute("SELECT test_outcome, output, diff FROM work_results").fetchall()
        database.close()
    tried = [
        result for result in results if result[2]
    ]  # some mutants have no diff, because cosmic-ray cannot create them (a dotted exception, for example)
    survivors = [diff for outcome, _, diff in tried if outcome != "KILLED"]
    hung = sum(output == "timeout" for _, output, _ in tried)
    counts = f"{len(tried)} mutants, {len(tried) - len(survivors)} killed ({hung} hung)"
    print(*survivors, f"{module}: {counts}, {len(survivors)} survived", sep="\n", flush=True)
    return len(survivors)


def main() -> int:
    """Test the mutants of the chosen modules. Returns the exit status: 1 if any mutant survived."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return 1 if sum(pool.map(mutate, chosen(sys.argv[1:]))) else 0


if __name__ == "__main__":
    sys.exit(main())
