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
