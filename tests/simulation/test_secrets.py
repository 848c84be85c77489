"""Rules of docs/secrets.md, "Given or generated", that do not depend on the engine, on the engine in memory.

tests/e2e/test_secrets.py tests the rules that need the real engine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from in_process_plugin import start_in_process_plugin
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.provider import SinchWebhookProvider
from simulation.engine import SimulatedEngine

TARGET = "https://hooks.example.com/"
PROGRAM: dict[str, Any] = {"target": TARGET, "triggers": ["ALL"]}
GIVEN = "given-secret-4f6c2a"
CHANGED = "changed-secret-9b1e7d"
SINCHS_OWN = "only-sinch-knows-7d02"


@dataclass
class Stack:
    """A stack with one webhook. Each command has its own plugin process."""

    emulator: Emulator
    engine: SimulatedEngine = field(default_factory=SimulatedEngine)

    def up(self, **given: Any) -> None:
        with self._provider() as provider:
            result = self.engine.up(provider, {"senders": PROGRAM | given})
        assert result.is_clean, result.errors

    def refresh(self) -> None:
        with self._provider() as provider:
            result = self.engine.refresh(provider)
        assert result.is_clean, result.errors

    def changes(self, **given: Any) -> bool:
        """Return whether a preview changes the webhook."""
        with self._provider() as provider:
            return bool(self.engine.preview(provider, {"senders": PROGRAM | given}))

    @contextmanager
    def _provider(self) -> Iterator[SinchWebhookProvider]:
        self.emulator.journal.clear()
        plugin = start_in_process_plugin(self.emulator)
        assert isinstance(plugin.provider, SinchWebhookProvider)
        yield plugin.provider
        plugin.account.client._transport.close()

    @property
    def secrets(self) -> tuple[str, str]:
        """Return `secret` and `previous_secret` of the state."""
        outputs = self.engine.state["senders"].outputs
        return outputs["secret"], outputs["previous_secret"]

    @property
    def sinchs(self) -> str:
        """Return the secret that Sinch signs with."""
        (webhook,) = self.emulator.webhooks()
        return webhook.secret

    def sent(self, method: str) -> set[str]:
        """Return the fields of the only request of the last command with this method."""
        (entry,) = self.emulator.journal.entries(method, "/webhooks")
        return set(entry.body or ())


@pytest.fixture
def stack(sinch_emulator: Emulator) -> Stack:
    return Stack(sinch_emulator)


def test_a_version_sends_a_given_secret_again(stack: Stack) -> None:
    """A changed version sends a given secret again, which repairs a secret that was changed at Sinch."""
    stack.up(secret=GIVEN)
    (webhook,) = stack.emulator.webhooks()
    stack.emulator.change_webhook(webhook.id, secret="somebody-elses-secret")
    stack.up(secret=GIVEN, secret_version="2")
    assert stack.sinchs == GIVEN
    assert not stack.changes(secret=GIVEN, secret_version=2.0)
    stack.up(secret=GIVEN, secret_version=3.0, triggers=["WHATSAPP_SENDER_ACTIVE"])
    assert stack.sent("PUT") == {"target", "secret", "triggers"}


def test_a_given_secret_removed_from_the_program_is_kept(stack: Stack) -> None:
    """Removing `secret` from the program rotates nothing."""
    stack.up(secret=GIVEN)
    assert not stack.changes()
    stack.up()
    assert stack.secrets == (GIVEN, "")
    assert stack.sinchs == GIVEN


def test_two_rotations_keep_the_one_before_the_last(stack: Stack) -> None:
    """`previous_secret` is the secret before the last rotation. Removing the version rotates too."""
    seen = []
    for version in ({}, {"secret_version": 1.0}, {}):
        stack.up(**version)
        seen.append(stack.sinchs)
    assert len(set(seen)) == 3
    assert stack.secrets == (seen[2], seen[1])
    stack.up()
    stack.refresh()
    stack.up(triggers=["BUNDLE_DONE"])
    assert stack.sent("PATCH") == {"triggers"}
    assert stack.secrets == (seen[2], seen[1])
    assert stack.sinchs == seen[2]


def test_a_generated_secret_gives_way_to_a_given_one(stack: Stack) -> None:
    """A given secret replaces a generated one, which becomes `previous_secret`."""
    stack.up()
    generated = stack.sinchs
    stack.up(secret=GIVEN)
    assert stack.secrets == (GIVEN, generated)
    assert stack.sinchs == GIVEN
    assert not stack.changes()
    assert not stack.changes(secret=GIVEN)


def test_an_adopted_webhook_gets_the_secret_that_is_given(stack: Stack) -> None:
    """An adopted webhook gets a given secret at once or later. Its old secret is not known."""
    stack.emulator.create_webhook(TARGET, ["ALL"], SINCHS_OWN)
    stack.up(adopt=True, secret=GIVEN)
    assert stack.secrets == (GIVEN, "")
    assert stack.sinchs == GIVEN
    stack.up(secret=CHANGED)
    assert stack.secrets == (CHANGED, GIVEN)
    assert stack.sinchs == CHANGED


def test_a_webhook_created_by_adopt_rotates_like_any_other(stack: Stack) -> None:
    """A webhook that `adopt` created keeps its generated secret as `previous_secret` in a rotation."""
    stack.up(adopt=True)
    first = stack.sinchs
    assert len(first) == 43
    assert stack.secrets == (first, "")
    assert not stack.changes()
    stack.up(secret_version=1.0)
    rotated = (stack.sinchs, first)
    assert stack.secrets == rotated
    assert stack.sinchs != first
    stack.up(secret_version=1.0, triggers=["BUNDLE_DONE"])
    stack.refresh()
    assert stack.secrets == rotated
    assert not stack.changes(secret_version=1.0, triggers=["BUNDLE_DONE"])
