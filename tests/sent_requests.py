"""The requests that an emulator received, in short."""

from pulumi_sinch.emulator import Emulator


def take_sent_requests(emulator: Emulator) -> list[str]:
    """Return the requests since the last call of this function, and clear them.

    Returns:
        ``token`` for a token request, otherwise method and status, such as ``POST 201``.
    """
    entries = emulator.journal.entries()
    emulator.journal.clear()
    return [
        "token" if entry.path.endswith("/token") else f"{entry.method} {entry.status}" for entry in entries
    ]
