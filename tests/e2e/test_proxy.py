"""The real CLI with Sinch behind an HTTP proxy."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.harness import Stack
from tunnel import HOST, Tunnel

WEBHOOK = """
w = SinchWebhook("shop", target="https://hooks.example.com/shop", triggers=["ALL"]%s)
pulumi.export("secret", w.secret)
"""


@pytest.fixture
def tunnel(stack: Stack, tmp_path: Path) -> Iterator[Tunnel]:
    """A proxy in the environment of the stack's user."""
    stack.emulator.allow_host(HOST)
    with Tunnel(stack.emulator.url, tmp_path) as tunnel:
        stack.environment |= tunnel.behind(stack.emulator.environment) | tunnel.network
        yield tunnel


def test_a_create_whose_response_is_lost_behind_a_proxy(stack: Stack, tunnel: Tunnel) -> None:
    """After a lost response, `up` ends with one webhook in the state, and all requests use the proxy."""
    stack.write(WEBHOOK % "")
    stack.emulator.faults.add("reset", method="POST", path="*/webhooks", after_commit=True)
    stack.up()
    (webhook,) = stack.emulator.webhooks()
    assert stack.state()["shop"]["id"] == webhook.id
    assert stack.secret_outputs() == {"secret": webhook.secret}
    assert set(tunnel.connects) == {"sinch.test:443"}
    stack.assert_preview_is_empty()


def test_a_rotation_whose_response_is_lost_behind_a_proxy(stack: Stack, tunnel: Tunnel) -> None:
    """The error of a lost rotation says that it is ambiguous, and the next `up` repairs state and Sinch."""
    stack.write(WEBHOOK % "")
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.write(WEBHOOK % ', secret_version="2"')
    stack.emulator.faults.add("reset", method="PATCH", after_commit=True, times=None)
    failed = stack.up(fails=True).output
    assert stack.emulator.webhooks()[0].secret != before.secret
    assert "The request may have taken effect at Sinch." in failed
    assert "Nothing was changed at Sinch." not in failed
    stack.emulator.faults.clear()
    stack.up()
    assert stack.secret_outputs() == {"secret": stack.emulator.webhooks()[0].secret}
    assert tunnel.connects
