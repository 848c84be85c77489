"""Write docs/performance.md from the results: bounds, tables and charts."""

from pathlib import Path
from statistics import median

from bounds import Bound, bounds, difference, memory_per_webhook, pairs, ratio, seconds
from chart import CHARTS
from plan import FLOOR, LIFE_CYCLES, OPERATIONS, OURS, PARALLEL, PLUGIN, SHELL, TUTORIAL, VARIANTS
from results import Results
from startup import OUR_PLUGIN, OUR_PROGRAM, PARTS_OF_PLUGIN, PROGRAM
from startup import PLUGIN as BARE_PLUGIN

_NAMES = {
    FLOOR: "a dynamic provider that does nothing",
    OURS: "`SinchWebhook`",
    TUTORIAL: "a dynamic provider as in tutorials, with a token and a connection for each request",
    PLUGIN: "`sinch:index:Webhook` in a YAML program, with the provider plugin",
    SHELL: "a script with curl and jq",
}
_MEBIBYTE = 1024 * 1024
PROFILE = Path(__file__).with_name("profile.md")
"""A section of the page that is written by hand, because the figures do not say why a bound is missed."""


def report(results: Results) -> str:
    """Return the text of the whole page, without the section about fleets."""
    sections = [_introduction(results), _bounds(bounds(results)), *_charts(results)]
    sections += [_table(results, part) for part in LIFE_CYCLES if results.holds(part)]
    sections += [_growth(results), _imports(results), PROFILE.read_text().rstrip(), _method()]
    return "\n\n".join(section for section in sections if section) + "\n"


def _rows(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _introduction(results: Results) -> str:
    machine = "; ".join(f"{name}: {value}" for name, value in results.machine.items())
    return (
        "# Performance\n\n"
        "`make bench` writes this page; do not edit it. Look at the ratios, not at the seconds: they "
        "compare `SinchWebhook` with the *floor*, a dynamic provider that has the same inputs and outputs "
        "and does nothing. The time of the floor is Pulumi's own.\n\n"
        f"Measured {results.measured_at} (UTC) on: {machine}."
    )


def _bounds(all_bounds: list[Bound]) -> str:
    rows = []
    for bound in all_bounds:
        low, high = bound.interval or (bound.measured, bound.measured)
        short = low - bound.limit
        verdict = "kept" if bound.is_kept else f"**missed by {_figure(short, bound.unit)}**"
        measured, limit = _figure(bound.measured, bound.unit), _figure(bound.limit, bound.unit)
        interval = f"{low:.2f} to {high:.2f}" if bound.interval else ""
        rows.append([bound.promise, limit, measured, interval, verdict, bound.note])
    kept = sum(bound.is_kept for bound in all_bounds)
    title = (
        f"## Bounds\n\n{kept} of {len(all_bounds)} are kept. A median misses its bound if its whole 95 % "
        "interval lies above it.\n\n"
    )
    return title + _rows(["bound", "at most", "measured", "95 % interval", "", "note"], rows)


def _figure(value: float, unit: str) -> str:
    return f"{value:.0f}{unit}" if unit in {"", " ms", " µs"} else f"{value:.2f}{unit}"


def _charts(results: Results) -> list[str]:
    return [f"![{title}]({file})" for part, (file, title) in CHARTS.items() if results.holds(part)]


def _table(results: Results, part: str) -> str:
    size, milliseconds = part.split("@")
    rows = [
        row
        for operation in OPERATIONS
        for variant in VARIANTS
        if (row := _row(results, part, operation.name, variant)) is not None
    ]
    header = [
        "operation",
        "variant",
        "median",
        "over the floor",
        "HTTP calls",
        "TCP connections",
        "plugin memory",
        "runs",
    ]
    return f"## Stack of {size}, {milliseconds} ms per call\n\n" + _rows(header, rows)


def _row(results: Results, part: str, operation: str, variant: str) -> list[str] | None:
    samples = results.of(part, variant, operation)
    if not samples:
        return None
    over = ""
    if variant == OURS and pairs(results, part, operation):
        over = (
            f"{ratio(results, part, operation):.2f}x ({1000 * difference(results, part, operation):+.0f} ms)"
        )
    peaks = [sample.peak_memory for sample in samples if sample.peak_memory]
    return [
        operation,
        variant,
        f"{median(sample.seconds for sample in samples):.2f} s",
        over,
        f"{max(sum(sample.calls.values()) for sample in samples)}",
        f"{max(sample.connections for sample in samples)}",
        f"{max(peaks) / _MEBIBYTE:.0f} MiB" if peaks else "not measured",
        f"{len(samples)}",
    ]


def _growth(results: Results) -> str:
    if not results.holds("900@0"):
        return ""
    rows = []
    for operation in OPERATIONS:
        row = [operation.name]
        for variant in (FLOOR, OURS):
            each = [seconds(results, f"{size}@0", variant, operation.name) for size in (15, 150, 900)]
            shown = zip(each, (15, 150, 900), strict=True)
            row += [f"{1000 * time / size:.1f} ms" if time else "" for time, size in shown]
            memory = memory_per_webhook(results, variant, operation.name)
            row.append("" if memory is None else f"{memory / 1024:.1f} KiB")
        rows.append(row)
    header = ["operation"]
    for variant in (FLOOR, OURS):
        header += [f"{variant}, 15", "150", "900", "memory"]
    return (
        "## Growth\n\nTime per webhook, and plugin memory for each webhook beyond the 15th, in stacks of "
        "15, 150 and "
        "900.\n\n" + _rows(header, rows)
    )


def _imports(results: Results) -> str:
    if not results.imports:
        return ""
    rows = [
        [title, *_import_times(results, bare, name)]
        for title, bare, name in (
            ("the user's program", PROGRAM, OUR_PROGRAM),
            ("the plugin", BARE_PLUGIN, OUR_PLUGIN),
            *(
                (f"{package} alone, without `core/lazy_imports.py`", BARE_PLUGIN, name)
                for package, name in PARTS_OF_PLUGIN.items()
            ),
        )
    ]
    return (
        "## Imports\n\nWall time of a Python process that only imports, including its exit. Imports are "
        "most of the time that the provider adds to an operation: a plugin process lives for one operation, "
        "and loads requests and pydantic before "
        "its first request.\n\n" + _rows(["process", "Pulumi alone", "with pulumi_sinch", "difference"], rows)
    )


def _import_times(results: Results, bare: str, name: str) -> list[str]:
    more = median(a - b for a, b in zip(results.imports[name], results.imports[bare], strict=True))
    each = [f"{1000 * median(results.imports[which]):.0f} ms" for which in (bare, name)]
    return [*each, f"{1000 * more:+.0f} ms"]


def _method() -> str:
    variants = "\n".join(f"- **{variant}**: {text}." for variant, text in _NAMES.items())
    return (
        "## How it is measured\n\n"
        f"{variants}\n\n"
        "Each round runs one operation with all variants next to each other. The next round runs them in "
        "the opposite order. Ratios and differences are medians over such pairs. Only the CLI command is "
        "timed (`up`, `refresh` and `destroy` with `--skip-preview`). All variants run with "
        f"`--parallel={PARALLEL}`, the engine's default on four cores. It runs against the emulator of this "
        "repository, which delays each response by the given milliseconds. The emulator counts HTTP calls "
        "and TCP connections; the tables show the maximum of all runs. Memory is the peak of the plugin "
        "process (Linux only). The shell script has no state: its previews list the webhooks at Sinch, and "
        "it has no refresh. All processes run from compiled bytecode, as installed packages do.\n\n"
        '`make bench` measures everything again. `make bench PARTS="15@0 imports"` adds runs to parts of it.'
    )
