"""Werkzeug's threaded server with what the emulator needs besides: keep-alive, broken connections, a clean stop."""

import contextlib
import io
import selectors
import socket
import struct
import threading
from typing import IO, TYPE_CHECKING, ClassVar, cast

from werkzeug.serving import DechunkedInput, ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed.wsgi import WSGIApplication

_BODY_LIMIT = 128 * 1024
_STOP_WITHIN = 2.0


class Exchange:
    """One request's hold on its connection.

    Args:
        connection: Number of the TCP connection.
        sock: Its socket.
        stopping: Set when the server stops.
    """

    KEY: ClassVar[str] = "pulumi_sinch.exchange"

    def __init__(self, connection: int, sock: socket.socket, stopping: threading.Event) -> None:
        """Start with an unharmed connection."""
        self.connection = connection
        self.is_reset = False
        self.is_cut = False
        self._socket = sock
        self._stopping = stopping

    def reset(self) -> None:
        """Let the connection be reset instead of an answer."""
        self.is_reset = True

    def cut_body(self) -> None:
        """Let the connection end in the middle of the answer's body."""
        self.is_cut = True

    def wait(self, seconds: float) -> bool:
        """Wait, and tell whether the time has passed; it has not when the server stops meanwhile."""
        return seconds <= 0 or not self._stopping.wait(seconds)

    def hold(self) -> None:
        """Wait until the client gives up or the server stops."""
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(self._socket, selectors.EVENT_READ)
            selector.select()
            # Anything but an end of the stream would be a pipelined request, which is never read.
            while self._socket.recv(1, socket.MSG_PEEK) and not self._stopping.wait(0.05):
                pass


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet per answer
    server: "Server"

    def setup(self) -> None:
        super().setup()
        self.number = self.server.opened(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            super().finish()
        self.server.closed(self.number)

    def handle_expect_100(self) -> bool:
        """Let a client that waits for leave send its body; the leave must not sit in the buffer."""
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def run_wsgi(self) -> None:
        """Answer one request. Werkzeug's own closes the connection after each."""
        environ = self.make_environ()
        exchange = Exchange(self.number, self.connection, self.server.stopping)
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
                Exchange.KEY: exchange,
            }
        )
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _exc_info: object = None) -> None:
            started[:] = [(status, headers)]

        data = b"".join(self.server.app(environ, start_response))  # type: ignore[arg-type]
        if exchange.is_reset or self.server.stopping.is_set():
            self._reset()
        else:
            self._answer(*started[0], data, cut=exchange.is_cut)

    def _body(self, chunked: bool) -> bytes | None:
        """Read the whole body, so that the next request on the connection starts where this one ends."""
        try:
            if chunked:
                body = DechunkedInput(cast("IO[bytes]", self.rfile)).read(_BODY_LIMIT + 1)
                return body if len(body) <= _BODY_LIMIT else None
            length = int(self.headers.get("Content-Length") or 0)
            return self.rfile.read(length) if 0 <= length <= _BODY_LIMIT else None
        except (ValueError, OSError):
            return None

    def _answer(self, status: str, headers: list[tuple[str, str]], data: bytes, *, cut: bool) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Date", self.date_time_string())
        if cut or self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data[: len(data) // 2] if cut else data)
        self.close_connection = self.close_connection or cut

    def _reset(self) -> None:
        """Close the connection so that the client sees it reset, not ended."""
        self.close_connection = True
        linger_not = struct.pack("ii", 1, 0)
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_not)
        # The descriptor is closed only when the files over it are, too.
        self.rfile.close()
        with contextlib.suppress(OSError, ValueError):
            self.wfile.close()
        self.connection.close()

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        """Log nothing: the journal does, without secrets."""


class Server(ThreadedWSGIServer):
    """Serves an application on one address until it is stopped.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 picks a free one.
        app: What is served.
        numbers: Numbers for the connections.

    Raises:
        OSError: The address cannot be used.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: "WSGIApplication", numbers: "Iterator[int]") -> None:
        """Listen, but answer nothing yet."""
        self.stopping = threading.Event()
        self._open: dict[int, tuple[socket.socket, threading.Thread]] = {}
        self._lock = threading.Lock()
        self._numbers = numbers
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        # Werkzeug ends the process when it cannot listen; an exception is wanted here.
        with socket.socket(family, socket.SOCK_STREAM) as listening:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(self.request_queue_size)
            super().__init__(host, port, app, _Handler, fd=listening.fileno())

    def start(self) -> None:
        """Answer requests in threads of their own."""
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="sinch-emulator", daemon=True
        ).start()

    def stop(self) -> None:
        """Refuse new connections, break open ones, and wait at most two seconds for their threads."""
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
        """Number a new connection."""
        with self._lock:
            number = next(self._numbers)
            self._open[number] = (sock, threading.current_thread())
            if self.stopping.is_set():
                # Accepted just before the stop, which has not seen it.
                sock.shutdown(socket.SHUT_RDWR)
            return number

    def closed(self, number: int) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._open.pop(number, None)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a client that goes away is no error of the emulator's."""
