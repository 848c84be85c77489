"""A stateful local Sinch: the webhook calls, the token endpoint, and faults on demand (extra ``tools``)."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pulumi_sinch.emulator.emulator import Emulator

__all__ = ["Emulator"]


def __getattr__(name: str) -> object:
    """Load the server when it is asked for: the pytest plugin sits here, and loads with every pytest."""
    if name != "Emulator":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from pulumi_sinch.emulator.emulator import Emulator  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name not in {"flask", "werkzeug"}:
            raise
        raise ModuleNotFoundError(
            "The emulator needs flask: pip install 'pulumi-sinch[tools]'", name=error.name
        ) from None
    return Emulator
