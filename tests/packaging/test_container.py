"""The emulator without Pulumi: the wheel, a short list of requirements, and the Containerfile."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CONTAINER = ROOT / "container"
EXPORT = (
    "export",
    "--locked",
    "--offline",
    "--only-group",
    "emulator",
    "--no-hashes",
    "--no-annotate",
    "--no-header",
    "--quiet",
)


def uv(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / "uv", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with only the requirements and the wheel."""
    folder = tmp_path_factory.mktemp("container")
    options = ("--offline", "--locked", "--only-group", "emulator", "--no-install-project")
    synced = uv("sync", *options, "--python", sys.executable, UV_PROJECT_ENVIRONMENT=str(folder / "env"))
    if synced.returncode:
        pytest.skip(f"the local cache lacks a requirement: {synced.stderr.strip().splitlines()[-1]}")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (wheel,) = folder.glob("*.whl")
    python = folder / "env/bin/python"
    installed = uv("pip", "install", "--offline", "--no-deps", "--python", python, wheel)
    assert installed.returncode == 0, installed.stderr
    return folder / "env"


def test_the_emulator_runs_without_pulumi(environment: Path) -> None:
    """The wheel (installed with --no-deps) and the requirements serve API, page and control API."""
    absent = "import importlib.util as i, sys; sys.exit(any(map(i.find_spec, ['pulumi', 'grpc', 'rich'])))"
    assert subprocess.run([environment / "bin/python", "-c", absent], check=False).returncode == 0
    command: list[str | Path] = [environment / "bin/pulumi-sinch", "emulator", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            exported = dict(process.stdout.readline()[7:].split("=", 1) for _ in range(5))
            url = exported["SINCH_API_URL"].strip()
            for path in ("/", "/_emulator/health"):
                assert requests.get(url + path, timeout=30).status_code == 200
        finally:
            process.kill()


def test_the_requirements_are_the_locked_ones() -> None:
    """`container/lock` writes the versions of uv.lock."""
    exported = uv(*EXPORT)
    assert exported.returncode == 0, exported.stderr
    written = (CONTAINER / "requirements.txt").read_text()
    assert written == f"# Written by container/lock.\n{exported.stdout}"


def test_the_requirements_are_a_part_of_the_packages() -> None:
    """The group `emulator` has the same ranges as the dependencies and the extra `tools`."""
    text = (ROOT / "pyproject.toml").read_text()
    (block,) = re.findall(r"^emulator = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    group = re.findall(r'^    "(.*)",$', block, re.MULTILINE)
    assert len(group) > 3
    for requirement in group:
        assert text.count(f'"{requirement}"') == 2, requirement


def test_the_containerfile_passes_the_linter() -> None:
    """Hadolint reports nothing."""
    hadolint = shutil.which(BIN / "hadolint")
    assert hadolint
    linted = subprocess.run(
        [hadolint, CONTAINER / "Containerfile"], capture_output=True, text=True, timeout=60, check=False
    )
    assert (linted.returncode, linted.stdout) == (0, "")
