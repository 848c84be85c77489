"""The site can be built without network, and all links work."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from chromium import opened_browser
from documentation.markdown import DOCS, PAGES, ROOT, anchors, prose

REPOSITORY = "https://github.com/pulumi-sinch/pulumi-sinch"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A closed port as proxy simulates a machine without network."""
    folder = tmp_path_factory.mktemp("site")
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "NO_MKDOCS_2_WARNING": "1", **nowhere},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    return folder


def test_every_page_is_built(site: Path) -> None:
    """Each page of the folder becomes one page of the site."""
    for page in DOCS.glob("*.md"):
        built = site / ("index.html" if page.stem == "index" else f"{page.stem}/index.html")
        assert built.is_file(), page.name


def test_readers_load_nothing_from_elsewhere(site: Path) -> None:
    """Pages load no fonts, scripts, styles or pictures from other hosts."""
    for page in site.rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|img|link|iframe)\b[^>]*(?:src|href)=\"?(https?://[^\"> ]+)", page.read_text()
        )
        assert loaded == [], page.relative_to(site)


WIDER_THAN_THEIR_PLACE = """
[document.documentElement, ...document.querySelectorAll(".md-typeset__scrollwrap")]
  .filter((place) => place.scrollWidth > place.clientWidth)
  .map((place) => place.textContent.trim().slice(0, 40))
"""
SPLIT_NAMES = """
[...document.querySelectorAll(".md-typeset td code")]
  .filter((name) => name.textContent.length <= 36 && !/\\s/.test(name.textContent))
  .filter((name) => name.getClientRects().length > 1)
  .map((name) => name.textContent)
"""


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(("scheme", "colors"), [("light", "default"), ("dark", "slate")])
def test_pages_are_accessible_and_fit(
    site: Path, tmp_path: Path, scheme: str, colors: str, width: int
) -> None:
    """On a phone and a desktop, axe finds nothing serious, no table is cut off, and tables split no name."""
    with opened_browser(tmp_path) as browser:
        for page in ("webhook", "troubleshooting", "receivers"):
            url = (site / page / "index.html").as_uri()
            browser.open(url, scheme, width=width, height=844)
            # The scripts of the theme choose the colors and wrap the tables.
            browser.wait_for(f"document.body.dataset.mdColorScheme == '{colors}'")
            browser.wait_for("document.querySelector('.md-typeset__scrollwrap td[data-column]')")
            assert browser.serious_problems() == [], page
            assert browser.run(WIDER_THAN_THEIR_PLACE) == [], page
            assert browser.run(SPLIT_NAMES) == [], page


def test_tables_show_no_escaped_pipe(site: Path) -> None:
    """A type such as `str | None` in a table would show the backslash."""
    for page in site.glob("*/index.html"):
        assert "\\|" not in page.read_text(), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_project_lead_somewhere(page: Path) -> None:
    """Links to files and headings work, including those with the repository's address."""
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        here = re.match(rf"{REPOSITORY}/(?:blob|tree)/main/([^#]*)", target)
        if here:
            place = ROOT / here[1]
        elif re.match(r"[a-z]+:", target):
            continue
        else:
            place = page.parent / target.partition("#")[0] if not target.startswith("#") else page
        assert place.exists(), target
        _, _, anchor = target.partition("#")
        if anchor and place.suffix == ".md":
            assert anchor in anchors(place), target
