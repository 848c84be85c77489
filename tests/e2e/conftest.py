"""Stacks for the engine tests."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.harness import Stack, pulumi_environment
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def make_stack(tmp_path: Path, sinch_emulator: Emulator) -> Iterator[Callable[..., Stack]]:
    """Make stacks; nothing that any of them showed or stored may hold a secret."""
    assert shutil.which("pulumi"), "no `pulumi` on the PATH: `make engine` puts one there"
    stacks: list[Stack] = []

    def make(name: str = "dev", *, share_backend_with: Stack | None = None) -> Stack:
        folder = share_backend_with.folder if share_backend_with else tmp_path / f"project-{len(stacks)}"
        environment = {**pulumi_environment(folder), **sinch_emulator.environment}
        stack = Stack(folder, environment, sinch_emulator, name)
        if share_backend_with is None:
            for part in ("backend", "home", "program"):
                (folder / part).mkdir(parents=True)
            (stack.program_folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
            stack.write("")
        stack.pulumi("stack", "init", name)
        stacks.append(stack)
        return stack

    yield make
    for stack in stacks:
        stack.note_confidential()
        stack.assert_nothing_leaked()


@pytest.fixture
def stack(make_stack: Callable[..., Stack]) -> Stack:
    """A fresh stack that speaks to the emulator."""
    return make_stack()
