"""Sinch behind an HTTP proxy: a request whose response is lost behind the tunnel is ambiguous."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from fault_matrix.operations import COLUMNS, NEW_SECRET, secret_of
from in_process_plugin import HANG_TIMEOUT, InProcessPlugin, request_lines, start_in_process_plugin, summarize
from loopback import lasting_emulator, lasting_port
from pulumi_sinch.api.errors import AnswerLostError, ConnectionFailedError, SinchError
from pulumi_sinch.core.error_advice import AMBIGUOUS, ROTATION_LOST, UNCHANGED
from pulumi_sinch.emulator import Emulator
from tunnel import Fault, Tunnel


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with lasting_emulator() as emulator:
        yield emulator


@pytest.fixture
def plugin(emulator: Emulator, tunnel: Tunnel) -> Iterator[InProcessPlugin]:
    plugin = start_in_process_plugin(emulator, environment=tunnel.behind(emulator.environment))
    with closing(plugin.account.client._transport):
        yield plugin


def test_a_create_whose_response_is_lost_behind_the_tunnel(
    plugin: InProcessPlugin, emulator: Emulator, tunnel: Tunnel
) -> None:
    """After a lost response, the create finds its webhook in the list and completes it."""
    COLUMNS["create"].prepare(plugin)
    emulator.faults.add("reset", method="POST", path="*/webhooks", after_commit=True)
    created = COLUMNS["create"].act(plugin, "")
    (webhook,) = emulator.webhooks()
    assert (created.id, secret_of(created.outs)) == (webhook.id, webhook.secret)
    assert request_lines(emulator) == ["POST -", "list 200", "PUT 200"]
    assert set(tunnel.connects) == {"sinch.test:443"}


def test_a_create_whose_responses_are_all_lost_behind_the_tunnel(
    plugin: InProcessPlugin, emulator: Emulator
) -> None:
    """If all responses are lost, the error says that the webhook may exist."""
    COLUMNS["create"].prepare(plugin)
    emulator.faults.add("reset", after_commit=True, times=None)
    with pytest.raises(AnswerLostError) as lost:
        COLUMNS["create"].act(plugin, "")
    assert AMBIGUOUS in str(lost.value)
    assert UNCHANGED not in str(lost.value)


def test_a_rotation_whose_response_is_lost_behind_the_tunnel(
    plugin: InProcessPlugin, emulator: Emulator
) -> None:
    """After a lost rotation, the error says that it is ambiguous, and gives the next step."""
    webhook_id = COLUMNS["update"].prepare(plugin)
    emulator.faults.add("reset", method="PATCH", after_commit=True, times=None)
    with pytest.raises(SinchError) as lost:
        COLUMNS["update"].act(plugin, webhook_id)
    assert emulator.webhook(webhook_id).secret == NEW_SECRET
    assert ROTATION_LOST in str(lost.value)
    assert UNCHANGED not in str(lost.value)


TUNNEL_NOT_MADE: tuple[Fault, ...] = (
    "cut CONNECT",
    "garble CONNECT",
    "hang CONNECT",
    "cut handshake",
    "garble handshake",
    "hang handshake",
)
LOST: tuple[dict[str, Any], ...] = (
    {"kind": "reset"},
    {"kind": "reset", "after_commit": True},
    {"kind": "hang", "after_commit": True},
    {"kind": "truncated_body", "after_commit": True},
    {"kind": "status", "status": 502, "after_commit": True},
)


def hasty(emulator: Emulator, tunnel: Tunnel) -> InProcessPlugin:
    return start_in_process_plugin(
        emulator, timeout=HANG_TIMEOUT, environment=tunnel.behind(emulator.environment)
    )


def created_with(plugin: InProcessPlugin) -> str:
    """Create a webhook and return the requests. State and Sinch must agree."""
    with closing(plugin.account.client._transport):
        created = COLUMNS["create"].act(plugin, "")
    (webhook,) = plugin.emulator.webhooks()
    assert (created.id, secret_of(created.outs)) == (webhook.id, webhook.secret)
    return summarize(request_lines(plugin.emulator))


@pytest.mark.parametrize("fault", TUNNEL_NOT_MADE)
def test_a_create_whose_tunnel_breaks_while_it_is_made(
    fault: Fault, emulator: Emulator, tunnel: Tunnel
) -> None:
    """If the tunnel breaks while it is opened, the POST is ambiguous, and the list is requested first."""
    plugin = hasty(emulator, tunnel)
    COLUMNS["create"].prepare(plugin)
    plugin.account.client._transport.close()
    tunnel.faults.append(fault)
    assert created_with(plugin) == "list 200, POST 201"


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_create_whose_tunnel_is_refused_once(status: int, plugin: InProcessPlugin, tunnel: Tunnel) -> None:
    """If the tunnel is rejected once, the POST was not sent, and is retried without a list request."""
    COLUMNS["create"].prepare(plugin)
    plugin.account.client._transport.close()
    tunnel.faults.append(status)
    assert created_with(plugin) == "POST 201"


@pytest.mark.parametrize("fault", LOST, ids=lambda fault: " ".join(map(str, fault.values())))
def test_a_create_whose_response_is_lost(fault: dict[str, Any], emulator: Emulator, tunnel: Tunnel) -> None:
    """However the response is lost, there is one webhook, and the state has it."""
    plugin = hasty(emulator, tunnel)
    COLUMNS["create"].prepare(plugin)
    emulator.faults.add(method="POST", path="*/webhooks", **fault)
    recovered = "POST 201" if fault == {"kind": "reset"} else "PUT 200"
    assert created_with(plugin).endswith(f", list 200, {recovered}")


@pytest.mark.parametrize("column", ["create", "update"])
@pytest.mark.parametrize("away", [False, True], ids=["refused", "out of reach"])
def test_a_proxy_that_lets_nothing_through(
    column: str, away: bool, plugin: InProcessPlugin, tunnel: Tunnel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the proxy rejects every attempt, the error says that nothing was changed."""
    webhook_id = COLUMNS[column].prepare(plugin)
    before = plugin.emulator.webhooks()
    plugin.account.client._transport.close()
    tunnel.faults.extend([407] * 9)
    if away:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{lasting_port()}")
        plugin.account.client._transport._environments.clear()
    with pytest.raises(ConnectionFailedError) as failed:
        COLUMNS[column].act(plugin, webhook_id)
    reason = "the proxy cannot be reached" if away else "the proxy refused the connection with HTTP 407"
    assert reason in str(failed.value)
    assert UNCHANGED in str(failed.value)
    assert plugin.emulator.webhooks() == before


def test_a_rotation_is_ambiguous_if_only_its_last_attempt_was_refused(
    plugin: InProcessPlugin, emulator: Emulator, tunnel: Tunnel
) -> None:
    """A rotation whose first response is lost is ambiguous, even if the proxy rejects the retries."""
    webhook_id = COLUMNS["update"].prepare(plugin)
    emulator.faults.add("reset", method="PATCH", after_commit=True)
    tunnel.faults.extend([502] * 9)
    with pytest.raises(AnswerLostError) as lost:
        COLUMNS["update"].act(plugin, webhook_id)
    assert emulator.webhook(webhook_id).secret == NEW_SECRET
    assert ROTATION_LOST in str(lost.value)


def test_a_lost_token_response_leaves_nothing_open(plugin: InProcessPlugin, tunnel: Tunnel) -> None:
    """A lost response to a token request is not ambiguous, also behind a proxy."""
    tunnel.faults.extend(["cut handshake"] * 9)
    with pytest.raises(AnswerLostError) as lost:
        COLUMNS["token"].act(plugin, "")
    assert UNCHANGED in str(lost.value)
