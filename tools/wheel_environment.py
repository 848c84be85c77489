"""Create a virtual environment in which the built wheel is installed, as in a user's environment.

Pulumi searches the installed packages for the file `pulumi-plugin.json`. Some releases of Pulumi do not find
the file in an editable install such as the one in `.venv` (ENGINE.md, Plugins). So the programs that the
Pulumi CLI runs in tests and tools use an environment with the wheel.
"""

import importlib.metadata
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]


def make_wheel_environment(folder: Path, source: Path = ROOT) -> Path:
    """Build the wheel, install it into a new virtual environment, and return the folder of its commands.

    This needs no network, because the dependencies are links to the environment of the running Python. Only
    runtime dependencies are linked. Each Pulumi command runs `pip list`, which would take longer in an
    environment with development tools.

    Args:
        folder: The folder for the new environment.
        source: The checkout to build, by default the checkout that contains this file.
    """
    venv.create(folder, symlinks=True)
    site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    for name in _runtime_dependencies():
        (site_packages / name).symlink_to(Path(sysconfig.get_path("purelib")) / name)
    with tempfile.TemporaryDirectory() as dist:
        _run("hatchling", "build", "-t", "wheel", "-d", dist, folder=source)
        (wheel,) = Path(dist).glob("*.whl")
        options = ("--python", str(folder), "--offline", "--no-deps", "--compile-bytecode")
        _run("uv", "pip", "install", *options, str(wheel))
    return folder / "bin"


def _runtime_dependencies() -> set[str]:
    """Return the names in `site-packages` that belong to dependencies of the package or to pip."""
    found = {"__pycache__"}  # compiled modules
    seen = set()
    waiting = [Requirement("pulumi-sinch[tools]"), Requirement("pip")]
    while waiting:
        wanted = waiting.pop()
        distribution = importlib.metadata.distribution(wanted.name)
        for text in distribution.requires or []:
            required = Requirement(text)
            extras = wanted.extras or {""}
            if required.marker is None or any(required.marker.evaluate({"extra": extra}) for extra in extras):
                name = (canonicalize_name(required.name), *sorted(required.extras))
                if name not in seen:
                    seen.add(name)
                    waiting.append(required)
        if wanted.name != "pulumi-sinch":
            found |= {path.parts[0] for path in distribution.files or [] if path.parts[0] != ".."}
    return found


def _run(module: str, *arguments: str, folder: Path = ROOT) -> None:
    command = [sys.executable, "-m", module, *arguments]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if finished.returncode:
        sys.exit(f"`{' '.join(command)}` failed:\n{finished.stdout}{finished.stderr}")
