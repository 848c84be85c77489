"""The command `pulumi-resource-sinch`, which runs the provider plugin.

The engine starts this process. The process exits when the engine has ended.
"""

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
"""Maximum number of concurrent operations, each in a thread: one for each of a project's 15 webhooks, and one
more."""
_GRACE = 4.5
"""Seconds to wait for running operations after an interrupt. The engine kills a plugin after five seconds."""
_ORDERLY_END = 5.0
"""Maximum seconds for a normal exit of Python, which deletes the files of `shared_facts`. Then the process is
ended by force."""
_WATCH_INTERVAL = 2.0
"""Seconds between two checks that the engine is alive. An engine that is killed does not stop its plugins."""
_MAX_WAIT = 1800
"""Maximum seconds that a request waits for a thread. The default of gRPC is 30."""


def main() -> None:
    """Print the port for the engine. Serve requests until the engine interrupts this process or has ended."""
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
    """Ensure that the process exits within `_ORDERLY_END` seconds, even if an operation is still running.

    By default, Python does not exit before the thread of a running operation has ended.
    """
    end = threading.Timer(_ORDERLY_END, os._exit, [0])
    end.daemon = True
    end.start()


def is_listening(address: str) -> bool:
    """Return whether the engine listens at an address.

    Args:
        address: The last command-line argument of this process. If the engine started the process, the
            argument is the engine's address, ``HOST:PORT``.

    Returns:
        False only if the address refuses the connection. If `address` does not have the form ``HOST:PORT``,
        a person started the process instead of the engine. The result is then True, so that the process does
        not exit.
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
