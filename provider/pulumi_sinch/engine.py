"""How the provider speaks to the engine besides its answers: warnings, and errors without a traceback."""

import functools
import os
import sys
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from pulumi_sinch.api.errors import SinchError

_P = ParamSpec("_P")
_R = TypeVar("_R")

_warned: set[str] = set()
_lock = threading.Lock()


def plain_errors(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a `SinchError` reach the user as its sentence, any other exception with its traceback.

    The engine shows a dynamic provider's whole traceback, unless ``sys.tracebacklimit`` is 0 in the plugin process
    (ENGINE.md, Errors). That setting also hides the tracebacks of the stack's other dynamic providers, so it is there
    only while a `SinchError` leaves. ``SINCH_TRACEBACK=1`` keeps all tracebacks.
    """

    @functools.wraps(method)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except SinchError as error:
            if os.environ.get("SINCH_TRACEBACK") == "1":
                raise
            sys.tracebacklimit = 0
            raise error from None
        except Exception:
            vars(sys).pop("tracebacklimit", None)
            raise

    return wrapper


def warn_once(message: str) -> None:
    """Show a warning once per process: as the engine's own kind, else on stderr."""
    with _lock:
        if message in _warned:
            return
        _warned.add(message)
    _log("WARNING", message)


def tell(message: str) -> None:
    """Show a piece of information."""
    _log("INFO", message)


def _log(severity: str, message: str) -> None:
    """Tell the engine, whose address is the plugin's last argument (ENGINE.md, Errors), or else stderr."""
    import grpc  # noqa: PLC0415 - both are heavy, and messages are rare
    from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc  # noqa: PLC0415

    message = message.encode(errors="replace").decode()  # a lone surrogate cannot be sent
    request = engine_pb2.LogRequest(severity=engine_pb2.LogSeverity.Value(severity), message=message)
    try:
        # The engine is on this machine, whatever proxy the environment names.
        with grpc.insecure_channel(sys.argv[-1], options=[("grpc.enable_http_proxy", 0)]) as channel:
            engine_pb2_grpc.EngineStub(channel).Log(request, timeout=5)
    except grpc.RpcError:
        print(f"{severity.lower()}: {message}", file=sys.stderr)  # noqa: T201 - the engine shows what a plugin prints
