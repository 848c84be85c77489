"""Change the code in small ways and see that a test fails each time: `make mutants`.

Works on copies of the repository, two modules at a time, so that nothing here is ever half changed. What survives is
printed as a diff: either a test is missing, or the change makes no difference (`docs/mutation-testing.md`). The modules
that are mutated by default take about half an hour; name some to take minutes.
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
"""The tests of the modules that have more than those named after them."""

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
"""What an operator is replaced by: its opposite and, in a comparison, its neighbour at the boundary.

Cosmic-ray tries each of the others too. A test that notices these notices those as well, and most of those are type errors.
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
    """Return the command that runs a module's tests: its own; those of the plugin and of all units where it has none."""
    below = Path(module).relative_to(PACKAGE)
    own = f"tests/unit/{below.parent}/test_{below.stem}.py"
    by_name = own if (ROOT / own).exists() else "tests/plugin tests/unit"
    if below.parent.name == "preview_comment":
        by_name = "tests/unit/cli/preview_comment"
    tests = TESTS.get(str(below), by_name)
    return f"{sys.executable} -m pytest -x -q -p no:cacheprovider {tests}"


def copy(folder: Path) -> None:
    """Copy what git tracks, and what it would."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)


def run(folder: Path, *command: str) -> None:
    """Run a command in the copy, whose package comes before the installed one."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "provider"),
        "PATH": f"{BIN}:{os.environ['PATH']}",
        # A mutant is as old and may be as long as what it replaces: its bytecode would be taken for the other's.
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=True)


def annotations(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where the annotations of a module begin and end, as line and column."""
    for node in ast.walk(ast.parse(source)):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.expr):
                end = (part.end_lineno or part.lineno, part.end_col_offset or 0)
                yield (part.lineno, part.col_offset), end


def operators(source: str) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
    """Return where binary operators are. Cosmic-ray also takes the `*` of a signature for one."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.BinOp):
            start = (node.left.end_lineno or node.left.lineno, node.left.end_col_offset or 0)
            yield start, (node.right.lineno, node.right.col_offset)


def says_something(kind: str, place: tuple[int, int], source: str) -> bool:
    """Whether a change of a kind, such as `core/ReplaceBinaryOperator_Add_Sub`, is worth trying at a place of a module."""
    family, _, change = kind.partition("_")
    before, _, after = change.partition("_")
    if after and after not in REPLACEMENTS.get(before, ()):
        return False
    if any(start <= place < end for start, end in annotations(source)):
        return False
    return "Binary" not in family or any(start <= place < end for start, end in operators(source))


def leave_out(database: sqlite3.Connection, source: str) -> None:
    """Take out the mutants that say nothing: of annotations (`str | None`), which mypy checks, and unneeded replacements."""
    listed = database.execute(
        "SELECT job_id, operator_name, start_pos_row, start_pos_col FROM mutation_specs"
    )
    for job, kind, row, column in listed.fetchall():
        if not says_something(kind, (row, column), source):
            for table in ("mutation_specs", "work_items"):
                database.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))  # noqa: S608 - one of two names
    database.commit()


def mutate(module: str) -> int:
    """Mutate one module, print what survived, and return how many that are."""
    tests = tests_of(module)
    with tempfile.TemporaryDirectory(prefix="mutants-") as name:
        folder = Path(name)
        copy(folder)
        started = time.monotonic()
        run(folder, *tests.split())
        # A mutant that makes the tests hang is caught by that. Other work may make them slow.
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
    ]  # it cannot make each one, such as of a dotted exception
    survivors = [diff for outcome, _, diff in tried if outcome != "KILLED"]
    hung = sum(output == "timeout" for _, output, _ in tried)
    counts = f"{len(tried)} mutants, {len(tried) - len(survivors)} killed ({hung} hung)"
    print(*survivors, f"{module}: {counts}, {len(survivors)} survived", sep="\n", flush=True)
    return len(survivors)


def main() -> int:
    """Mutate the chosen modules; 1 where anything survived."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return 1 if sum(pool.map(mutate, chosen(sys.argv[1:]))) else 0


if __name__ == "__main__":
    sys.exit(main())
