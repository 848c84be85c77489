"""One exception per documented ``errorCode``, under `SinchError`.

The first line of every text stands alone: the engine shows only that line in its tree, and older SDKs show no
class name. Texts from the server are sanitized before they get here.
"""

from typing import ClassVar


class SinchError(Exception):
    """Base of everything that this package raises on purpose.

    Attributes:
        sentence: What happened, in one line.
        hint: What to do next, or an empty string.
        ambiguous: Whether the request may have been carried out although no answer said so.
    """

    def __init__(self, sentence: str, *, hint: str = "", ambiguous: bool = False) -> None:
        """Compose the text: the sentence first, the hint on lines of its own."""
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
    """No connection could be made, so the request was not sent."""


class DeadlineExceededError(SinchError):
    """The operation's time (``sinch:timeout``) was used up before the request could be sent."""


class AnswerLostError(SinchError):
    """No complete response arrived. The request may or may not have been carried out."""


class UnexpectedResponseError(SinchError):
    """The answer is none that the API documents, such as a proxy's HTML page."""


class ApiError(SinchError):
    """An error answer of the API, or of a gateway in front of it.

    Attributes:
        action: What failed, such as ``creating the webhook``.
        status: HTTP status.
        error_code: Sinch's ``errorCode``, or an empty string where the body has none.
        message: Sinch's ``message``, sanitized.
        resolution: Sinch's ``resolution``, sanitized.
        details: Texts of ``additionalInformation``, sanitized.
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
    ) -> None:
        """Compose ``what failed (HTTP status errorCode): message - resolution``."""
        code = f" {error_code}" if error_code else ""
        explanation = " - ".join(part for part in (message, "; ".join(details), resolution) if part)
        super().__init__(
            f"{action} failed (HTTP {status}{code})" + (f": {explanation}" if explanation else ""),
            ambiguous=ambiguous,
        )
        self.action = action
        self.status = status
        self.error_code = error_code
        self.message = message
        self.resolution = resolution
        self.details = details


class InvalidInputError(ApiError):
    """A field breaks one of Sinch's rules; `details` says which."""

    error_codes = ("invalid_input",)


class InvalidPayloadError(ApiError):
    """The body that was sent is not a JSON object."""

    error_codes = ("invalid_payload",)


class InvalidIdFormatError(ApiError):
    """The webhook id is not in Sinch's format."""

    error_codes = ("invalid_id_format", "webhook_invalid_id")


class InvalidPageSizeError(ApiError):
    """The page size of a list call is not a number from 1 to 15."""

    error_codes = ("invalid_page_size",)


class InvalidPageTokenError(ApiError):
    """The page token of a list call is not one that Sinch gave."""

    error_codes = ("invalid_page_token",)


class UnauthorizedError(ApiError):
    """The credentials are rejected, or the project is not theirs: Sinch answers both alike."""

    error_codes = ("unauthorized_error",)


class WebhookNotFoundError(ApiError):
    """No webhook has this id. The only error that removes a webhook from the state."""

    error_codes = ("webhook_not_found",)


class WebhookExistsError(ApiError):
    """Another webhook of the project has this target."""

    error_codes = ("webhook_exists",)


class WebhookLimitReachedError(ApiError):
    """The project has the 15 webhooks that Sinch allows."""

    error_codes = ("webhook_limit_reached",)


class InternalError(ApiError):
    """Sinch failed on its side."""

    error_codes = ("internal_error",)


class TokenError(ApiError):
    """Sinch's token endpoint refused the access key."""


_BY_ERROR_CODE = {code: error for error in ApiError.__subclasses__() for code in error.error_codes}


def error_class(error_code: str) -> type[ApiError]:
    """Return the exception class of a documented ``errorCode``, `ApiError` for any other."""
    return _BY_ERROR_CODE.get(error_code, ApiError)


# Users meet these names in tracebacks and `except` clauses: they are public as `pulumi_sinch.…`.
for _error in [SinchError, *SinchError.__subclasses__(), *ApiError.__subclasses__()]:
    _error.__module__ = "pulumi_sinch"
del _error
