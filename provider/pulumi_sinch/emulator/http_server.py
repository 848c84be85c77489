"""The HTTP server of the emulator, based on werkzeug's threaded server.

Unlike werkzeug's server, this server keeps connections open between requests, lets faults break a connection,
and closes all connections when it stops.
"""

import contextlib
import io
import json
import selectors
import socket
import struct
import sys
import threading
from typing import IO, TYPE_CHECKING, ClassVar, cast

from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import WSGIApplication

_BODY_LIMIT = 128 * 1024
_CONTROL_PATH = "/_emulator"
_STOP_WITHIN = 2.0
# On Windows, SO_REUSEADDR would let two servers share a port.
_EXCLUSIVE_ADDRESS = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)


def is_control_path(path: str) -> bool:
    """Return whether a path is ``/_emulator`` or below it, even if the control API has no such route."""
    return path == _CONTROL_PATH or path.startswith(f"{_CONTROL_PATH}/")


class RequestConnection:
    """The TCP connection that a request uses. A fault can break the connection.

    Args:
        number: Number of the TCP connection.
        sock: The socket of the connection.
        stopping: The `threading.Event` that the server sets when it stops.
    """

    KEY: ClassVar[str] = "pulumi_sinch.connection"

    def __init__(self, number: int, sock: socket.socket, stopping: threading.Event) -> None:

        self.number = number
        self.is_reset: bool = False
        self.is_truncated: bool = False
        self._socket = sock
        self._stopping = stopping

    def reset(self) -> None:
        """Reset the connection instead of sending the response."""
        self.is_reset = True

    def truncate_body(self) -> None:
        """Close the connection in the middle of the response's body."""
        self.is_truncated = True

    def wait(self, seconds: float) -> bool:
        """Wait for some seconds. Returns False if the server stopped before the time was over."""
        return seconds <= 0 or not self._stopping.wait(seconds)

    def hang(self) -> None:
        """Wait until the client closes the connection or the server stops."""
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(self._socket, selectors.EVENT_READ)
            selector.select()
            # Wait for the end of the stream. Other data is the client's next request (pipelining), which
            # nobody reads.
            while self._socket.recv(1, socket.MSG_PEEK) and not self._stopping.wait(0.05):
                pass


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per response
    server: "Server"

    def setup(self) -> None:
        super().setup()
        self.number = self.server.opened(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        self.server.closed(self.number)

    def handle_expect_100(self) -> bool:
        """Send ``100 Continue`` at once, without buffering, because the client waits for this response."""
        proceed = super().handle_expect_100()
        self.wfile.flush()
        return proceed

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Send an HTML error page. For paths of the control API, send a JSON error instead."""
        if not is_control_path(getattr(self, "path", "").partition("?")[0]):
            super().send_error(code, message, explain)
            return
        self.close_connection = True
        sentence = f"The request cannot be read. A body may have up to {_BODY_LIMIT // 1024} KiB."
        data = json.dumps({"error": sentence}).encode()
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        self._send(f"{code} Error", headers, data, truncated=False)

    def run_wsgi(self) -> None:
        """Serve one request and keep the connection open. Werkzeug's own method closes the connection."""
        environ = self.make_environ()
        connection = RequestConnection(self.number, self.connection, self.server.stopping)
        body = self._body(environ.get("wsgi.input_terminated") is True)
        if self.server.stopping.is_set():
            self._reset()
            return
        if body is None:
            self.send_error(400)
            return
        environ.update(
            {
                "wsgi.input": io.BytesIO(body),
                "wsgi.input_terminated": True,
                "CONTENT_LENGTH": str(len(body)),
                RequestConnection.KEY: connection,
            }
        )
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
            started[:] = [(status, headers)]

        data = b"".join(self.server.app(environ, start_response))  # type: ignore[arg-type]
        if connection.is_reset or self.server.stopping.is_set():
            self._reset()
        else:
            self._send(*started[0], data, truncated=connection.is_truncated)

    def _body(self, chunked: bool) -> bytes | None:
        """Return the whole body of the request, or None if it is malformed or too large.

        The server must read the whole body. Otherwise it would read the rest of the body as the next request
        on the connection.
        """
        try:
            if chunked:
                body = DechunkedInput(cast("IO[bytes]", self.rfile)).read(_BODY_LIMIT + 1)
                return body if len(body) <= _BODY_LIMIT else None
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length) if 0 <= length <= _BODY_LIMIT else None
        except (ValueError, OSError):
            return None

    def _send(self, status: str, headers: list[tuple[str, str]], data: bytes, *, truncated: bool) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if truncated or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if truncated else data)
        self.close_connection = self.close_connection or truncated

    def _reset(self) -> None:
        """Close the connection with a TCP reset."""
        self.close_connection = True
        no_linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
        # Python closes the socket only after the file objects of the socket are closed.
        self.rfile.close()
        with contextlib.suppress(OSError, ValueError):
            self.wfile.close()
        self.connection.close()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing, because the journal records the requests, without secrets."""


class Server(ThreadedWSGIServer):
    """An HTTP server that serves a WSGI application on one address until `stop`.

    Args:
        host: Address to listen on.
        port: Port to listen on. With 0, the operating system picks a free port.
        app: The WSGI application.
        numbers: An iterator that returns the number for each new connection.

    Raises:
        OSError: The server cannot listen on the address.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: "WSGIApplication", numbers: "Iterator[int]") -> None:
        """Listen on the port. Requests wait until `start` is called."""
        self.stopping: threading.Event = threading.Event()
        self._open: dict[int, tuple[socket.socket, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._numbers = numbers
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Werkzeug exits the process if it cannot listen. This code raises OSError instead.
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.setsockopt(socket.SOL_SOCKET, _EXCLUSIVE_ADDRESS, 1)
            listening.bind((host, port))
            listening.listen(self.request_queue_size)
            super().__init__(host, port, app, _Handler, fd=listening.fileno())

    def start(self) -> None:
        """Serve requests in the background. Each connection has its own thread."""
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="sinch-emulator", daemon=True
        ).start()

    def stop(self) -> None:
        """Stop listening and close open connections.

        `stop` waits at most two seconds for the thread of each connection.
        """
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._lock:
            still_open = list(self._open.values())
        for sock, _ in still_open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for _, thread in still_open:
            thread.join(_STOP_WITHIN)

    def opened(self, sock: socket.socket) -> int:
        """Register a new connection and return its number."""
        with self._lock:
            number = next(self._numbers)
            self._open[number] = (sock, threading.current_thread())
            if self.stopping.is_set():
                # The server accepted the connection just before `stop`, so `stop` did not close it.
                sock.shutdown(socket.SHUT_RDWR)
            return number

    def closed(self, number: int) -> None:
        """Unregister a closed connection."""
        with self._lock:
            self._open.pop(number, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore errors of connections, because clients may disconnect at any time."""
