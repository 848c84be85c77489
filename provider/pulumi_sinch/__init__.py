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

if TYPE_CHECKING:
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

# Programs do not need the module of callbacks, and importing Pulumi takes most of a second: receivers of
# callbacks, the command line and the pytest plugin do not need Pulumi.
_MODULES = {
    "InvalidNonceError": "callbacks.signature",
    "MalformedSignatureHeaderError": "callbacks.signature",
    "MissingSignatureHeaderError": "callbacks.signature",
    "Provider": "explicit_provider",
    "SignatureError": "callbacks.signature",
    "SignatureMismatchError": "callbacks.signature",
    "SinchWebhook": "webhook",
    "SinchWebhooks": "lookup",
    "StaleTimestampError": "callbacks.signature",
    "sign": "callbacks.signature",
    "verify_signature": "callbacks.signature",
}


def __getattr__(name: str) -> object:
    """Import a class or function of `_MODULES` when it is used for the first time."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    return value
