"""Servers on the loopback interface: a receiver on a free port, and an emulator that can be stopped."""

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
    """Serve an application while the block runs. Yields its URL without a trailing slash."""
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
    """Return a free port that stays free while its server is stopped.

    The system assigns ports above 32767 to connections and to port 0 (RFC 6335 says above 49151), so another
    test could get one of them. Each worker of a test run has its own range below.
    """
    first = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10)
    for port in random.sample(range(first, first + 1_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("a hundred ports are taken")


@contextmanager
def lasting_emulator(**options: Any) -> Iterator[Emulator]:
    """Run an emulator at a port that stays free while it is stopped."""
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
    """Close the lasting port of an emulator while the block runs."""
    emulator.stop()
    parts = urlsplit(emulator.url)
    end = time.monotonic() + 5
    # A busy machine may accept connections for a moment after the server has stopped, and reset them.
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
