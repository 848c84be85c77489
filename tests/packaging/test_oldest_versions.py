"""The package with the oldest versions of its dependencies that it allows."""

import os
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LOCKED = dict(
    re.findall(r"^([\w-]+)==([\d.]+)", (ROOT / "tools/oldest/requirements.txt").read_text(), re.MULTILINE)
)
ALLOWED = [Requirement(text) for text in metadata.requires("pulumi-sinch") or ()]
TESTS = (
    *("duplicate_targets", "component_providers", "webhook", "explicit_provider", "lookup"),
    *("api/attempt", "api/proxies", "api/network_settings", "plugin/naming"),
)
"""Unit tests of code that uses changing parts of the Pulumi SDK, requests and urllib3."""


@pytest.mark.parametrize("allowed", ALLOWED, ids=str)
def test_the_oldest_versions_are_those_of_the_package(allowed: Requirement) -> None:
    """The oldest versions match the lower bounds. `tools/oldest/lock` updates them."""
    (oldest,) = [part.version for part in allowed.specifier if part.operator == ">="]
    assert LOCKED[allowed.name].split(".")[:2] == oldest.split(".")[:2]


def test_unit_tests_with_the_oldest_versions(tmp_path: Path) -> None:
    """Unit tests pass with the oldest versions."""
    found = subprocess.run(
        [ROOT / "tools/oldest/install", "--find"], capture_output=True, text=True, check=False, timeout=20
    )
    if found.returncode:
        pytest.skip(found.stderr.strip())
    python = f"{found.stdout.strip()}/bin/python"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "provider")}
    versions = "from importlib.metadata import version as v; print(v('pulumi'), v('pydantic'), v('requests'))"
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    runs: tuple[tuple[list[str], str], ...] = (
        ([python, "-c", versions], " ".join(LOCKED[name] for name in ("pulumi", "pydantic", "requests"))),
        ([*command, *(_test_file(name) for name in TESTS)], " passed"),
    )
    for arguments, expected in runs:
        ran = subprocess.run(
            arguments,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert expected in ran.stdout


def _test_file(name: str) -> str:
    folder, _, module = name.rpartition("/")
    return str(Path("tests/unit", folder, f"test_{module}.py"))
