"""The package with the oldest versions that it allows of what it needs."""

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
SDK_DEPENDENT = (
    "test_duplicate_targets",
    "test_component_providers",
    "test_webhook",
    "test_explicit_provider",
    "test_lookup",
    "plugin/test_naming",
)
"""Unit tests of what touches parts of the Pulumi SDK that may change."""


@pytest.mark.parametrize("allowed", ALLOWED, ids=str)
def test_the_oldest_versions_are_those_of_the_package(allowed: Requirement) -> None:
    """After a change of a lower bound, `tools/oldest/lock` has to run again."""
    (oldest,) = [part.version for part in allowed.specifier if part.operator == ">="]
    assert LOCKED[allowed.name].split(".")[:2] == oldest.split(".")[:2]


def test_constructors_with_the_oldest_sdk(tmp_path: Path) -> None:
    """Whatever of the SDK is private, or has changed since, works with the oldest Pulumi too."""
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
        ([*command, *(f"tests/unit/{name}.py" for name in SDK_DEPENDENT)], " passed"),
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
