"""Diagnostics for the user: log messages, and errors without a traceback."""

import functools
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import route
from pulumi_sinch.core.shared_facts import is_plugin

if TYPE_CHECKING:
    from pulumi.runtime.proto.engine_pb2_grpc import EngineStub

_P = ParamSpec("_P")
_R = TypeVar("_R")

_LOG_TIMEOUT = 5
"""Maximum seconds to send one log message to the engine."""

_shows_debug: ContextVar[bool] = ContextVar("shows_debug", default=False)
_warned: set[tuple[str, str]] = set()
_lock = threading.Lock()


class _HiddenTracebacks:
    """Sets ``sys.tracebacklimit`` to 0 while a `SinchError` object exists, then restores the old limit."""

    def __init__(self) -> None:
        # Reentrant, because a garbage collection inside `hide` may free another error and call `_freed`.
        self._lock = threading.RLock()
        self._alive = 0
        self._before: list[int | None] = []  # empty if no limit was set

    def hide(self, error: BaseException) -> None:
        """Hide all tracebacks of the process until Python frees this error object."""
        with self._lock:
            self._alive += 1
            if self._alive == 1:
                self._before = [sys.tracebacklimit] if hasattr(sys, "tracebacklimit") else []
            sys.tracebacklimit = 0
        weakref.finalize(error, self._freed).atexit = False

    def _freed(self) -> None:
        with self._lock:
            self._alive -= 1
            # Keep the limit if another `SinchError` still exists, or if other code has changed the limit.
            if self._alive or getattr(sys, "tracebacklimit", None) != 0:
                return
            if self._before:
                sys.tracebacklimit = self._before[0]
            else:
                del sys.tracebacklimit


_hidden = _HiddenTracebacks()


def hide_tracebacks(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Decorate a method of the dynamic provider so that the user sees a `SinchError` without a traceback.

    Other exceptions keep their traceback. With ``SINCH_TRACEBACK=1``, a `SinchError` keeps its traceback too.

    Pulumi's SDK formats the exception after the method has raised it. The SDK leaves the traceback out only
    if ``sys.tracebacklimit`` is 0 in the plugin process while the SDK formats the exception (ENGINE.md,
    Errors). The same process can also run other dynamic providers, and their errors need a traceback. So
    ``sys.tracebacklimit`` must not stay 0: it is restored when Python frees the `SinchError` object, which
    happens after the SDK has formatted it.
    """

    @functools.wraps(method)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except SinchError as error:
            if _shows_tracebacks():
                raise
            _hidden.hide(error)
            # The frames of the traceback and the previous error can refer to this error. Remove both, so that
            # Python frees this error as soon as the SDK no longer uses it.
            error.__context__ = None
            raise error.with_traceback(None) from None

    return wrapper


def error_text(error: Exception) -> str:
    """Return the text that the user sees for an error.

    For a `SinchError`, the text is the message of the error. For any other exception, the text includes the
    traceback. With ``SINCH_TRACEBACK=1``, the text always includes the traceback.
    """
    if isinstance(error, SinchError) and not _shows_tracebacks():
        return route.current().spell(str(error))
    return "".join(traceback.format_exception(error))


def _shows_tracebacks() -> bool:
    return os.environ.get("SINCH_TRACEBACK") == "1"


def warn_once(message: str, urn: str = "") -> None:
    """Log a warning. Each process logs the same warning about the same resource only once.

    Args:
        message: The text of the warning.
        urn: The URN of the resource. The engine shows the warning under this resource. Empty if the URN is
            not known, or if the warning is not about one resource.
    """
    with _lock:
        if (message, urn) in _warned:
            return
        _warned.add((message, urn))
    _log("WARNING", message, urn)


def log_info(message: str) -> None:
    """Log an informational message."""
    _log("INFO", message)


def log_debug(message: str) -> None:
    """Log a message that the engine shows only with ``--debug``.

    A process without an engine, such as the CLI, prints the message only inside `debug_messages_shown`.
    """
    _log("DEBUG", message)


@contextmanager
def debug_messages_shown() -> Iterator[None]:
    """Inside the ``with`` block, print the debug messages of this thread to stderr.

    The CLI needs this function, because a process without an engine drops debug messages by default.
    """
    token = _shows_debug.set(True)
    try:
        yield
    finally:
        _shows_debug.reset(token)


def _log(severity: str, message: str, urn: str = "") -> None:
    """Log to the engine, or to stderr if the engine cannot be reached (ENGINE.md, Errors)."""
    # Replace lone surrogates, which are not valid Unicode and cannot be sent to the engine.
    message = route.current().spell(message).encode(errors="replace").decode()
    if is_plugin() and _send_to_engine(severity, message, urn):
        return
    if severity != "DEBUG" or _shows_debug.get():
        # The engine shows the output of a plugin process to the user.
        print(f"{severity.lower()}: {message}", file=sys.stderr)  # noqa: T201


def _send_to_engine(severity: str, message: str, urn: str) -> bool:
    """Send a log message to the engine. Returns False if the engine cannot be reached."""
    import grpc  # noqa: PLC0415 - both imports are slow, and most checks log nothing
    from pulumi.runtime.proto import engine_pb2  # noqa: PLC0415

    request = engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn)
    try:
        _engine(sys.argv[-1]).Log(request, timeout=_LOG_TIMEOUT)
    except grpc.RpcError:
        return False
    return True


@functools.cache
def _engine(address: str) -> "EngineStub":
    """Return a connection to the engine. It is reused, because every HTTP request logs a debug message."""
    import grpc  # noqa: PLC0415
    from pulumi.runtime.proto import engine_pb2_grpc  # noqa: PLC0415

    # The engine runs on this machine, so the connection must not use a proxy.
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]))
