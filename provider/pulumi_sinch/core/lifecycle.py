"""The functions for the lifecycle of a webhook. The dynamic provider and the provider plugin call them.

Each preview, update, refresh or destroy runs in a new plugin process. To start fast, a plugin process imports
only the modules that it needs. Only `check` needs pydantic. Only functions that send requests need the HTTP
library `requests`. So `lifecycle` imports each function, such as `check`, from its module only when the
function is used for the first time. The other modules of `core` have their imports at the top of the file, as
usual.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pulumi_sinch.core.lazy_imports import fast_import

if TYPE_CHECKING:
    from pulumi_sinch.core.check import check
    from pulumi_sinch.core.diff import diff, preview_create, preview_update
    from pulumi_sinch.core.preflight import look_ahead
    from pulumi_sinch.core.read import find_webhook, list_webhooks, read
    from pulumi_sinch.core.write import create, delete, update

__all__ = [
    "check",
    "create",
    "delete",
    "diff",
    "find_webhook",
    "list_webhooks",
    "look_ahead",
    "preview_create",
    "preview_update",
    "read",
    "update",
]

_MODULES = {
    "check": "pulumi_sinch.core.check",
    "diff": "pulumi_sinch.core.diff",
    "preview_create": "pulumi_sinch.core.diff",
    "preview_update": "pulumi_sinch.core.diff",
    "look_ahead": "pulumi_sinch.core.preflight",
    "read": "pulumi_sinch.core.read",
    "find_webhook": "pulumi_sinch.core.read",
    "list_webhooks": "pulumi_sinch.core.read",
    "create": "pulumi_sinch.core.write",
    "update": "pulumi_sinch.core.write",
    "delete": "pulumi_sinch.core.write",
}


def __getattr__(name: str) -> object:
    """Import a function of the lifecycle on its first use."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with fast_import():
        module = import_module(_MODULES[name])
    value = globals()[name] = getattr(module, name)
    return value
