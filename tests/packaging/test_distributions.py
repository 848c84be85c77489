"""The published files: a wheel and a source distribution."""

import json
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
VERSION_FILE = "provider/pulumi_sinch/version.py"
(VERSION,) = re.findall(r'^__version__ = "(.*)"$', (ROOT / VERSION_FILE).read_text(), re.MULTILINE)


def run(*command: str | Path, cwd: Path) -> str:
    finished = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(cwd), "no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def build(source: Path, folder: Path) -> tuple[Path, Path]:
    """Build both with the installed hatchling, without network. Returns sdist and wheel."""
    run(sys.executable, "-m", "hatchling", "build", "-d", folder, cwd=source)
    (sdist,) = folder.glob("*.tar.gz")
    (wheel,) = folder.glob("*.whl")
    return sdist, wheel


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return build(ROOT, tmp_path_factory.mktemp("dist"))


def files(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def metadata_of(wheel: Path) -> Message:
    return HeaderParser().parsestr(files(wheel)[f"pulumi_sinch-{VERSION}.dist-info/METADATA"].decode())


def tracked(folder: str) -> set[str]:
    """Return the files below a folder that git would commit."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", folder)
    listed = run(*command, cwd=ROOT).splitlines()
    return {name for name in listed if (ROOT / name).exists()}


def test_a_package_index_would_take_both(built: tuple[Path, Path]) -> None:
    """A package index would accept metadata and README."""
    run(BIN / "twine", "check", "--strict", *built, cwd=ROOT)


def test_the_wheel_is_well_made(built: tuple[Path, Path]) -> None:
    """The wheel has only the package at its top level, without caches, tests and duplicates."""
    run(BIN / "check-wheel-contents", "--toplevel", "pulumi_sinch", built[1], cwd=ROOT)


def test_the_wheel_holds_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    """The wheel contains exactly the files of `provider/pulumi_sinch` and the metadata."""
    expected = {name.removeprefix("provider/") for name in tracked("provider/pulumi_sinch")}
    assert "pulumi_sinch/py.typed" in expected
    inside = {name for name in files(built[1]) if ".dist-info/" not in name}
    assert inside == expected


def test_the_source_distribution_holds_what_the_wheel_is_built_from(built: tuple[Path, Path]) -> None:
    """The source distribution has no tests, examples, caches or lock files."""
    with tarfile.open(built[0]) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    # The build backend adds the ignore file, which it needs to build the same files again.
    around = {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert inside == tracked("provider/pulumi_sinch") | around


def test_both_tell_pulumi_that_no_plugin_is_needed(built: tuple[Path, Path]) -> None:
    """Without `pulumi-plugin.json`, Pulumi tries to download a plugin for a distribution named `pulumi-*`."""
    with tarfile.open(built[0]) as archive:
        file = archive.extractfile(f"pulumi_sinch-{VERSION}/provider/pulumi_sinch/pulumi-plugin.json")
        assert file
        in_sdist = file.read()
    in_wheel = files(built[1])["pulumi_sinch/pulumi-plugin.json"]
    assert json.loads(in_wheel) == json.loads(in_sdist) == {"resource": False}


def test_the_source_distribution_builds_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    """A wheel built from the source distribution equals the published wheel."""
    with tarfile.open(built[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    _, wheel = build(tmp_path / f"pulumi_sinch-{VERSION}", tmp_path / "dist")
    assert files(wheel) == files(built[1])


def test_the_metadata_is_complete(built: tuple[Path, Path]) -> None:
    """The metadata for the package index is complete."""
    metadata = metadata_of(built[1])
    for field in ("Summary", "License-Expression", "License-File", "Keywords", "Author", "Requires-Python"):
        assert metadata[field], field
    urls = dict(url.split(", ") for url in metadata.get_all("Project-URL", []))
    assert {"Documentation", "Repository", "Changelog", "Issues"} <= set(urls)
    assert all(url.startswith("https://") for url in urls.values())
    # A relative link in the README does not work on the package index.
    assert re.findall(r"\]\((?!https://)[^)]*\)", (ROOT / "README.md").read_text()) == []


def test_users_get_three_packages(built: tuple[Path, Path]) -> None:
    """`pip install pulumi-sinch` installs pulumi, pydantic, requests and its urllib3, and no extras."""
    required = metadata_of(built[1]).get_all("Requires-Dist", [])
    always = {re.split(r"[<>=]", line)[0] for line in required if "extra ==" not in line}
    assert always == {"pulumi", "pydantic", "requests", "urllib3"}


def test_the_version_is_in_one_place() -> None:
    """Only `version.py` has the version. It is the newest release in the changelog."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", changelog, re.MULTILINE)
    assert releases[0][0] == VERSION
    assert [date for _, date in releases] == sorted((date for _, date in releases), reverse=True)
    for name in tracked("provider") - {VERSION_FILE}:
        assert VERSION not in (ROOT / name).read_text(), name


def test_the_changelog_keeps_its_form() -> None:
    """The changelog follows Keep a Changelog: `Unreleased` first, and the named kinds in order."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    sections = re.split(r"^## ", changelog, flags=re.MULTILINE)[1:]
    assert sections[0].startswith("[Unreleased]")
    kinds = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for text in sections:
        found = re.findall(r"^### (.*)$", text, re.MULTILINE)
        assert found == [kind for kind in kinds if kind in found]
        assert set(found) <= set(kinds)


def test_the_classifiers_name_the_tested_versions(built: tuple[Path, Path]) -> None:
    """The classifiers name exactly the Python versions in the CI matrix."""
    metadata = metadata_of(built[1])
    promised = set(
        re.findall(r"Python :: (3\.\d+)$", "\n".join(metadata.get_all("Classifier", [])), re.MULTILINE)
    )
    workflow = (ROOT / ".github/workflows/ci.yml").read_text()
    matrix = re.search(r"python: \[(.*)\]", workflow)
    assert matrix
    assert set(re.findall(r"3\.\d+", matrix[1])) == promised
    assert min(promised, key=lambda version: int(version[2:])) in metadata["Requires-Python"]
