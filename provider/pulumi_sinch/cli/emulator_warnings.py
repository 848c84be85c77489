"""The warnings of ``pulumi-sinch emulator`` about access from other machines."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from pulumi_sinch.urls import is_loopback


def exposure_warnings(host: str, allowed_hosts: Sequence[str], advertise_url: str | None) -> list[str]:
    """Return warnings about access from other machines.

    The function returns a warning if other machines can use the emulator, and another warning if the emulator
    rejects requests to the URL of ``--advertise``.

    Args:
        host: The address to listen on.
        allowed_hosts: The hosts of ``--allow-host``.
        advertise_url: The URL of ``--advertise``.
    """
    warnings = []
    allowed = {name.lower() for name in allowed_hosts}
    names = ", ".join(allowed_hosts)
    if allowed:
        warnings.append(
            f"Everybody who can reach this machine under the name {names} can read and change everything, "
            "including the webhook secrets."
        )
    elif not is_loopback(host):
        warnings.append(
            f"{host} can be reached from other machines. They cannot use the emulator's web page and control "
            "API. They can use the emulated API only if their requests name exactly this address. To let "
            "them use all three under the host name or address NAME, start the emulator with --allow-host "
            "NAME."
        )
    advertised = urlsplit(advertise_url or "").hostname
    if advertised and not is_loopback(advertised) and advertised not in allowed:
        warnings.append(
            f"The emulator rejects requests to the host {advertised}, because this host is not allowed. Add "
            f"--allow-host {advertised}."
        )
    return warnings
