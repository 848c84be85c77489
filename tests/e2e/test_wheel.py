"""What a user installs, away from the repository."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from e2e.harness import Stack

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> str:
    finished = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture
def fresh_environment(tmp_path: Path) -> Path:
    """A virtual environment with the built wheel; its dependencies are borrowed, as tests have no network."""
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist", cwd=ROOT)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    environment = tmp_path / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    # Behind the environment's own packages; an editable install there is not followed from here.
    borrowed = Path(sysconfig.get_path("purelib"))
    own = Path(
        run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path).strip()
    )
    (own / "borrowed.pth").write_text(f"{borrowed}\n")
    run(python, "-m", "pip", "install", "--no-index", "--no-deps", wheel, cwd=tmp_path)
    where = run(python, "-c", "import pulumi_sinch; print(pulumi_sinch.__file__)", cwd=tmp_path).strip()
    assert Path(where).is_relative_to(environment)
    return environment


def test_the_wheel_runs_a_stack_outside_the_repository(stack: Stack, fresh_environment: Path) -> None:
    """`up`, an empty preview, refresh and destroy with nothing but the installed wheel."""
    stack.environment["PATH"] = f"{fresh_environment / 'bin'}:{stack.environment['PATH']}"
    stack.write("""
import pulumi_sinch
from pathlib import Path
assert "environment" in Path(pulumi_sinch.__file__).parts, pulumi_sinch.__file__
SinchWebhook("senders", target="https://hooks.example.com/", triggers=[Trigger.ALL])
""")
    stack.up()
    assert len(stack.emulator.webhooks()) == 1
    stack.assert_preview_is_empty()
    stack.refresh()
    stack.destroy()
    assert stack.emulator.webhooks() == []
