"""The examples in TypeScript and Go, with their generated SDKs, and their receivers."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest
import yaml
from e2e.harness import Stack
from e2e.killing import WITHIN, wait_until
from e2e.yaml_programs import plugin_options

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "docs/callback-vectors.json"
needs_node = pytest.mark.skipif(
    shutil.which("npm") is None, reason="TypeScript is not tested: Node.js and npm are not installed"
)
BUILD_TIMEOUT = 600
"""Timeout in seconds of a compiler."""
SDK = "sdks/pulumi-sinch-sinch"
"""The folder into which `pulumi package add` writes an SDK."""
GO_MODULE = "github.com/pulumi-sinch/pulumi-sinch/sdk/go"


def run(*command: str, cwd: Path, stdin: str = "", environment: Mapping[str, str] | None = None) -> str:
    """Run a build tool without network. If it fails, the test fails with the whole output."""
    finished = subprocess.run(
        command,
        cwd=cwd,
        input=stdin,
        env={**os.environ, "GOPROXY": "off", "GOFLAGS": "", **(environment or {})},
        capture_output=True,
        text=True,
        timeout=BUILD_TIMEOUT,
        check=False,
    )
    assert finished.returncode == 0, f"{' '.join(command)}\n{finished.stdout}{finished.stderr}"
    return finished.stdout


def compile_typescript(
    sdks: Path, node_modules: Path, folder: Path, more: Mapping[str, str] | None = None
) -> None:
    """Copy the example, add its SDK as `pulumi package add` does, and compile both.

    Args:
        sdks: The generated SDKs.
        node_modules: The npm packages.
        folder: The folder for the example. It must not exist.
        more: Further files to compile, by name.
    """
    shutil.copytree(ROOT / "examples/typescript", folder, ignore=_BUILT)
    _write(folder, more or {})
    shutil.copytree(sdks / "nodejs", folder / SDK)
    _link_packages(node_modules, folder / SDK)
    run("node", "scripts/postinstall.js", cwd=folder / SDK, environment=_path_with(node_modules))
    _link_packages(node_modules, folder)
    (folder / "node_modules/@pulumi-sinch").mkdir()
    (folder / "node_modules/@pulumi-sinch/sinch").symlink_to(folder / SDK)
    run("tsc", cwd=folder, environment=_path_with(node_modules))


def prepare_go(sdks: Path, folder: Path, more: Mapping[str, str] | None = None) -> None:
    """Copy the example, and add its SDK as `pulumi package add` does.

    Args:
        sdks: The generated SDKs.
        folder: The folder for the example. It must not exist.
        more: Further files, by name.
    """
    shutil.copytree(ROOT / "examples/go", folder, ignore=_BUILT)
    _write(folder, more or {})
    shutil.copytree(sdks / "go", folder / SDK)
    run("go", "mod", "edit", f"-replace={GO_MODULE}=./{SDK}", f"-require={GO_MODULE}@v0.0.0", cwd=folder)
    run("go", "mod", "tidy", cwd=folder)


def use_as_program(stack: Stack, folder: Path) -> None:
    """Write an example into the stack's project, and initialize the stack."""
    shutil.rmtree(stack.program_folder)
    stack.program_folder.symlink_to(folder)
    project = folder / "Pulumi.yaml"
    text = project.read_text()
    project.write_text(text + plugin_options(stack, yaml.safe_load(text)["runtime"]))
    stack.pulumi("stack", "init", "dev")


@contextmanager
def receiving(command: list[str], cwd: Path, port: int, secrets: list[str]) -> Iterator[None]:
    """Run a receiver with the current and the previous secret."""
    environment = {"SINCH_WEBHOOK_SECRET": secrets[0], "SINCH_WEBHOOK_PREVIOUS_SECRET": secrets[1]}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PORT": str(port), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: _is_listening(port), f"receiver at port {port}")
        yield
    finally:
        process.terminate()
        process.wait(WITHIN)


def _is_listening(port: int) -> bool:
    with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
        return True
    return False


_BUILT = shutil.ignore_patterns("node_modules", "bin", "sdks")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)


def _link_packages(node_modules: Path, folder: Path) -> None:
    """Link the npm packages into a folder, which can have others too."""
    (folder / "node_modules").mkdir()
    for package in node_modules.iterdir():
        (folder / "node_modules" / package.name).symlink_to(package)


def _path_with(node_modules: Path) -> dict[str, str]:
    """Return the PATH with the commands of the npm packages."""
    return {"PATH": f"{node_modules / '.bin'}{os.pathsep}{os.environ['PATH']}"}
