"""Servers on the loopback: a receiver on a free port, and an emulator that is away for a while."""

import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from pulumi_sinch.emulator import Emulator
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@contextmanager
def serving(app: "WSGIApplication") -> Iterator[str]:
    """Serve an application while the block runs; yields its URL, without a slash at the end."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def lasting_port() -> int:
    """Return a free port that stays free while its server is away.

    Those that the system hands out for connections and for port 0 lie above 32767 (RFC 6335 says 49151); any
    test that runs at the same time could be given one of them. Each worker of a test run has a range of its
    own.
    """
    first = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10)
    for port in random.sample(range(first, first + 1_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports are taken")


@contextmanager
def lasting_emulator(**options: Any) -> Iterator[Emulator]:
    """Run an emulator at a port that stays free while it is stopped; another process may win a port in between."""
    for attempt in range(10):
        emulator = Emulator(port=lasting_port(), **options)
        try:
            emulator.start()
            break
        except OSError:
            if attempt == 9:
                raise
    try:
        yield emulator
    finally:
        emulator.stop()


@contextmanager
def out_of_reach(emulator: Emulator) -> Iterator[None]:
    """Let nobody answer at an emulator's port, a lasting one, while the block runs."""
    emulator.stop()
    parts = urlsplit(emulator.url)
    end = time.monotonic() + 5
    # A busy machine may take connections for a moment after the server is gone, and reset them.
    while not _refuses(str(parts.hostname), int(parts.port or 0)) and time.monotonic() < end:
        time.sleep(0.01)
    try:
        yield
    finally:
        emulator.start()


def _refuses(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        pass
    return False
