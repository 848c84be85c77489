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
"""Seconds."""

_shows_debug: ContextVar[bool] = ContextVar("shows_debug", default=False)
_warned: set[tuple[str, str]] = set()
_lock = threading.Lock()


class _HiddenTracebacks:
    """Keeps ``sys.tracebacklimit`` at 0 while a `SinchError` is alive, and restores it afterwards."""

    def __init__(self) -> None:
        # Reentrant: a garbage collection inside `hide` may end another error.
        self._lock = threading.RLock()
        self._alive = 0
        self._before: list[int | None] = []  # empty if no limit was set

    def hide(self, error: BaseException) -> None:
        """Hide all tracebacks of the process until this error is freed."""
        with self._lock:
            self._alive += 1
            if self._alive == 1:
                self._before = [sys.tracebacklimit] if hasattr(sys, "tracebacklimit") else []
            sys.tracebacklimit = 0
        weakref.finalize(error, self._freed).atexit = False

    def _freed(self) -> None:
        with self._lock:
            self._alive -= 1
            # Other code has set another limit in the meantime. Keep it.
            if self._alive or getattr(sys, "tracebacklimit", None) != 0:
                return
            if self._before:
                sys.tracebacklimit = self._before[0]
            else:
                del sys.tracebacklimit


_hidden = _HiddenTracebacks()


def hide_tracebacks(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Show the user a `SinchError` without a traceback, and any other exception with its traceback.

    The engine shows a dynamic provider's whole traceback, unless ``sys.tracebacklimit`` is 0 in the plugin
    process when the SDK formats it, after the method has raised (ENGINE.md, Errors). All dynamic providers of
    a stack share that process, so the code restores the limit when the error object is freed.
    ``SINCH_TRACEBACK=1`` keeps all tracebacks.
    """

    @functools.wraps(method)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except SinchError as error:
            if _shows_tracebacks():
                raise
            _hidden.hide(error)
            # Frames and earlier errors refer back to the error. Without them it is freed as soon as the SDK
            # drops it.
            error.__context__ = None
            raise error.with_traceback(None) from None

    return wrapper


def error_text(error: Exception) -> str:
    """Return the text of an error for the user: the whole traceback, unless it is a `SinchError`."""
    if isinstance(error, SinchError) and not _shows_tracebacks():
        return route.current().spell(str(error))
    return "".join(traceback.format_exception(error))


def _shows_tracebacks() -> bool:
    return os.environ.get("SINCH_TRACEBACK") == "1"


def warn_once(message: str, urn: str = "") -> None:
    """Log a warning once per process and resource.

    Args:
        message: The sentence.
        urn: The URN of the resource that the engine names with the warning. Empty if the warning concerns no
            single resource.
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
    """Log a message that the engine shows with ``--debug``. Without an engine, see `debug_messages_shown`."""
    _log("DEBUG", message)


@contextmanager
def debug_messages_shown() -> Iterator[None]:
    """Without an engine, print the debug messages of this thread to stderr. By default they are dropped."""
    token = _shows_debug.set(True)
    try:
        yield
    finally:
        _shows_debug.reset(token)


def _log(severity: str, message: str, urn: str = "") -> None:
    """Log to the engine, or to stderr if it cannot be reached (ENGINE.md, Errors)."""
    # A lone surrogate cannot be sent.
    message = route.current().spell(message).encode(errors="replace").decode()
    if is_plugin() and _send_to_engine(severity, message, urn):
        return
    if severity != "DEBUG" or _shows_debug.get():
        # The engine shows what a plugin prints.
        print(f"{severity.lower()}: {message}", file=sys.stderr)  # noqa: T201


def _send_to_engine(severity: str, message: str, urn: str) -> bool:
    """Log to the engine. Returns False if it cannot be reached."""
    import grpc  # noqa: PLC0415 - both are heavy, and a check logs nothing
    from pulumi.runtime.proto import engine_pb2  # noqa: PLC0415

    request = engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn)
    try:
        _engine(sys.argv[-1]).Log(request, timeout=_LOG_TIMEOUT)
    except grpc.RpcError:
        return False
    return True


@functools.cache
def _engine(address: str) -> "EngineStub":
    """Connect to the engine once, because every HTTP request causes a debug message."""
    import grpc  # noqa: PLC0415
    from pulumi.runtime.proto import engine_pb2_grpc  # noqa: PLC0415

    # The engine runs on this machine, so a proxy is never used.
    return engine_pb2_grpc.EngineStub(grpc.insecure_channel(address, options=[("grpc.enable_http_proxy", 0)]))
