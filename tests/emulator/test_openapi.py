"""The OpenAPI description of the control API matches the implementation."""

import json
import re
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pulumi_sinch.emulator
import pytest
import requests
from openapi_spec_validator import validate
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.app import create_app
from pulumi_sinch.emulator.control_api import ClockChange, Event, Latency, NewWebhook, WebhookChange
from pulumi_sinch.emulator.faults.definition import Fault
from pulumi_sinch.emulator.rate_limits import RateLimits
from pydantic import BaseModel

FILE = Path(pulumi_sinch.emulator.__file__).with_name("openapi.json")
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text())
MODELS = [ClockChange, Event, Fault, Latency, NewWebhook, RateLimits, WebhookChange]


def test_it_is_served(sinch_emulator: Emulator) -> None:
    """The document is a valid OpenAPI 3.1 description, and the emulator serves it."""
    validate(DOCUMENT)
    answer = requests.get(f"{sinch_emulator.url}/_emulator/openapi.json", timeout=10)
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json() == DOCUMENT


def test_it_has_every_route(sinch_emulator: Emulator) -> None:
    """The description has exactly the paths and methods of the application."""
    rules = create_app(sinch_emulator._backend).url_map.iter_rules()
    served = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/_emulator")))
        for rule in rules
        if rule.rule.startswith("/_emulator/")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert described == served


def plain(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the accepted values of a field's schema, normalized."""
    options = schema.get("anyOf", [schema])
    kinds: set[str] = set()
    limits: dict[str, Any] = {}
    for option in options:
        kind = option.get("type", "string" if "enum" in option else [])
        kinds |= {kind} if isinstance(kind, str) else set(kind)
        keys = ("minimum", "exclusiveMinimum", "maximum", "minLength", "pattern", "enum")
        limits |= {key: option[key] for key in keys if key in option}
    return {"types": kinds, **limits}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_bodies_are_the_models(model: type[BaseModel]) -> None:
    """Each request body has the model's fields, types and limits, and no others."""
    described = DOCUMENT["components"]["schemas"][model.__name__]
    real = model.model_json_schema()
    assert described["additionalProperties"] is real["additionalProperties"] is False
    assert described.get("required", []) == real.get("required", [])
    fields = {name: plain(schema) for name, schema in real["properties"].items()}
    if model is Fault:  # null means the default of the kind
        fields["after_commit"]["types"].add("null")
    assert {name: plain(schema) for name, schema in described["properties"].items()} == fields


class Calls:
    """Sends requests to the control API, and validates each response."""

    def __init__(self, emulator: Emulator) -> None:
        self.url = emulator.url
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(self, method: str, template: str, body: Any = None, query: str = "", **values: Any) -> Any:
        url = f"{self.url}/_emulator{template.format(**values)}{query}"
        answer = requests.request(method, url, json=body, timeout=10)
        operation = DOCUMENT["paths"][template][method.lower()]
        response = operation["responses"][str(answer.status_code)]
        while "$ref" in response:
            response = resolved(response)
        content = response.get("content")
        self.seen.add((method.lower(), template, answer.status_code))
        if content is None:
            assert answer.content == b""
            return None
        schema = {**content["application/json"]["schema"], "components": DOCUMENT["components"]}
        jsonschema.validate(answer.json(), schema)
        return answer.json()


def resolved(reference: dict[str, Any]) -> Any:
    found: Any = DOCUMENT
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


@pytest.fixture
def calls(sinch_emulator: Emulator) -> Calls:
    return Calls(sinch_emulator)


def test_responses_are_as_described(calls: Calls, api: requests.Session) -> None:
    """Every operation is called, and each response matches its schema."""
    for path in ("/health", "/openapi.json", "/info"):
        calls("GET", path)
    calls("PUT", "/latency", {"seconds": 0})
    calls("PUT", "/rate-limits", {"per_key": 1000})
    assert calls("GET", "/info")["rate_limits"]["per_key"] == 1000
    calls("POST", "/clock", {"advance": 1})
    calls("POST", "/tokens/expire")
    webhook = calls("POST", "/webhooks", {"target": "http://127.0.0.1:9/"})
    item = {"webhook_id": webhook["id"]}
    calls("GET", "/webhooks")
    calls("GET", "/webhooks/{webhook_id}", **item)
    calls("GET", "/webhooks/{webhook_id}/secret", **item)
    calls("PATCH", "/webhooks/{webhook_id}", {"triggers": ["ALL", "BUNDLE_DONE"]}, **item)
    api.get("")
    api.post("", json={})
    assert calls("GET", "/journal", query="?limit=2&status=200")["entries"]
    calls("DELETE", "/journal")
    delivered = calls("POST", "/deliver", {"trigger": "BUNDLE_DONE", "attempts": 1})
    calls("POST", "/deliveries/{number}/resend", number=delivered["deliveries"][0]["number"])
    assert calls("GET", "/deliveries", query="?after=1")["deliveries"]
    calls("DELETE", "/deliveries")
    fault = calls("POST", "/faults", {"kind": "status", "status": 503})
    assert calls("GET", "/faults")["faults"]
    calls("DELETE", "/faults/{number}", **fault)
    calls("DELETE", "/faults")
    calls("DELETE", "/webhooks/{webhook_id}", **item)
    assert calls("POST", "/deliver", {"trigger": "BUNDLE_DONE"})["note"]
    calls("POST", "/reset")
    described = {(method, path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert {(method, path) for method, path, _ in calls.seen} == described


NOBODY = "0" * 32


@pytest.mark.parametrize(
    ("status", "method", "template", "body", "values"),
    [
        (400, "PUT", "/latency", {"seconds": -1}, {}),
        (400, "PUT", "/rate-limits", {"per_project": 0}, {}),
        (400, "POST", "/clock", {}, {}),
        (409, "POST", "/webhooks", {"target": "http://127.0.0.1:9/"}, {}),
        (400, "POST", "/webhooks", {"target": "not-a-url"}, {}),
        (404, "POST", "/webhooks", {"target": "http://127.0.0.1:9/x", "project_id": "nowhere"}, {}),
        (404, "GET", "/webhooks/{webhook_id}", None, {"webhook_id": NOBODY}),
        (404, "GET", "/webhooks/{webhook_id}/secret", None, {"webhook_id": NOBODY}),
        (404, "PATCH", "/webhooks/{webhook_id}", {}, {"webhook_id": NOBODY}),
        (404, "DELETE", "/webhooks/{webhook_id}", None, {"webhook_id": NOBODY}),
        (400, "POST", "/deliver", {"trigger": "ALL"}, {}),
        (404, "POST", "/deliver", {"trigger": "BUNDLE_DONE", "webhook_id": NOBODY}, {}),
        (404, "POST", "/deliveries/{number}/resend", None, {"number": 99}),
        (400, "POST", "/faults", {"kind": "bogus"}, {}),
        (404, "DELETE", "/faults/{number}", None, {"number": 99}),
    ],
)
def test_errors_are_as_described(
    calls: Calls, status: int, method: str, template: str, body: Any, values: dict[str, Any]
) -> None:
    """Each error has the field `error` and a described status."""
    calls("POST", "/webhooks", {"target": "http://127.0.0.1:9/"})
    assert calls(method, template, body, **values)["error"]
    assert (method.lower(), template, status) in calls.seen


@pytest.mark.parametrize("name", ["status", "after", "limit"])
@pytest.mark.parametrize("path", ["/journal", "/deliveries"])
def test_numbers_of_a_query_are_numbers(sinch_emulator: Emulator, path: str, name: str) -> None:
    """A query parameter that is not a number is an error."""
    described = [parameter["name"] for parameter in DOCUMENT["paths"][path]["get"]["parameters"]]
    assert name in described
    for value in ("x", "-1", "1.5", ""):
        answer = requests.get(f"{sinch_emulator.url}/_emulator{path}?{name}={value}", timeout=10)
        assert (answer.status_code, answer.json()) == (400, {"error": f"{name}: must be a number from 0"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/_emulator", 404),
        ("GET", "/_emulator/", 404),
        ("GET", "/_emulator/nothing", 404),
        ("DELETE", "/_emulator/deliveries/x/resend", 404),
        ("POST", "/_emulator/health", 405),
        ("BREW", "/_emulator/faults", 405),
        ("TRACE", "/_emulator/webhooks/x", 405),
    ],
)
def test_every_error_is_json(sinch_emulator: Emulator, method: str, path: str, status: int) -> None:
    """Every error is JSON and names the description, also for paths and methods that do not exist."""
    answer = requests.request(method, sinch_emulator.url + path, timeout=10)
    assert answer.status_code == status
    assert "/_emulator/openapi.json" in answer.json()["error"]
    assert (status == 405) == ("Allow" in answer.headers)
    foreign = {"Origin": "https://evil.example"}
    assert requests.request(method, sinch_emulator.url + path, headers=foreign, timeout=10).status_code == 403


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"nul", b"[" * 100_000])
def test_a_body_that_cannot_be_read_is_a_json_error(sinch_emulator: Emulator, body: bytes) -> None:
    """A broken or deeply nested body is a JSON error with a readable sentence."""
    answer = requests.post(f"{sinch_emulator.url}/_emulator/faults", data=body, timeout=10)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error in {"the body: must be valid JSON", "the body: must be a JSON object"}


def test_a_body_that_is_too_long_is_a_json_error(sinch_emulator: Emulator) -> None:
    """A body that is too long is rejected before it is read."""
    parts = urlsplit(sinch_emulator.url)
    with socket.create_connection((parts.hostname, parts.port or 0), timeout=10) as sock:
        sock.sendall(
            b"POST /_emulator/faults?x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n"
        )
        head, _, body = b"".join(iter(lambda: sock.recv(65536), b"")).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert json.loads(body) == {"error": "The request cannot be read. A body may have up to 128 KiB."}
