"""Names of resources and variables, derived from targets. Pure functions."""

import builtins
import hashlib
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

from pulumi_sinch.api.models import Webhook
from pulumi_sinch.redaction import HIDDEN, redact_target

_LONGEST_NAME = 60
_SHORTEST_SUFFIX, _LONGEST_SUFFIX = 6, 64
_RESERVED = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "pulumi", "declare", "opts"}


def resource_names(webhooks: Iterable[Webhook]) -> dict[str, str]:
    """Return a name for each webhook, derived from its target.

    A name consists of the target's host, port and path. Parts that can be credentials are removed, because
    Pulumi shows names in many places. If several webhooks would have the same name, each of them gets a
    suffix that is derived from its id. So the names do not depend on the order of the webhooks.

    Args:
        webhooks: All webhooks of the project. Their ids differ.

    Returns:
        The names by webhook id. Each name is unique, and is a valid name for a Python variable.
    """
    bases = {webhook.id: name_of_target(webhook.target) for webhook in webhooks}
    count = Counter(bases.values())
    for length in range(_SHORTEST_SUFFIX, _LONGEST_SUFFIX + 1):
        names = {
            webhook_id: base if count[base] == 1 else f"{base}_{_digest(webhook_id)[:length]}"
            for webhook_id, base in bases.items()
        }
        if len(set(names.values())) == len(names):
            break
    return names


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def name_of_target(target: str) -> str:
    """Return the name for a target, without a suffix, such as ``hooks_example_com_sinch``."""
    shown = redact_target(target).partition("//")[2] or target.partition(":")[0]
    parts = [part for part in re.split(r"[/@?#]", shown) if HIDDEN not in part]
    return identifier("_".join(parts))


def identifier(text: str) -> str:
    """Convert a text to a Python identifier of at most 68 characters.

    The identifier is neither a keyword nor the name of a builtin.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", errors="ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain.lower())
    name = "_".join(words)[:_LONGEST_NAME].rstrip("_") or "webhook"
    if name[0].isdigit():
        name = f"webhook_{name}"
    return f"{name}_webhook" if name in _RESERVED else name
