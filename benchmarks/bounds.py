"""The bounds of the benchmark, each with its measured figure. Pure functions of the results.

``ours`` is `SinchWebhook`. The ``floor`` is a dynamic provider that does nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import comb
from statistics import median

from desired import PER_PROJECT
from plan import FLOOR, OPERATIONS, OURS, PLUGIN, TUTORIAL
from results import Results, Sample
from startup import OUR_PROGRAM, PROGRAM

MIN_PAIRS = 7
"""Minimum number of pairs for a ratio at 0 ms. A pair has a run of each of two variants in the same round."""

_LIMITS = {
    "15@0": {
        "up": 1.06,
        "preview": 1.03,
        "preview --refresh": 1.06,
        "refresh": 1.03,
        "one-trigger up": 1.06,
        "destroy": 1.03,
    },
    "150@0": dict.fromkeys((operation.name for operation in OPERATIONS), 1.08),
}
"""Maximum time of ours divided by the time of the floor, by part (``webhooks@latency``) and operation."""


@dataclass(frozen=True)
class Bound:
    """A bound that the project promises, and the measured figure.

    Attributes:
        promise: A text that says which figure is bounded.
        limit: The maximum of the figure.
        measured: The figure. A median if there are several runs.
        unit: The unit of `limit` and `measured`, such as ``x`` or `` ms``.
        note: A remark on the figure, or an empty string.
        interval: The 95 % confidence interval of `measured` if it is a median, otherwise None.
    """

    promise: str
    limit: float
    measured: float
    unit: str
    note: str = ""
    interval: tuple[float, float] | None = None

    @property
    def is_kept(self) -> bool:
        """True if the figure may be within the limit. False if its whole interval is above the limit."""
        return (self.interval[0] if self.interval else self.measured) <= self.limit


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % confidence interval of the median of these values.

    The interval is computed from the sorted values, without an assumption about their distribution. With
    fewer than six values, the interval is their whole range, and the confidence is lower than 95 %.
    """
    ordered, count = sorted(values), len(values)
    # The number of outcomes of `count` coin tosses with at most 0, 1, … heads.
    tails = accumulate(comb(count, heads) for heads in range(count))
    first = max(sum(tail <= 0.025 * 2**count for tail in tails) - 1, 0)
    return ordered[first], ordered[-1 - first]


def pairs(results: Results, part: str, operation: str, other: str = FLOOR) -> list[tuple[Sample, Sample]]:
    """Return pairs of samples: one of another variant, and one of ours from the same round.

    By default, the other variant is the floor.
    """
    others = {sample.round: sample for sample in results.of(part, other, operation)}
    return [
        (others[sample.round], sample)
        for sample in results.of(part, OURS, operation)
        if sample.round in others
    ]


def ratios(results: Results, part: str, operation: str, other: str = FLOOR) -> list[float]:
    """Return a ratio for each of the `pairs`: the time of ours divided by the time of the other variant."""
    return [ours.seconds / its.seconds for its, ours in pairs(results, part, operation, other)]


def ratio(results: Results, part: str, operation: str) -> float:
    """Return the median of the ratios: the time of ours divided by the time of the floor."""
    return median(ratios(results, part, operation))


def difference(results: Results, part: str, operation: str) -> float:
    """Return the median of the differences in seconds: the time of ours minus the time of the floor."""
    return median(ours.seconds - floor.seconds for floor, ours in pairs(results, part, operation))


def seconds(results: Results, part: str, variant: str, operation: str) -> float | None:
    """Return the median time of an operation, or `None` if the operation was not measured."""
    samples = results.of(part, variant, operation)
    return median(sample.seconds for sample in samples) if samples else None


def bounds(results: Results) -> list[Bound]:
    """Return all bounds whose figures were measured."""
    return [
        *_ratios(results),
        *_latencies(results),
        *_calls(results),
        *_connections(results),
        *_start(results),
        *_growth(results),
        *_emulator(results),
    ]


def _ratios(results: Results) -> Iterator[Bound]:
    for part, limits in _LIMITS.items():
        size = part.partition("@")[0]
        for name, limit in limits.items():
            promise = f"`{name}` of {size} at 0 ms: ours over the floor"
            yield from _ratio_bound(promise, limit, ratios(results, part, name))
    for operation in OPERATIONS:
        promise = f"`{operation.name}` of 15 at 0 ms: ours over the tutorial's"
        yield from _ratio_bound(promise, 1.0, ratios(results, "15@0", operation.name, TUTORIAL))


def _ratio_bound(promise: str, limit: float, values: list[float]) -> Iterator[Bound]:
    if values:
        note = "" if len(values) >= MIN_PAIRS else f"only {len(values)} of {MIN_PAIRS} pairs"
        yield Bound(promise, limit, median(values), "x", note, median_interval(values))


def _latencies(results: Results) -> Iterator[Bound]:
    for operation, limit in (("up", 0.7), ("refresh", 0.3)):
        found = pairs(results, "15@100", operation)
        if found:
            promise = f"`{operation}` of 15 at 100 ms: ours less the floor"
            more = [ours.seconds - floor.seconds for floor, ours in found]
            yield Bound(promise, limit, median(more), " s", interval=median_interval(more))
    slow, fast = (seconds(results, part, PLUGIN, "up") for part in ("15@100", "15@0"))
    if slow is not None and fast is not None:
        yield Bound("`up` of 15 with the plugin: at 100 ms less at 0 ms", 0.4, slow - fast, " s")


def _calls(results: Results) -> Iterator[Bound]:
    for part in ("1@0", "15@0", "150@0", "900@0"):
        size = int(part.partition("@")[0])
        projects = -(-size // PER_PROJECT)
        limits = {
            "up": size + 1 + projects,
            "preview": 0,
            "preview --refresh": 1 + projects,
            "refresh": 1 + projects,
            "one-trigger up": 2,
            "destroy": size + 1,
        }
        for operation, limit in limits.items():
            samples = results.of(part, OURS, operation)
            if samples:
                most = max(sum(sample.calls.values()) for sample in samples)
                yield Bound(f"HTTP calls of `{operation}` of {size}, the token's included", limit, most, "")
        samples = [sample for sample in results.samples if (sample.part, sample.variant) == (part, OURS)]
        if samples:
            most = max(sample.repeated for sample in samples)
            yield Bound(f"HTTP calls sent twice, stack of {size}", 0, most, "")


def _connections(results: Results) -> Iterator[Bound]:
    ours = [sample.connections for sample in results.samples if sample.variant == OURS]
    if ours:
        # The emulator is both the API and the token endpoint. At Sinch, these are two different hosts.
        yield Bound("TCP connections of one process to one host", 5, max(ours), "")


def _start(results: Results) -> Iterator[Bound]:
    if results.imports:
        taken = zip(results.imports[PROGRAM], results.imports[OUR_PROGRAM], strict=True)
        more = median(ours - bare for bare, ours in taken)
        yield Bound("`import pulumi_sinch` over `import pulumi` in the program", 10, 1000 * more, " ms")


def _growth(results: Results) -> Iterator[Bound]:
    for operation in OPERATIONS:
        large = seconds(results, "900@0", OURS, operation.name)
        small = seconds(results, "15@0", OURS, operation.name)
        if large is None or small is None:
            continue
        floor_large = seconds(results, "900@0", FLOOR, operation.name)
        floor_small = seconds(results, "15@0", FLOOR, operation.name)
        note = ""
        if floor_large and floor_small:
            note = f"the floor's grows {floor_large / 60 / floor_small:.2f}-fold"
        promise = f"`{operation.name}`: time per webhook with 900 over that with 15"
        yield Bound(promise, 1.0, large / 60 / small, "x", note)


def _emulator(results: Results) -> Iterator[Bound]:
    if results.emulator:
        # The promise is a minimum of 1,000 requests per second: so a maximum of 1,000 µs for each request.
        rate = median(results.emulator)
        yield Bound(
            "Emulator: microseconds for a GET on one core", 1000, 1e6 / rate, " µs", f"{rate:,.0f} a second"
        )


def memory_per_webhook(results: Results, variant: str, operation: str) -> float | None:
    """Return by how many bytes the plugin's memory grows per webhook, between 15 and 900 webhooks."""
    peaks = [
        [sample.peak_memory for sample in results.of(part, variant, operation) if sample.peak_memory]
        for part in ("15@0", "900@0")
    ]
    if not all(peaks):
        return None
    small, large = (median(part) for part in peaks)
    return (large - small) / (900 - 15)
