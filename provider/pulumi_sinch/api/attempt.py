"""One attempt of a request, with a timeout for the whole attempt.

An attempt runs in its own thread, and its caller waits no longer than the timeout. The timeout includes every
phase: name resolution, connecting to several addresses, CONNECT, TLS, headers and body. For a request to
Sinch's API, the timeout is at most a third of the operation's time (`Deadline.attempt_timeout`), so that time
remains for a retry or a lookup.

An attempt that times out is cancelled, and its open connection is shut down. A connection that its thread
opens later is closed before anything is sent. The thread is a daemon, so a name resolution that hangs does
not delay the end of the process.
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
"""Maximum number of pooled connections per host. It is larger than the number of requests that can run at the
same time, including cancelled requests whose threads still run. urllib3 logs a warning for each connection
above the maximum."""


class AttemptTimeoutError(Exception):
    """The attempt did not end in time and was cancelled."""


class Attempt(Generic[_Result]):
    """One attempt of a request. Call `run` only once.

    Attributes:
        connected: Whether the attempt had a connection to the server or the proxy. If not, nothing was sent.
    """

    def __init__(self, exchange: Callable[[], _Result]) -> None:
        """Prepare an attempt.

        Args:
            exchange: A function that sends the request over the connections of an `AttemptAdapter`, and
                returns the result.
        """
        self.connected: bool = False
        self._exchange = exchange
        self._result: Future[_Result] = Future()
        self._lock = threading.Lock()
        self._cancelled = False
        # A duplicate of the connection's descriptor, to shut down the connection. It stays valid when TLS
        # wraps the socket.
        self._handle: socket.socket | None = None

    def run(self, timeout: float) -> _Result:
        """Return the result of the exchange, or raise its exception.

        Args:
            timeout: Maximum seconds for the whole attempt.

        Raises:
            AttemptTimeoutError: The exchange took longer than the timeout. The attempt sends nothing more.
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
            # A network error refers to the frames of the exchange, and the frames refer to this attempt.
            # Without `del`, all of them would stay in memory.
            del self._result

    def use(self, connection: socket.socket) -> None:
        """Bind a connection to this attempt. The connection calls this method before it sends anything.

        Raises:
            AttemptTimeoutError: The attempt was cancelled.
        """
        with self._lock:
            if self._cancelled:
                raise AttemptTimeoutError
            self.connected = True
            if self._handle is None:
                # The duplicate is used only for `shutdown`, so its family and type do not matter. They are
                # constants, because the socket of TLS inside TLS has no attributes for them.
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
    """An HTTP adapter that binds each connection to the attempt that uses it.

    So an attempt that times out can shut down its connection.
    """

    def __init__(self) -> None:
        """Create an adapter that opens a new connection if no pooled connection is free."""
        super().__init__(pool_maxsize=_MAX_IDLE_CONNECTIONS, pool_block=False)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - as in requests
        """Create the pools of direct connections."""
        super().init_poolmanager(*args, **options)
        _use_attempts(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> PoolManager:  # noqa: ANN401 - as in requests
        """Return the pools of connections that go through a proxy."""
        manager: PoolManager = super().proxy_manager_for(proxy, **options)
        _use_attempts(manager)
        return manager


def _use_attempts(manager: PoolManager) -> None:
    """Bind each connection of a pool manager to the attempt that uses it, also if it goes through a proxy."""
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
    """The final response to a request. Interim responses (status below 200; RFC 9110, 15.2) are skipped.

    http.client skips only the interim response 100. It would return any other interim response, such as 103,
    as the final response. The real final response would then be read as the response to the next request on
    the connection.
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

        A host can have several addresses. The timeout of urllib3 applies to each of them, and the timeout of
        the attempt applies to all of them together.
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
        """Send data. http.client opens a connection first, if necessary."""
        if self.sock is not None:
            _current.get().use(self.sock)
        super().send(data)
