import json

import pytest
from pulumi_sinch.api.http_messages import Request, Response


def test_representations_hold_nothing_confidential() -> None:
    """The repr of a request or a response contains neither body nor headers."""
    request = Request("trying", "POST", "https://api.example.com/v1", json={"secret": "s3cret"})
    response = Response(200, {"x": "s3cret"}, b'{"access_token": "s3cret"}')
    assert "s3cret" not in f"{request!r} {response!r}"


def test_a_body_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body is parsed once, and the retry rules and the model share the result."""
    response = Response(200, {}, b'{"id": "w1"}')
    assert not response.is_unreadable
    monkeypatch.delattr(json, "loads")
    assert response.data == {"id": "w1"}


REFUSED = b'{"errorCode": "webhook_exists"}'


@pytest.mark.parametrize(
    ("status", "body", "ambiguous"),
    [
        (400, REFUSED, False),
        (404, REFUSED, False),
        (409, REFUSED, False),
        (424, REFUSED, False),
        (409, b"<html>", True),
        (409, b"{}", True),
        (409, b'{"errorCode": ""}', True),
        (409, b'{"errorCode": 7}', True),
        (409, b"[]", True),
        (401, b"<html>", False),
        (407, b"", False),
        (414, b"", False),
        (429, b"", False),
        (431, b"", False),
        (101, b"", True),
        (302, b"", True),
        (303, REFUSED, True),
        (403, REFUSED, True),
        (408, REFUSED, True),
        (413, b"", True),
        (499, REFUSED, True),
        (500, REFUSED, True),
        (530, b"", True),
        (600, REFUSED, True),
        (201, b"{}", False),
        (204, b"", False),
        (201, b"<html>", True),
    ],
)
def test_only_a_documented_refusal_proves_that_nothing_changed(
    status: int, body: bytes, ambiguous: bool
) -> None:
    """Everything else may come from a gateway that has forwarded the request."""
    assert Response(status, {}, body).ambiguous is ambiguous
    assert Response(status, {}, body, after_ambiguous_attempt=True).ambiguous
