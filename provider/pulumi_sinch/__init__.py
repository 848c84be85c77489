"""Sinch provisioning webhooks as Pulumi resources."""

from importlib import import_module
from typing import TYPE_CHECKING

from pulumi_sinch.api.errors import (
    AnswerLostError,
    ApiError,
    ConnectionFailedError,
    DeadlineExceededError,
    InternalError,
    InvalidIdFormatError,
    InvalidInputError,
    InvalidPageSizeError,
    InvalidPageTokenError,
    InvalidPayloadError,
    SettingsError,
    SinchError,
    TokenError,
    UnauthorizedError,
    UnexpectedResponseError,
    WebhookExistsError,
    WebhookLimitReachedError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.callbacks.signature import (
    InvalidNonceError,
    MalformedSignatureHeaderError,
    MissingSignatureHeaderError,
    SignatureError,
    SignatureMismatchError,
    StaleTimestampError,
    sign,
    verify_signature,
)

if TYPE_CHECKING:
    from pulumi_sinch.explicit_provider import Provider
    from pulumi_sinch.lookup import SinchWebhooks
    from pulumi_sinch.webhook import SinchWebhook

__all__ = [
    "AnswerLostError",
    "ApiError",
    "ConnectionFailedError",
    "DeadlineExceededError",
    "InternalError",
    "InvalidIdFormatError",
    "InvalidInputError",
    "InvalidNonceError",
    "InvalidPageSizeError",
    "InvalidPageTokenError",
    "InvalidPayloadError",
    "MalformedSignatureHeaderError",
    "MissingSignatureHeaderError",
    "Provider",
    "SettingsError",
    "SignatureError",
    "SignatureMismatchError",
    "SinchError",
    "SinchWebhook",
    "SinchWebhooks",
    "StaleTimestampError",
    "TokenError",
    "Trigger",
    "UnauthorizedError",
    "UnexpectedResponseError",
    "WebhookExistsError",
    "WebhookLimitReachedError",
    "WebhookNotFoundError",
    "sign",
    "verify_signature",
]

# Importing Pulumi takes most of a second. Receivers of callbacks, the command line and the pytest plugin do
# not need Pulumi.
_NEEDS_PULUMI = {
    "Provider": "pulumi_sinch.explicit_provider",
    "SinchWebhook": "pulumi_sinch.webhook",
    "SinchWebhooks": "pulumi_sinch.lookup",
}


def __getattr__(name: str) -> object:
    """Import `Provider`, `SinchWebhook` or `SinchWebhooks` when the class is used for the first time."""
    if name not in _NEEDS_PULUMI:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_NEEDS_PULUMI[name]), name)
    return value
