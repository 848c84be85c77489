"""The error responses of the API. Sinch documents all of them except 429 (CONTRACT.md, Errors)."""

from collections.abc import Sequence


class RefusedError(Exception):
    """An error response of the emulated API, as an exception.

    Attributes:
        status: HTTP status.
        error_code: Sinch's ``errorCode``.
        message: Sinch's ``message``.
        resolution: Sinch's ``resolution``.
        validation_errors: Sentences about the invalid fields. Empty unless `error_code` is ``invalid_input``.
        expired: Whether the cause of the error is an expired token.
        retry_after: Value of the ``Retry-After`` header in seconds. None means that the response does not
            have the header.
    """

    def __init__(  # noqa: PLR0913 - the parts of one documented error body
        self,
        status: int,
        error_code: str,
        message: str,
        resolution: str,
        *,
        validation_errors: Sequence[str] = (),
        expired: bool = False,
        retry_after: int | None = None,
    ) -> None:
        """Create the error from the parts of the response."""
        super().__init__("; ".join([message, *validation_errors]))
        self.status = status
        self.error_code = error_code
        self.message = message
        self.resolution = resolution
        self.validation_errors: tuple[str, ...] = tuple(validation_errors)
        self.expired = expired
        self.retry_after = retry_after

    @property
    def body(self) -> dict[str, object]:
        """The JSON object in the body of the response."""
        body: dict[str, object] = {
            "errorCode": self.error_code,
            "message": self.message,
            "resolution": self.resolution,
        }
        if self.validation_errors:
            body["additionalInformation"] = {"validationErrors": list(self.validation_errors)}
        return body


def invalid_input(validation_errors: Sequence[str]) -> RefusedError:
    """Return the error for a request with invalid fields."""
    return RefusedError(
        400,
        "invalid_input",
        "Invalid input.",
        "Correct the fields listed in additionalInformation.",
        validation_errors=validation_errors,
    )


def invalid_payload() -> RefusedError:
    """Return the error for a body that is not a JSON object."""
    return RefusedError(400, "invalid_payload", "Invalid payload.", "Send a JSON object.")


def invalid_id_format() -> RefusedError:
    """Return the error for a malformed webhook id."""
    return RefusedError(
        400, "invalid_id_format", "Id is not in the expected format.", "Verify the webhook id."
    )


def invalid_page_size() -> RefusedError:
    """Return the error for a page size that is not a number from 1 to 15."""
    return RefusedError(
        400, "invalid_page_size", "Page size must be numeric.", "Use a page size from 1 to 15."
    )


def invalid_page_token() -> RefusedError:
    """Return the error for a page token that does not have the format of this emulator's page tokens."""
    return RefusedError(
        400, "invalid_page_token", "Invalid page token.", "Use a page token of a previous answer."
    )


def unauthorized(*, expired: bool = False) -> RefusedError:
    """Return the error for invalid credentials, and for a project that the credentials cannot access.

    Sinch sends the same error for invalid credentials and for an inaccessible project.
    """
    return RefusedError(
        401,
        "unauthorized_error",
        "Unauthorized error.",
        "Verify the project id and the credentials.",
        expired=expired,
    )


def webhook_not_found() -> RefusedError:
    """Return the error for a webhook id that does not exist in the project."""
    return RefusedError(404, "webhook_not_found", "Webhook not found.", "Verify the webhook id.")


def webhook_exists() -> RefusedError:
    """Return the error for a target that another webhook of the project already has."""
    return RefusedError(
        409,
        "webhook_exists",
        "Webhook with the provided target already exists.",
        "Use another target, or update the existing webhook.",
    )


def webhook_limit_reached() -> RefusedError:
    """Return the error for creating a webhook when the project's quota is used up."""
    return RefusedError(
        424,
        "webhook_limit_reached",
        "Number of webhooks has reached the limit.",
        "Delete a webhook that is no longer needed.",
    )


def too_many_requests(retry_after: int) -> RefusedError:
    """Return the error for a request beyond a rate limit. Sinch does not document this error."""
    return RefusedError(
        429,
        "too_many_requests",
        "Too many requests.",
        "Send the request again later.",
        retry_after=retry_after,
    )


def internal_error() -> RefusedError:
    """Return the error for a failure of the server."""
    return RefusedError(500, "internal_error", "Internal server error.", "Try again later.")


_BY_STATUS = {
    400: invalid_payload(),
    401: unauthorized(),
    404: webhook_not_found(),
    409: webhook_exists(),
    424: webhook_limit_reached(),
    500: internal_error(),
}


def documented_body(status: int) -> dict[str, object] | None:
    """Return the error body that Sinch documents for a status, or None if Sinch documents no body."""
    error = _BY_STATUS.get(status)
    return error.body if error else None
