"""The search for leaked secrets can fail."""

import pytest
from e2e.harness import Ran, Stack


def test_a_leaked_secret_is_found(stack: Stack) -> None:
    """In what a command printed, in a file of the state, and in the journal."""
    stack.confidential.add("planted-secret")
    stack.assert_nothing_leaked()
    stack.ran.append(Ran(0, "", "… planted-secret …"))
    with pytest.raises(AssertionError, match="14 characters"):
        stack.assert_nothing_leaked()
    stack.ran.pop()
    leak = stack.folder / "backend" / "leak.json"
    leak.write_text('{"secret": "planted-secret"}')
    with pytest.raises(AssertionError, match="14 characters"):
        stack.assert_nothing_leaked()
    leak.unlink()


def test_what_exists_at_sinch_is_searched_for(stack: Stack) -> None:
    """Secrets and tokens that the emulator holds are remembered without being named."""
    stack.emulator.create_webhook("https://hooks.example.com/", ["ALL"], secret="a-strangers-secret")
    stack.note_confidential()
    assert {"a-strangers-secret", stack.emulator.key_secret} <= stack.confidential
