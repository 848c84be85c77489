"""Draw the charts of docs/performance.md: the time of each variant for each operation, with 15 webhooks."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pygal
from bounds import seconds
from plan import OPERATIONS, VARIANTS
from pygal.style import Style
from results import Results

CHARTS = {
    "15@0": ("performance-15-at-0-ms.svg", "15 webhooks, Sinch responds at once (seconds, median)"),
    "15@100": ("performance-15-at-100-ms.svg", "15 webhooks, Sinch takes 100 ms per call (seconds, median)"),
}
"""File and title of the chart, by part of the benchmark. Other parts have no chart."""

_STYLE = Style(
    background="white",
    plot_background="white",
    font_family="sans-serif",
    colors=("#9a9a9a", "#0b6e99", "#e0a030", "#b3554a", "#d9c8a0"),  # distinguishable in gray too
    opacity="1",
    value_font_size=9,
)


def write_charts(results: Results, folder: Path) -> None:
    """Write the charts of the measured parts. The same figures always result in the same files."""
    for part, (file, title) in CHARTS.items():
        if results.holds(part):
            (folder / file).write_text(_chart(results, part, title))


def bar_chart(file: str, title: str) -> pygal.Bar:
    """Return a chart without bars, in the style that all charts have."""
    bars = pygal.Bar(
        style=_STYLE,
        title=title,
        width=960,
        height=420,
        js=[],
        legend_at_bottom=True,
        show_y_guides=False,
        print_values=True,
        print_values_position="top",
        value_formatter=lambda value: f"{value:.2f}",
    )
    bars.uuid = Path(file).stem
    return bars


def _chart(results: Results, part: str, title: str) -> str:
    bars = bar_chart(CHARTS[part][0], title)
    bars.x_labels = [operation.name for operation in OPERATIONS]
    for variant in VARIANTS:
        bars.add(variant, [seconds(results, part, variant, operation.name) for operation in OPERATIONS])
    return drawn(bars)


def drawn(bars: pygal.Bar) -> str:
    """Return a chart as SVG. The same figures always result in the same SVG."""
    drawing = bars.render_tree()
    for parent in [*drawing.iter()]:
        for script in parent.findall("script"):
            parent.remove(script)  # the script only animates the chart
    return ET.tostring(drawing, encoding="unicode")
