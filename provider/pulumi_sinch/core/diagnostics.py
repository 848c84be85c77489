"""Diagnostics for the user: log messages, and errors without a traceback."""

import functools
import os
import sys
import threading
import traceback
import weakref
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import route

_P = ParamSpec("_P")
_R = TypeVar("_R")

_warned: set[tuple[str, str]] = set()
_lock = threading.Lock()


class _HiddenTracebacks:
    """Keeps ``sys.tracebacklimit`` at 0 while an error of ours is alive, and restores it afterwards."""

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
            # A limit other than ours was set meanwhile, by somebody who wants it.
            if self._alive or getattr(sys, "tracebacklimit", None) != 0:
                return
            if self._before:
                sys.tracebacklimit = self._before[0]
            else:
                del sys.tracebacklimit


_hidden = _HiddenTracebacks()


def hide_tracebacks(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Show the user a `SinchError` without a traceback, and any other exception with one.

    The engine shows a dynamic provider's whole traceback, unless ``sys.tracebacklimit`` is 0 in the plugin process
    when the SDK formats it, after the method has raised (ENGINE.md, Errors). All dynamic providers of a stack share
    that process, so the limit lasts only as long as the error object. ``SINCH_TRACEBACK=1`` keeps all tracebacks.
    """

    @functools.wraps(method)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except SinchError as error:
            if _shows_tracebacks():
                raise
            _hidden.hide(error)
            # Frames and earlier errors refer back to the error. Without them it is freed as soon as the SDK drops it.
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
        urn: The resource that the engine names with the warning. Empty if the warning is about no single resource.
    """
    with _lock:
        if (message, urn) in _warned:
            return
        _warned.add((message, urn))
    _log("WARNING", message, urn)


def log_info(message: str) -> None:
    """Log an informational message."""
    _log("INFO", message)


def _log(severity: str, message: str, urn: str = "") -> None:
    """Log to the engine, whose address is the plugin's last argument (ENGINE.md, Errors). Falls back to stderr."""
    import grpc  # noqa: PLC0415 - both are heavy, and messages are rare
    from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc  # noqa: PLC0415

    message = (
        route.current().spell(message).encode(errors="replace").decode()
    )  # a lone surrogate cannot be sent
    request = engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.Value(severity), message=message, urn=urn)
    try:
        # The engine is on this machine, whatever proxy the environment names.
        with grpc.insecure_channel(sys.argv[-1], options=[("grpc.enable_http_proxy", 0)]) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=5)
    except grpc.RpcError:
        print(f"{severity.lower()}: {message}", file=sys.stderr)  # noqa: T201 - the engine shows what a plugin prints
