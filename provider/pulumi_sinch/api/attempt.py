"""One attempt of a request, with a timeout for the whole attempt.

An attempt runs in its own thread, and its caller waits no longer than the timeout. The timeout includes every
phase: name resolution, connecting to several addresses, CONNECT, TLS, headers and body.

An attempt that times out is cancelled. Its connection is shut down. If it opens a connection later, the
connection is closed before anything is sent. The thread is a daemon, so a name resolution that hangs does not
delay the end of the process.
"""

import socket
import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future
from contextlib import suppress
from contextvars import ContextVar
from functools import cache
from http import HTTPStatus
from http.client import HTTPResponse
from typing import Any, Generic, TypeVar

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, PoolManager
from urllib3.connection import HTTPConnection

_Result = TypeVar("_Result")

_MAX_IDLE_CONNECTIONS = 100
"""Maximum number of pooled connections per host. It exceeds the number of concurrent requests, abandoned ones
included, because urllib3 logs a warning for each connection above the maximum."""


class AttemptTimeoutError(Exception):
    """The attempt did not end in time and was cancelled."""


class Attempt(Generic[_Result]):
    """One attempt. It can be run once.

    Attributes:
        connected: Whether a connection to the server or the proxy was opened. Without one, nothing was sent.
    """

    def __init__(self, exchange: Callable[[], _Result]) -> None:
        """Prepare an attempt.

        Args:
            exchange: Sends the request over the connections of an `AttemptAdapter`, and returns the result.
        """
        self.connected: bool = False
        self._exchange = exchange
        self._result: Future[_Result] = Future()
        self._lock = threading.Lock()
        self._cancelled = False
        # A duplicate descriptor of the connection. It stays valid when TLS wraps the socket.
        self._handle: socket.socket | None = None

    def run(self, timeout: float) -> _Result:
        """Return the result of the exchange, or raise its exception.

        Args:
            timeout: Seconds.

        Raises:
            AttemptTimeoutError: The exchange took longer than the timeout. Nothing more is sent.
        """
        threading.Thread(target=self._work, name="pulumi-sinch attempt", daemon=True).start()
        ended = False
        try:
            ended = bool(futures.wait([self._result], timeout).done)
        finally:
            if not ended:  # timed out or interrupted
                self._cancel()
        if not ended:
            raise AttemptTimeoutError
        try:
            return self._result.result()
        finally:
            del (
                self._result
            )  # a network error keeps the frames of the exchange in memory, and so this attempt

    def use(self, connection: socket.socket) -> None:
        """Bind a connection to this attempt. Called before anything is sent over the connection.

        Raises:
            AttemptTimeoutError: The attempt was cancelled.
        """
        with self._lock:
            if self._cancelled:
                raise AttemptTimeoutError
            self.connected = True
            if self._handle is None:
                # Only `shutdown` is called, so family and type do not matter. TLS inside TLS has neither.
                self._handle = socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM)

    def _work(self) -> None:
        _current.set(self)
        try:
            result = self._exchange()
        except BaseException as error:  # noqa: BLE001 - `run` raises it
            self._release()
            self._result.set_exception(error)
        else:
            self._release()
            self._result.set_result(result)
            del result

    def _release(self) -> None:
        with self._lock:
            if self._handle is not None:
                self._handle.close()
                self._handle = None

    def _cancel(self) -> None:
        with self._lock, suppress(OSError):  # the other side may have closed the connection
            self._cancelled = True
            if self._handle is not None:
                self._handle.shutdown(socket.SHUT_RDWR)


_current: ContextVar[Attempt[Any]] = ContextVar("attempt")


class AttemptAdapter(HTTPAdapter):
    """Sends requests over connections that belong to the attempt of the current thread."""

    def __init__(self) -> None:
        """Create an adapter that never waits for a free connection."""
        super().__init__(pool_maxsize=_MAX_IDLE_CONNECTIONS, pool_block=False)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as in requests
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        _use_attempts(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401 - as in requests
        """Return the pools of connections through a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        _use_attempts(manager)
        return manager


def _use_attempts(manager: PoolManager) -> None:
    """Bind all connections of a pool manager to attempts: direct, through HTTP proxies and through SOCKS."""
    manager.pool_classes_by_scheme = {
        scheme: _pool_class(pool_class) for scheme, pool_class in manager.pool_classes_by_scheme.items()
    }


@cache
def _pool_class(base: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    if issubclass(base.ConnectionCls, _AttemptConnection):
        return base
    connection_class = type("AttemptConnection", (_AttemptConnection, base.ConnectionCls), {})
    return type("AttemptConnectionPool", (base,), {"ConnectionCls": connection_class})


class _FinalResponse(HTTPResponse):
    """The final response after all interim responses (RFC 9110, 15.2).

    http.client ignores only the interim response 100. It would return any other interim response, such as
    103, as the final response. Then it would return the real final response for the next request on the
    connection.
    """

    def begin(self) -> None:
        """Read the status and the headers of the final response."""
        super().begin()
        while self.status < HTTPStatus.OK:
            self.headers = None  # type: ignore[assignment]  # otherwise `begin` reads nothing more
            super().begin()


class _AttemptConnection(HTTPConnection):
    """A connection that sends nothing for a cancelled attempt."""

    response_class = _FinalResponse

    def _new_conn(self) -> socket.socket:
        """Connect to the server or the proxy.

        urllib3's timeout applies to each address, the attempt's to all of them.
        """
        connection = super()._new_conn()
        connection.settimeout(None)
        try:
            _current.get().use(connection)
        except AttemptTimeoutError:
            connection.close()
            raise
        return connection

    def send(self, data: Any) -> None:  # noqa: ANN401 - as in http.client
        """Send data. http.client connects first if necessary."""
        if self.sock is not None:
            _current.get().use(self.sock)
        super().send(data)
