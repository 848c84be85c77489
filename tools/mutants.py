"""Change the code in small ways, and check that a test fails each time: `make mutants`.

Works on copies of the repository, two modules at a time, so that the working tree never changes. Surviving
mutants are printed as diffs: either a test is missing, or the change makes no difference
(`docs/mutation-testing.md`). The default modules take about half an hour, a single one takes minutes.
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
"""The tests of modules that need more than the tests named after them."""

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
"""The replacements of an operator: its opposite and, in a comparison, its neighbor at the boundary.

Cosmic-ray has more replacements. A test that detects these detects the others too, most of which are type
errors.
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
    """Return the paths of the modules, which are named as below `provider/pulumi_sinch`."""
    for name in names or MODULES:
        path = PACKAGE / name
        if not (ROOT / path).exists():
            raise SystemExit(f"There is no {path}.")
        if path.is_dir():
            yield from (str(file.relative_to(ROOT)) for file in sorted((ROOT / path).glob("*.py")))
        else:
            yield str(path)


def tests_of(module: str) -> str:
    """Return the command for a module's tests. By default these are all unit and plugin tests."""
    below = Path(module).relative_to(PACKAGE)
    own = f"tests/unit/{below.parent}/test_{below.stem}.py"
    by_name = own if (ROOT / own).exists() else "tests/plugin tests/unit"
    if below.parent.name == "preview_comment":
        by_name = "tests/unit/cli/preview_comment"
    tests = TESTS.get(str(below), by_name)
    return f"{sys.executable} -m pytest -x -q -p no:cacheprovider {tests}"


def copy(folder: Path) -> None:
    """Copy the files that git tracks, and new ones that it does not ignore."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run(folder: Path, *command: str) -> None:
    """Run a command in the copy, whose package takes precedence over the installed one."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "provider"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        # A mutant may have the age and the size of the original, so Python would use the original's
        # bytecode.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def annotations(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the positions of a module's annotations, as pairs of start and end (line and column)."""
    for node in ast.walk(ast.parse(source)):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.expr):
                end = (part.end_lineno or part.lineno, part.end_col_offset or 0)
                yield (part.lineno, part.col_offset), end


def operators(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Return the positions of binary operators. Cosmic-ray also mutates the `*` of a signature."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp):
            start = (node.left.end_lineno or node.left.lineno, node.left.end_col_offset or 0)
            yield start, (node.right.lineno, node.right.col_offset)


def says_something(kind: str, place: tuple[int, int], source: str) -> bool:
    """Return whether a kind of change is useful at this place of a module."""
    family, _, change = kind.partition("_")
    before, _, after = change.partition("_")
    if after and after not in REPLACEMENTS.get(before, ()):
        return False
    if any(start <= place < end for start, end in annotations(source)):
        return False
    return "Binary" not in family or any(start <= place < end for start, end in operators(source))


def leave_out(database: sqlite3.Connection, source: str) -> None:
    """Remove useless mutants: of annotations, which mypy checks, and redundant replacements."""
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
        # A mutant that makes the tests hang counts as killed. Other work may slow the tests down.
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
    ]  # cosmic-ray cannot create some of its mutants, such as of a dotted exception
    survivors = [diff for outcome, _, diff in tried if outcome != "KILLED"]
    hung = sum(output == "timeout" for _, output, _ in tried)
    counts = f"{len(tried)} mutants, {len(tried) - len(survivors)} killed ({hung} hung)"
    print(*survivors, f"{module}: {counts}, {len(survivors)} survived", sep="\n", flush=True)
    return len(survivors)


def main() -> int:
    """Mutate the chosen modules. Returns 1 if any mutant survived."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return 1 if sum(pool.map(mutate, chosen(sys.argv[1:]))) else 0


if __name__ == "__main__":
    sys.exit(main())
