"""The command `pulumi-resource-sinch`, which the engine starts: serves the plugin until the engine ends it or is gone."""

import os
import signal
import socket
import sys
import threading
from concurrent import futures

import grpc
from pulumi.runtime.proto.provider_pb2_grpc import add_ResourceProviderServicer_to_server

from pulumi_sinch.plugin.servicer import SinchServicer

_MAX_OPERATIONS = 16
"""Operations at the same time, each in a thread: all webhooks of a project, and one to spare."""
_GRACE = 4.5
"""Seconds for the operations that have begun. The engine kills a plugin five seconds after its interrupt."""
_ORDERLY_END = 5.0
"""Seconds that an orderly end of the process may take, which deletes the files of `shared_facts`."""
_WATCH_INTERVAL = 2.0
"""Seconds between two looks at the engine. One that is killed does not end its plugins."""
_MAX_WAIT = 1800
"""Seconds that a call may wait for a thread. gRPC rejects it after 30 seconds by default."""


def main() -> None:
    """Print the port, and serve calls until the engine interrupts this process or is gone."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    server = grpc.server(
        futures.ThreadPoolExecutor(_MAX_OPERATIONS),
        options=[("grpc.server_max_unrequested_time_in_server", _MAX_WAIT)],
    )
    add_ResourceProviderServicer_to_server(SinchServicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)  # noqa: T201 - the engine reads it
    while not stopped.wait(_WATCH_INTERVAL) and is_listening(sys.argv[-1]):
        pass
    server.stop(_GRACE).wait()
    _end_soon()


def _end_soon() -> None:
    """End the process, also if an operation is still running. Python waits for its threads."""
    end = threading.Timer(_ORDERLY_END, os._exit, [0])
    end.daemon = True
    end.start()


def is_listening(address: str) -> bool:
    """Return whether the engine listens at an address.

    Args:
        address: The last argument of a plugin, ``HOST:PORT``. Without one, somebody started the plugin by hand.
    """
    host, _, port = address.rpartition(":")
    if not (host and port.isdecimal()):
        return True
    try:
        with socket.create_connection((host, int(port)), timeout=_WATCH_INTERVAL):
            return True
    except ConnectionRefusedError:
        return False
    except OSError:  # such as a timeout on a busy machine
        return True
