"""The Node receiver of the page, with the emulator."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from documentation.markdown import blocks
from loopback import lasting_port
from pulumi_sinch.emulator import Emulator

NODE = shutil.which("node")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[str]:
    """The receiver of the page, started with the secret ``a-secret``. Yields its URL."""
    if NODE is None:
        pytest.skip("no node on this machine (Debian: apt-get install nodejs)")
    (block,) = blocks("js")
    program = tmp_path / "receiver.js"
    program.write_text(block.code)
    port = lasting_port()
    environment = {**os.environ, "PORT": str(port), "SINCH_WEBHOOK_SECRET": "a-secret"}
    with subprocess.Popen([NODE, program], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            wait_for(port, process)
            yield f"http://127.0.0.1:{port}/"
        finally:
            process.kill()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + 60
    while not listens(port):
        assert process.poll() is None, "the receiver ended"
        assert time.monotonic() < end, "the receiver does not listen"
        time.sleep(0.05)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=10).close()
    except OSError:
        return False
    return True


def test_the_receiver_accepts_signed_events_only(receiver: str) -> None:
    """An event with the webhook's secret is accepted. An event with another secret is not."""
    with Emulator(forward_to=receiver) as sinch:
        webhook = sinch.create_webhook("https://hooks.example.com/in", ["ALL"], "a-secret")
        payload = {"name": "Zo\u00eb"}
        (signed,) = sinch.deliver("WHATSAPP_SENDER_ACTIVE", payload=payload, attempts=1)
        sinch.change_webhook(webhook.id, secret="another-secret")
        (forged,) = sinch.deliver("WHATSAPP_SENDER_ACTIVE", attempts=1)
    assert (signed.status, forged.status) == (204, 401)
