"""Write the section about fleets of docs/performance.md, and its chart.

If a run measures only other parts, the section stays as it is.
"""

import re
from pathlib import Path
from statistics import median

from chart import bar_chart, drawn
from desired import PER_PROJECT
from plan import FLEET_OPERATIONS, FLEET_PARALLEL, ONE_STACK
from results import FleetSample, RateSample, Results

CHART = "performance-fleet.svg"
TITLE = "## Fleets"
RATE_LIMIT = 1.3
"""Maximum time of an `up` under a rate limit, divided by the minimum time that the rate limit allows."""

_FIRST_UP, _NO_CHANGES = (operation.name for operation in FLEET_OPERATIONS)
_SECTION = re.compile(rf"^{TITLE}$.*?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_LAYOUTS = list(dict.fromkeys(layout for layouts in FLEET_PARALLEL.values() for layout in layouts))
_MEBIBYTE = 1024 * 1024


def merge_fleet(page: str, previous: str, results: Results) -> str:
    """Return the page with the section about fleets, which is before the section "How".

    Without figures of fleets, the page gets the section of the previous page.

    Args:
        page: The new page, with or without the section.
        previous: The previous page.
        results: The figures.
    """
    found = _SECTION.search(previous)
    section = fleet_section(results) if results.fleet else found.group().rstrip() if found else ""
    rest = _SECTION.sub("", page)
    if not section:
        return rest
    before, how, after = rest.partition("## How it is measured\n")
    return f"{before.rstrip()}\n\n{section}\n\n{how}{after}".rstrip() + "\n"


def fleet_section(results: Results) -> str:
    """Return the section about fleets."""
    machine = "; ".join(f"{name}: {value}" for name, value in results.machine.items())
    introduction = (
        f"Sinch projects with {PER_PROJECT} webhooks each, at 0 ms a call: as one stack, and as a "
        "stack for each project (`examples/fleet`, with the creation of the stacks), 1, 2 or 4 at a "
        f"time. Memory is the most that all processes hold at a time. Measured {results.measured_at} "
        f"(UTC) on: {machine}."
    )
    parts = [
        TITLE,
        introduction,
        f"![Seconds of the first up for each project]({CHART})",
        _table(results),
        _choice(results),
    ]
    if results.rate_limits:
        parts.append(_rate_limits(results.rate_limits))
    return "\n\n".join(part for part in parts if part)


def write_fleet_chart(results: Results, folder: Path) -> None:
    """Write the chart of the fleets, if there are figures of fleets."""
    if not results.fleet:
        return
    sizes = _sizes(results)
    bars = bar_chart(CHART, "Seconds of the first up for each project, by number of projects")
    bars.x_labels = [str(size) for size in sizes]
    for layout in _LAYOUTS:
        bars.add(_name(layout), [_per_project(results, size, layout) for size in sizes])
    guesses = [None if _seconds(results, size, ONE_STACK) else _extrapolated(results, size) for size in sizes]
    values = [guess / size if guess else None for guess, size in zip(guesses, sizes, strict=True)]
    bars.add("one stack, extrapolated", values)
    (folder / CHART).write_text(drawn(bars))


def _name(layout: str) -> str:
    return layout if layout == ONE_STACK else f"stacks, {layout} at a time"


def _sizes(results: Results) -> list[int]:
    return sorted({sample.projects for sample in results.fleet})


def _samples(results: Results, projects: int, layout: str, operation: str = _FIRST_UP) -> list[FleetSample]:
    wanted = (projects, layout, operation)
    return [each for each in results.fleet if (each.projects, each.layout, each.operation) == wanted]


def _seconds(results: Results, projects: int, layout: str, operation: str = _FIRST_UP) -> float | None:
    samples = _samples(results, projects, layout, operation)
    return median(sample.seconds for sample in samples) if samples else None


def _per_project(results: Results, projects: int, layout: str) -> float | None:
    seconds = _seconds(results, projects, layout)
    return seconds / projects if seconds else None


def _fit(results: Results) -> tuple[float, float] | None:
    """Return a and b of `seconds = a * n + b * n²`, where n is the number of projects in one stack.

    The function goes through the figures of the two largest fleets that were measured as one stack.
    """
    measured = [
        (size, seconds / size) for size in _sizes(results) if (seconds := _seconds(results, size, ONE_STACK))
    ][-2:]
    if len(measured) < 2:  # noqa: PLR2004 - a line needs two points
        return None
    (small, low), (large, high) = measured
    slope = (high - low) / (large - small)
    return low - slope * small, slope


def _extrapolated(results: Results, projects: int) -> float | None:
    fit = _fit(results)
    return fit[0] * projects + fit[1] * projects**2 if fit else None


def _table(results: Results) -> str:
    header = [
        "projects",
        "layout",
        "first `up`",
        "for each project",
        "`up` without changes",
        "memory",
        "HTTP calls of the first `up`",
        "runs",
    ]
    rows = [header, ["---:", "---", *["---:"] * (len(header) - 2)]]
    for size in _sizes(results):
        rows += [row for layout in _LAYOUTS if (row := _row(results, size, layout))]
        guess = _extrapolated(results, size)
        if guess and not _seconds(results, size, ONE_STACK):
            rows.append(
                [
                    str(size),
                    "one stack, **extrapolated**",
                    f"{guess:.0f} s",
                    f"{guess / size:.2f} s",
                    "",
                    "",
                    "",
                    "0",
                ]
            )
    text = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    if "extrapolated" in text:
        text += (
            "\n\nThe extrapolated time is that of a square function through the two largest fleets "
            "that were measured as one stack. Nothing was run."
        )
    return text


def _row(results: Results, size: int, layout: str) -> list[str] | None:
    samples = _samples(results, size, layout)
    first = _seconds(results, size, layout)
    if first is None:
        return None
    again = _seconds(results, size, layout, _NO_CHANGES)
    peaks = [sample.peak_memory for sample in samples if sample.peak_memory]
    return [
        str(size),
        _name(layout),
        f"{first:.1f} s",
        f"{first / size:.2f} s",
        f"{again:.1f} s" if again else "",
        f"{max(peaks) / _MEBIBYTE:.0f} MiB" if peaks else "not measured",
        str(max(sum(sample.calls.values()) for sample in samples)),
        str(len(samples)),
    ]


def _choice(results: Results) -> str:
    """Return the paragraph that says when to choose one stack, and when a stack for each project."""
    fit = _fit(results)
    # The largest fleet that was measured in both layouts.
    sizes = [size for size in _sizes(results) if _seconds(results, size, ONE_STACK)]
    stacks = [
        (each, layout)
        for layout in _LAYOUTS
        if layout != ONE_STACK and sizes and (each := _per_project(results, sizes[-1], layout))
    ]
    if fit is None or not stacks:
        return ""
    per_project, layout = min(stacks)
    start, slope = fit
    if slope <= 0 or per_project <= start:
        return (
            "**Which layout.** These figures do not tell: the time of one stack does not grow faster "
            "than the number of projects."
        )
    break_even = (per_project - start) / slope
    return (
        "**Which layout.** The engine writes its whole state after each step, so the first `up` of "
        "one stack grows with the square of its size. A stack for each project takes "
        f"{per_project:.2f} s for each project at any size, {layout} at a time. Both take the same "
        f"with about {break_even:.0f} projects: below, choose one stack, above, choose stacks. The "
        "same holds for every `up` that changes most webhooks. An `up` without changes skips most of "
        "these writes, so one stack is faster there: with stacks, name the customers that changed "
        "(`fleet.py up acme`). Choose stacks earlier if customers must not affect each other."
    )


def _rate_limits(samples: list[RateSample]) -> str:
    header = [
        "projects",
        "shards",
        "stacks at a time in each",
        "requests per second",
        "burst",
        "accepted",
        "rejected with 429",
        "minimum",
        "measured",
        f"over the minimum, at most {RATE_LIMIT:.2f}x",
    ]
    rows = [header, ["---:"] * len(header)]
    for each in samples:
        ratio = each.seconds / each.minimum if each.minimum else 0.0
        figures = (
            each.projects,
            each.shards,
            each.parallel,
            f"{each.rate:g}",
            each.burst,
            each.accepted,
            each.rejected,
        )
        verdict = "" if ratio <= RATE_LIMIT else " (**missed**)"
        times = [f"{each.minimum:.1f} s", f"{each.seconds:.1f} s", f"{ratio:.2f}x{verdict}"]
        rows.append([*map(str, figures), *times])
    return (
        "**Under a rate limit.** The first `up` of a fleet whose customers share one access key. The "
        "limit is a token bucket. No customer failed. The minimum is the time in which the bucket "
        "gains the tokens of the accepted requests, less the burst. The measured time has the start "
        "of the commands in it.\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows)
    )
