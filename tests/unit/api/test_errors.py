import pulumi_sinch
import pytest
from pulumi_sinch import SinchError
from pulumi_sinch.api.errors import ApiError, TokenError, error_class


@pytest.mark.parametrize(
    ("error_code", "name"),
    [
        ("invalid_input", "InvalidInputError"),
        ("invalid_payload", "InvalidPayloadError"),
        ("invalid_id_format", "InvalidIdFormatError"),
        ("webhook_invalid_id", "InvalidIdFormatError"),
        ("invalid_page_size", "InvalidPageSizeError"),
        ("invalid_page_token", "InvalidPageTokenError"),
        ("unauthorized_error", "UnauthorizedError"),
        ("webhook_not_found", "WebhookNotFoundError"),
        ("webhook_exists", "WebhookExistsError"),
        ("webhook_limit_reached", "WebhookLimitReachedError"),
        ("internal_error", "InternalError"),
        ("something_new", "ApiError"),
        ("", "ApiError"),
    ],
)
def test_one_class_per_error_code(error_code: str, name: str) -> None:
    """Each documented errorCode has a public exception. Any other code is an `ApiError`."""
    status = {"unauthorized_error": 401, "webhook_not_found": 404}.get(error_code, 400)
    assert error_class(error_code, status) is getattr(pulumi_sinch, name)


def public_errors() -> list[type[BaseException]]:
    found = [getattr(pulumi_sinch, name) for name in pulumi_sinch.__all__ if name.endswith("Error")]
    assert len(found) > 15
    return found


@pytest.mark.parametrize("error", public_errors(), ids=lambda error: error.__name__)
def test_public_names(error: type[BaseException]) -> None:
    """Tracebacks show every exception as pulumi_sinch.…, whichever module defines it."""
    assert error.__module__ == "pulumi_sinch"
    assert error.__doc__


def test_every_error_is_public() -> None:
    """Every exception that is raised on purpose has a public name."""

    def below(error: type[BaseException]) -> set[str]:
        return {error.__name__}.union(*(below(child) for child in error.__subclasses__()))

    others = {"DeliveryError"}  # raised by command-line tools, which no program imports
    assert below(SinchError) - others <= set(pulumi_sinch.__all__)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"status": 502}, "trying failed (HTTP 502)"),
        ({"status": 401, "error_code": "a_code"}, "trying failed (HTTP 401 a_code)"),
        (
            {"status": 400, "error_code": "a_code", "message": "Message.", "resolution": "Do this."},
            "trying failed (HTTP 400 a_code): Message. - Do this.",
        ),
        ({"status": 400, "resolution": "Do this."}, "trying failed (HTTP 400): Do this."),
        (
            {"status": 400, "message": "Message.", "details": ("one", "two"), "resolution": "Do this."},
            "trying failed (HTTP 400): Message. - one; two - Do this.",
        ),
    ],
)
def test_the_sentence(parts: dict[str, object], text: str) -> None:
    """The message is `ACTION failed (HTTP STATUS ERRORCODE): MESSAGE - RESOLUTION`, without missing parts."""
    error = ApiError("trying", **parts)  # type: ignore[arg-type]
    assert str(error) == error.sentence == text
    error.hint = "Try this.\nOr that."
    assert str(error) == f"{text}\nTry this.\nOr that."


def test_an_error_leaves_nothing_open_unless_it_says_so() -> None:
    """An error is not ambiguous by default."""
    assert not SinchError("trying failed").ambiguous
    assert not ApiError("trying", status=400).ambiguous
    assert SinchError("trying failed", ambiguous=True).ambiguous


def test_the_parts_of_an_error() -> None:
    """The parts of an error are available as attributes."""
    error = TokenError("fetching", status=401, error_code="invalid_client", message="m", ambiguous=True)
    assert (error.status, error.error_code, error.message, error.resolution, error.details) == (
        401,
        "invalid_client",
        "m",
        "",
        (),
    )
    assert error.ambiguous


@pytest.mark.parametrize(
    ("error_code", "status", "name"),
    [
        ("", 401, "UnauthorizedError"),
        ("webhook_not_found", 401, "UnauthorizedError"),
        ("unauthorized_error", 403, "ApiError"),
        ("webhook_not_found", 400, "ApiError"),
        ("webhook_exists", 400, "WebhookExistsError"),
    ],
)
def test_the_status_overrules_the_error_code(error_code: str, status: int, name: str) -> None:
    """A 401 is always `UnauthorizedError`, and `webhook_not_found` requires a 404."""
    assert error_class(error_code, status) is getattr(pulumi_sinch, name)


@pytest.mark.parametrize("status", [302, 400, 401, 503])
def test_the_class_of_the_token_endpoint(status: int) -> None:
    """Every error response of the token endpoint is a `TokenError`."""
    assert error_class("webhook_not_found", status, from_token_endpoint=True) is TokenError
