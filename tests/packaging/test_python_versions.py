"""The package on each supported Python that this machine has."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ("3.10", "3.11", "3.12", "3.13")

SMOKE = """
import pickle, sys
import pulumi_sinch
heavy = {"pulumi", "requests", "pydantic", "flask"} & set(sys.modules)
assert not heavy, heavy
for name in pulumi_sinch.__all__:
    getattr(pulumi_sinch, name)
assert "pydantic" not in sys.modules and "requests" not in sys.modules
from pulumi_sinch.provider import SinchWebhookProvider
pickled = pickle.dumps(SinchWebhookProvider(), 4)
assert b"pulumi_sinch.provider" in pickled and len(pickled) < 100, len(pickled)
assert type(pickle.loads(pickled)) is SinchWebhookProvider
inputs = {"target": "https://a.example/", "triggers": ["ALL"], "project_id": "p"}
checked = SinchWebhookProvider().check({}, inputs)
assert not checked.failures, checked.failures
failures = SinchWebhookProvider().check({}, {"target": "nonsense", "triggers": "ALL"}).failures
assert len(failures) == 3, failures
from pulumi_sinch.emulator import Emulator
with Emulator() as sinch:
    sinch.create_webhook("https://a.example/", ["ALL"], "a-secret")
assert pulumi_sinch.verify_signature(b"", pulumi_sinch.sign(b"", "s"), "s") == 0
print("fine")
"""


@pytest.fixture(params=VERSIONS)
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """An environment of one Python with the locked dependencies.

    They come only from the package manager's cache, so that nothing is downloaded.
    """
    version = request.param
    python = shutil.which(f"python{version}")
    if (
        not python
        or subprocess.run([python, "--version"], capture_output=True, check=False, timeout=20).returncode
    ):
        pytest.skip(f"this machine has no python{version}")
    uv = Path(sys.executable).parent / "uv"
    options = ("--offline", "--locked", "--no-dev", "--all-extras", "--no-install-project")
    synced = subprocess.run(
        [uv, "sync", *options, "--python", python],
        cwd=ROOT,
        env={**os.environ, "UV_PROJECT_ENVIRONMENT": str(tmp_path / "environment")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if synced.returncode:
        reason = synced.stderr.strip().splitlines()[-1]
        pytest.skip(f"not all dependencies for Python {version} are in the local cache: {reason}")
    return tmp_path / "environment"


def test_imports_pickles_and_checks(environment: Path, tmp_path: Path) -> None:
    """Imports, the pickled provider, a check, the emulator and a signature work on each Python."""
    smoke = subprocess.run(
        [environment / "bin" / "python", "-W", "error::DeprecationWarning:pulumi_sinch", "-c", SMOKE],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONPATH": str(ROOT / "provider")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert smoke.stdout == "fine\n", smoke.stderr
