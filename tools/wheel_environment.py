"""A virtual environment with the built wheel, like a user's.

Pulumi searches installed distributions for `pulumi-plugin.json`, and some releases do not find it in an
editable install such as the one in `.venv` (ENGINE.md, Plugins). So programs that the CLI runs use this
environment.
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

    Needs no network: the dependencies are links to the environment of the running Python. Only runtime
    dependencies are linked, because each Pulumi command runs `pip list`, which takes longer in an environment
    with development tools.

    Args:
        folder: Where the environment goes.
        source: A checkout, by default this one.
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
    """Return the files and folders in `site-packages` that belong to the package's dependencies or to pip."""
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
