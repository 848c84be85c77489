"""Stacks for the engine tests."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.harness import Stack, copy_project, initialize_project, pulumi_environment
from pulumi_sinch.emulator import Emulator
from wheel_environment import make_wheel_environment


@pytest.fixture(scope="session")
def wheel_environment(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A virtual environment with the wheel of the current sources, built once for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    environment = shared / "wheel-environment"
    with (shared / "wheel-environment.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (environment / "bin/pulumi-sinch").exists():
            make_wheel_environment(environment)
    return environment


@pytest.fixture(scope="session")
def prepared_project(tmp_path_factory: pytest.TempPathFactory, wheel_environment: Path) -> Path:
    """A project with the stack `dev` to copy, because `pulumi stack init` is slow."""
    assert shutil.which("pulumi"), "no `pulumi` on the PATH: `make engine` puts one there"
    folder = tmp_path_factory.mktemp("prepared") / "project"
    initialize_project(folder)
    with Emulator() as emulator:
        stack = Stack(folder, pulumi_environment(folder, wheel_environment), emulator)
        stack.pulumi("stack", "init", stack.name)
    return folder


@pytest.fixture
def make_stack(
    tmp_path: Path, sinch_emulator: Emulator, wheel_environment: Path, prepared_project: Path
) -> Iterator[Callable[..., Stack]]:
    """Create stacks. Nothing that any of them printed or stored may contain a secret."""
    stacks: list[Stack] = []

    def make(name: str = "dev", *, share_backend_with: Stack | None = None) -> Stack:
        folder = share_backend_with.folder if share_backend_with else tmp_path / f"project-{len(stacks)}"
        environment = {**pulumi_environment(folder, wheel_environment), **sinch_emulator.environment}
        stack = Stack(folder, environment, sinch_emulator, name)
        if share_backend_with is None and name == "dev":
            copy_project(prepared_project, folder)
        else:
            if share_backend_with is None:
                initialize_project(folder)
            stack.pulumi("stack", "init", name)
        if share_backend_with is None:
            stack.write("")
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        stack.note_confidential()
        stack.assert_nothing_leaked()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """A new stack that uses the emulator."""
    return make_stack()
