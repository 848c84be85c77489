"""A virtual environment with the built wheel, as a user has it.

Pulumi looks for `pulumi-plugin.json` where a distribution is installed, and some releases do not find it in an editable
install such as that of `.venv` (ENGINE.md, Plugins). Programs that the CLI runs use this environment instead.
"""

import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def make_wheel_environment(folder: Path) -> Path:
    """Build the wheel, install it into a new virtual environment, and return the folder of its commands.

    Needs no network: the dependencies are those of the running Python's environment.

    Args:
        folder: Where the environment goes.
    """
    venv.create(folder, symlinks=True)
    site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    # Python does not read the .pth files of a folder that a .pth file names, so the editable install stays hidden.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with tempfile.TemporaryDirectory() as dist:
        _run("hatchling", "build", "-t", "wheel", "-d", dist)
        (wheel,) = Path(dist).glob("*.whl")
        options = ("--python", str(folder), "--offline", "--no-deps", "--compile-bytecode")
        _run("uv", "pip", "install", *options, str(wheel))
    return folder / "bin"


def _run(module: str, *arguments: str) -> None:
    command = [sys.executable, "-m", module, *arguments]
    finished = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    if finished.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{finished.stdout}{finished.stderr}")
