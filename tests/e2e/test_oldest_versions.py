"""The real CLI with the oldest versions that the package allows of its dependencies."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e.harness import Stack
from tunnel import HOST, Tunnel

ROOT = Path(__file__).resolve().parents[2]
WEBHOOK = """
w = SinchWebhook("shop", target="https://hooks.example.com/shop", triggers=["ALL"]%s)
pulumi.export("secret", w.secret)
"""


@pytest.fixture
def oldest_stack(make_stack: Callable[..., Stack]) -> Stack:
    """A stack whose program and plugin run with the oldest versions."""
    found = subprocess.run(
        [ROOT / "tools/oldest/install", "--find"], capture_output=True, text=True, check=False, timeout=20
    )
    if found.returncode:
        pytest.skip(found.stderr.strip())
    environment = found.stdout.strip()
    stack = make_stack()
    _, _, other_paths = stack.environment["PATH"].partition(os.pathsep)
    stack.environment |= {
        "PATH": f"{environment}/bin{os.pathsep}{other_paths}",
        "VIRTUAL_ENV": environment,
        "PYTHONPATH": str(ROOT / "provider"),
    }
    return stack


def test_a_webhooks_life_behind_a_proxy(oldest_stack: Stack, tmp_path: Path) -> None:
    """A create whose response is lost, an empty preview, a rotation, a refresh and a destroy work."""
    stack = oldest_stack
    stack.emulator.allow_host(HOST)
    with Tunnel(stack.emulator.url, tmp_path) as tunnel:
        stack.environment |= tunnel.behind(stack.emulator.environment) | tunnel.network
        stack.emulator.faults.add("reset", method="POST", path="*/webhooks", after_commit=True)
        stack.write(WEBHOOK % "")
        stack.up()
        (webhook,) = stack.emulator.webhooks()
        assert stack.secret_outputs() == {"secret": webhook.secret}
        stack.assert_preview_is_empty()
        stack.write(WEBHOOK % ', secret_version="2"')
        stack.up()
        assert stack.emulator.webhook(webhook.id).secret != webhook.secret
        stack.refresh()
        stack.destroy()
    assert stack.emulator.webhooks() == []
    assert set(tunnel.connects) == {"sinch.test:443"}


def test_a_misspelt_setting_fails_the_preview(oldest_stack: Stack) -> None:
    """The oldest SDK lists the keys of the config too."""
    oldest_stack.write(WEBHOOK % "")
    oldest_stack.pulumi("config", "set", "sinch:keyID", "1234")
    shown = oldest_stack.preview(fails=True).output
    assert "unknown setting `sinch:keyID`, did you mean `sinch:keyId`?" in shown
