"""`SinchError`, and one exception class for each documented ``errorCode`` of Sinch.

The first line of every message can be understood alone, because Pulumi's engine shows only this line in its
tree of resources. The line does not rely on the name of the exception class, because older Pulumi SDKs do not
show this name. Text from the server is sanitized before it becomes part of an error.
"""

from http import HTTPStatus
from typing import ClassVar


class SinchError(Exception):
    """Base of all errors that this package raises on purpose.

    Attributes:
        sentence: One line that says what failed.
        hint: The next steps for the user, or an empty string.
        ambiguous: Whether the request possibly took effect although no usable response arrived.
        incomplete_id: If a create failed although its webhook exists at Sinch, the id of this webhook.
            Otherwise an empty string.
    """

    incomplete_id = ""

    def __init__(self, sentence: str, *, hint: str = "", ambiguous: bool = False) -> None:
        """Set the sentence, and the hint that is shown below it."""
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint
        self.ambiguous = ambiguous

    def __str__(self) -> str:
        """Return the sentence and, below it, the hint."""
        return f"{self.sentence}\n{self.hint}" if self.hint else self.sentence


class SettingsError(SinchError):
    """A setting is missing or cannot be used."""


class ConnectionFailedError(SinchError):
    """The request was certainly not sent, for example because no connection could be made."""


class DeadlineExceededError(SinchError):
    """The operation's time (``sinch:timeout``) ended before the request could be sent."""


class AnswerLostError(SinchError):
    """No complete response arrived. A request that is not read-only possibly took effect (ambiguous)."""


class UnexpectedResponseError(SinchError):
    """The API does not document this response. For example, a proxy sent an HTML page."""


class ApiError(SinchError):
    """An error response of Sinch's API, or of a gateway between the client and the API.

    Attributes:
        action: The action that failed, such as ``creating the webhook``.
        status: HTTP status, or 0 if no response contained this error.
        error_code: Sinch's ``errorCode``, or an empty string if the body has none.
        message: Sinch's ``message``, sanitized.
        resolution: Sinch's ``resolution``, sanitized.
        details: The strings of ``additionalInformation``, sanitized.
        retry_after: The ``Retry-After`` header, or None.
    """

    error_codes: ClassVar[tuple[str, ...]] = ()

    def __init__(  # noqa: PLR0913 - the parts of one documented error body
        self,
        action: str,
        *,
        status: int,
        error_code: str = "",
        message: str = "",
        resolution: str = "",
        details: tuple[str, ...] = (),
        ambiguous: bool = False,
        retry_after: str | None = None,
    ) -> None:
        """Set the message: ``ACTION failed (HTTP STATUS ERRORCODE): MESSAGE - DETAILS - RESOLUTION``."""
        codes = " ".join(part for part in (f"HTTP {status}" if status else "", error_code) if part)
        explanation = " - ".join(part for part in (message, "; ".join(details), resolution) if part)
        super().__init__(
            f"{action} failed ({codes})" + (f": {explanation}" if explanation else ""),
            ambiguous=ambiguous,
        )
        self.action = action
        self.status = status
        self.error_code = error_code
        self.message = message
        self.resolution = resolution
        self.details = details
        self.retry_after = retry_after


class InvalidInputError(ApiError):
    """A field breaks one of Sinch's rules. `details` names the rule."""

    error_codes: ClassVar[tuple[str, ...]] = ("invalid_input",)


class InvalidPayloadError(ApiError):
    """The body of the request is not a JSON object."""

    error_codes: ClassVar[tuple[str, ...]] = ("invalid_payload",)


class InvalidIdFormatError(ApiError):
    """The webhook id is not in Sinch's format."""

    error_codes: ClassVar[tuple[str, ...]] = ("invalid_id_format", "webhook_invalid_id")


class InvalidPageSizeError(ApiError):
    """The page size of a list request is not a number from 1 to 15."""

    error_codes: ClassVar[tuple[str, ...]] = ("invalid_page_size",)


class InvalidPageTokenError(ApiError):
    """The page token of a list request did not come from Sinch."""

    error_codes: ClassVar[tuple[str, ...]] = ("invalid_page_token",)


class UnauthorizedError(ApiError):
    """Sinch rejects the credentials, or the credentials have no access to the project.

    Sinch's error is the same in both cases.
    """

    error_codes: ClassVar[tuple[str, ...]] = ("unauthorized_error",)


class WebhookNotFoundError(ApiError):
    """No webhook has this id. This is the only error after which a webhook is removed from Pulumi's state."""

    error_codes: ClassVar[tuple[str, ...]] = ("webhook_not_found",)


class WebhookExistsError(ApiError):
    """Another webhook of the project has this target."""

    error_codes: ClassVar[tuple[str, ...]] = ("webhook_exists",)


class WebhookLimitReachedError(ApiError):
    """The project has 15 webhooks, the maximum."""

    error_codes: ClassVar[tuple[str, ...]] = ("webhook_limit_reached",)


class InternalError(ApiError):
    """Sinch reported an internal error."""

    error_codes: ClassVar[tuple[str, ...]] = ("internal_error",)


class TokenError(ApiError):
    """Sinch's token endpoint sent an error, for example because it rejects the access key."""


_BY_ERROR_CODE = {code: error for error in ApiError.__subclasses__() for code in error.error_codes}


def error_class(error_code: str, status: int, *, from_token_endpoint: bool = False) -> type[ApiError]:
    """Return the exception class of an error response.

    Args:
        error_code: ``errorCode``, or an empty string if the body has none.
        status: HTTP status.
        from_token_endpoint: Whether the token endpoint sent the response. The class is then `TokenError`,
            because the error codes of the token endpoint are codes of OAuth2, not of the API.
    """
    if from_token_endpoint:
        return TokenError
    if status == HTTPStatus.UNAUTHORIZED:  # whatever the body is: a gateway may have sent it
        return UnauthorizedError
    documented = _BY_ERROR_CODE.get(error_code, ApiError)
    if documented is UnauthorizedError:
        return ApiError
    # Only a 404 removes a webhook from the state.
    if documented is WebhookNotFoundError and status != HTTPStatus.NOT_FOUND:
        return ApiError
    return documented


# Users see these names in tracebacks and `except` clauses. The classes are public as `pulumi_sinch.…`.
for _error in [SinchError, *SinchError.__subclasses__(), *ApiError.__subclasses__()]:
    _error.__module__ = "pulumi_sinch"
del _error
