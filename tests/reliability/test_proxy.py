"""Sinch behind an HTTP proxy: what is lost behind the tunnel may have been carried out."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from loopback import lasting_port
from pulumi_sinch.api.errors import AnswerLostError, SinchError
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.hints import AMBIGUOUS, ROTATION_LOST, UNCHANGED
from reliability.operations import COLUMNS, NEW_SECRET, secret_of
from reliability.stage import Plugin, calls, start_plugin
from tunnel import Tunnel

lost_means_not_sent = pytest.mark.xfail(
    strict=True, reason="behind a proxy, a lost response counts as a request that was not sent"
)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(port=lasting_port()) as emulator:
        yield emulator


@pytest.fixture
def plugin(emulator: Emulator, tunnel: Tunnel) -> Iterator[Plugin]:
    plugin = start_plugin(emulator, environment=tunnel.sinch)
    with closing(plugin.account.client._transport):
        yield plugin


@lost_means_not_sent
def test_a_create_whose_response_is_lost_behind_the_tunnel(
    plugin: Plugin, emulator: Emulator, tunnel: Tunnel
) -> None:
    """The webhook is found in the project's list and completed: one at Sinch, and the same one in the state."""
    COLUMNS["create"].prepare(plugin)
    emulator.faults.add("reset", method="POST", path="*/webhooks", after_commit=True)
    created = COLUMNS["create"].act(plugin, "")
    (webhook,) = emulator.webhooks()
    assert (created.id, secret_of(created.outs)) == (webhook.id, webhook.secret)
    assert calls(emulator) == ["POST -", "list 200", "PUT 200"]
    assert set(tunnel.connects) == {"sinch.test:443"}


@lost_means_not_sent
def test_a_create_whose_responses_are_all_lost_behind_the_tunnel(plugin: Plugin, emulator: Emulator) -> None:
    """Nothing can be looked up either: the error says that the webhook may exist."""
    COLUMNS["create"].prepare(plugin)
    emulator.faults.add("reset", after_commit=True, times=None)
    with pytest.raises(AnswerLostError) as lost:
        COLUMNS["create"].act(plugin, "")
    assert AMBIGUOUS in str(lost.value)
    assert UNCHANGED not in str(lost.value)


@lost_means_not_sent
def test_a_rotation_whose_response_is_lost_behind_the_tunnel(plugin: Plugin, emulator: Emulator) -> None:
    """Sinch has the new secret, so the error says that the rotation may have been carried out, and how to go on."""
    webhook_id = COLUMNS["update"].prepare(plugin)
    emulator.faults.add("reset", method="PATCH", after_commit=True, times=None)
    with pytest.raises(SinchError) as lost:
        COLUMNS["update"].act(plugin, webhook_id)
    assert emulator.webhook(webhook_id).secret == NEW_SECRET
    assert ROTATION_LOST in str(lost.value)
    assert UNCHANGED not in str(lost.value)
