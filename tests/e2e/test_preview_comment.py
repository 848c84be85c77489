"""The review comment announces everything that `pulumi up` then does at the emulator."""

import pytest
from e2e.harness import Stack
from previews.running import run
from previews.scenarios import SCENARIOS
from previews.truth import unannounced

# The scenarios of one batch share one program, because each command takes a second. A project has room for 15
# webhooks.
BATCHES = {
    "losses": [
        *("replace", "replace-in-place", "delete", "managed-to-lookup", "retained-delete"),
        *("subclass-replace", "becomes-subclass"),
    ],
    "gains": [
        *("create", "adopt", "adopt-nothing", "adopt-rename", "lookup-to-managed", "lookup-to-adopted"),
        *("read", "discard"),
    ],
    "others": [
        *("same", "update", "rotate", "component-replace", "provider-delete", "provider-unknown-replace"),
        *("unknown-target", "managed-to-own-lookup"),
    ],
    "refresh": [
        *("refresh-drift", "refresh-gone", "refresh-drift-removed", "refresh-gone-replace", "refresh-adopt"),
        *("refresh-left-over-deletion", "refresh-left-over-deletion-replace"),
    ],
}
KINDS = {
    "losses": {"delete", "replace", "create"},
    "gains": {"create", "adopt"},
    "others": {"create", "delete", "replace"},
    "refresh": {"create", "delete", "replace", "adopt"},
}


@pytest.mark.parametrize("batch", BATCHES)
def test_the_comment_announces_the_update(stack: Stack, batch: str) -> None:
    """Each webhook that `up` deletes, replaces, creates or adopts is in the comment and trips the gate."""
    ran = run(stack, [scenario for scenario in SCENARIOS if scenario.name in BATCHES[batch]])
    assert {effect.kind for effect in ran.effects} == KINDS[batch]
    assert unannounced(ran.preview, ran.effects) == []
