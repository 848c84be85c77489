"""The life cycle of webhooks compared with a model, and arbitrary requests."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from pulumi_sinch.emulator import Emulator

SETTINGS = settings(
    max_examples=25,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TARGETS = st.integers(0, 17).map(lambda number: f"https://{number:02}.example")
TRIGGERS = st.lists(
    st.sampled_from(["ALL", "BUNDLE_DONE", "WHATSAPP_SENDER_ACTIVE"]), min_size=1, unique=True
)
SECRETS = st.text("abc", min_size=1, max_size=5)
FIELDS = {"target": TARGETS, "triggers": TRIGGERS, "secret": SECRETS}


@pytest.fixture(scope="module")
def shared() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


class Life(RuleBasedStateMachine):
    """Changes webhooks in the emulator and in a dict, which must agree."""

    emulator: Emulator
    session: requests.Session
    ids = Bundle("ids")

    @initialize()
    def clean(self) -> None:
        self.emulator.reset()
        self.model: dict[str, dict[str, Any]] = {}

    def send(self, method: str, path: str = "", body: Any = None) -> requests.Response:
        url = f"{self.emulator.url}/v1/projects/{self.emulator.project_id}/webhooks{path}"
        return self.session.request(method, url, json=body, timeout=10)

    def is_taken(self, target: str | None, webhook_id: str | None = None) -> bool:
        return any(webhook["target"] == target for key, webhook in self.model.items() if key != webhook_id)

    @rule(target=ids, body=st.fixed_dictionaries(FIELDS))
    def create(self, body: dict[str, Any]) -> str:
        answer = self.send("POST", body=body)
        if self.is_taken(body["target"]):
            assert answer.status_code == 409
        elif len(self.model) == 15:
            assert answer.status_code == 424
        else:
            assert answer.status_code == 201
            self.model[answer.json()["id"]] = dict(body)
            return str(answer.json()["id"])
        return "f" * 32

    @rule(webhook_id=ids, body=st.fixed_dictionaries(FIELDS))
    def replace(self, webhook_id: str, body: dict[str, Any]) -> None:
        self.change("PUT", webhook_id, body)

    @rule(webhook_id=ids, body=st.fixed_dictionaries({}, optional=FIELDS))
    def update(self, webhook_id: str, body: dict[str, Any]) -> None:
        self.change("PATCH", webhook_id, body)

    def change(self, method: str, webhook_id: str, body: dict[str, Any]) -> None:
        answer = self.send(method, f"/{webhook_id}", body)
        if webhook_id not in self.model:
            assert answer.status_code == 404
        elif self.is_taken(body.get("target"), webhook_id):
            assert answer.status_code == 409
        else:
            assert answer.status_code == 200
            self.model[webhook_id].update(body)

    @rule(webhook_id=ids)
    def delete(self, webhook_id: str) -> None:
        answer = self.send("DELETE", f"/{webhook_id}")
        assert answer.status_code == (204 if self.model.pop(webhook_id, None) else 404)

    @rule(webhook_id=ids)
    def get(self, webhook_id: str) -> None:
        answer = self.send("GET", f"/{webhook_id}")
        if webhook_id in self.model:
            assert answer.json() == self.shown(webhook_id)
        else:
            assert answer.status_code == 404

    @rule(size=st.integers(1, 15))
    def walk(self, size: int) -> None:
        shown = []
        query = f"?pageSize={size}"
        for _ in range(16):
            page = self.send("GET", query).json()
            shown += page["webhooks"]
            if "nextPageToken" not in page:
                break
            query = f"?pageSize={size}&pageToken={page['nextPageToken']}"
        assert shown == sorted(map(self.shown, self.model), key=lambda webhook: str(webhook["target"]))

    def shown(self, webhook_id: str) -> dict[str, Any]:
        webhook = self.model[webhook_id]
        return {
            "id": webhook_id,
            "projectId": self.emulator.project_id,
            "target": webhook["target"],
            "triggers": webhook["triggers"],
        }

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        stored = {webhook.id: webhook for webhook in self.emulator.webhooks()}
        assert stored.keys() == self.model.keys()
        assert all(stored[key].secret == webhook["secret"] for key, webhook in self.model.items())


def test_the_life_of_webhooks_follows_the_model(shared: Emulator) -> None:
    """For any sequence of creates, updates and deletes, responses and store agree with a simple model."""
    with requests.Session() as session:
        session.auth = (shared.key_id, shared.key_secret)
        machine = type("Machine", (Life,), {"emulator": shared, "session": session, "TestCase": None})
        from hypothesis.stateful import run_state_machine_as_test

        run_state_machine_as_test(machine, settings=SETTINGS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NEAR_BODIES = st.dictionaries(st.sampled_from(["target", "triggers", "secret", "id"]), JSON)
# Clients normalize a path of only dots before they send it.
IDS = st.text(min_size=1, max_size=40).filter(lambda text: text.strip("./")) | st.from_regex(
    r"[0-9a-f]{32}", fullmatch=True
)
CODES: dict[int, set[str | None]] = {
    200: {None},
    201: {None},
    204: {None},
    400: {"invalid_input", "invalid_payload", "invalid_id_format", "invalid_page_size", "invalid_page_token"},
    401: {"unauthorized_error"},
    404: {"webhook_not_found"},
    409: {"webhook_exists"},
    424: {"webhook_limit_reached"},
}


def assert_documented(answer: requests.Response) -> None:
    code = answer.json().get("errorCode") if answer.content and answer.status_code != 204 else None
    assert code in CODES[answer.status_code]


@settings(parent=SETTINGS, max_examples=150)
@given(data=st.data())
def test_arbitrary_requests_get_documented_answers(shared: Emulator, data: st.DataObject) -> None:
    """Any body, id, query and header gets a documented response, never a 500."""
    method = data.draw(st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE"]))
    path = "" if method == "POST" else "/" + quote(data.draw(IDS).encode(errors="ignore") or "x", safe="")
    if method == "GET" and data.draw(st.booleans()):
        names = st.sampled_from(["pageSize", "pageToken", "x"])
        pairs = data.draw(st.lists(st.tuples(names, st.text(max_size=8) | st.integers().map(str))))
        path = "?" + "&".join(f"{name}={quote(value.encode(errors='ignore'))}" for name, value in pairs)
    headers = data.draw(
        st.dictionaries(
            st.from_regex(r"[A-Za-z][A-Za-z-]{0,10}", fullmatch=True).filter(
                lambda name: not re.search("length|encoding|host|connection|expect|auth", name, re.IGNORECASE)
            ),
            st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=10),
            max_size=3,
        )
    )
    sent: dict[str, Any] = data.draw(
        st.one_of(
            st.fixed_dictionaries({"data": st.binary(max_size=60)}),
            st.fixed_dictionaries({"json": JSON.filter(is_json) | NEAR_BODIES.filter(is_json)}),
            st.fixed_dictionaries({"json": st.fixed_dictionaries(FIELDS)}),
        )
    )
    url = f"{shared.url}/v1/projects/{shared.project_id}/webhooks{path}"
    auth = (shared.key_id, shared.key_secret)
    assert_documented(requests.request(method, url, auth=auth, headers=headers, timeout=10, **sent))


def is_json(value: Any) -> bool:
    return not re.search(r"\bnan\b|\binf\b", repr(value))


@settings(parent=SETTINGS, max_examples=60)
@given(
    authorization=st.text(st.characters(min_codepoint=33, max_codepoint=255), max_size=30)
    | st.binary(max_size=20).map(lambda data: b"Basic " + data.hex().encode())
)
def test_arbitrary_credentials_are_unauthorized(shared: Emulator, authorization: str | bytes) -> None:
    """A random Authorization header never gets access and never causes a 500."""
    url = f"{shared.url}/v1/projects/{shared.project_id}/webhooks"
    header = authorization.encode("latin-1") if isinstance(authorization, str) else authorization
    answer = requests.get(url, headers={"Authorization": header}, timeout=10)
    assert answer.status_code == 401
    token = requests.post(f"{shared.url}/oauth2/token", headers={"Authorization": header}, timeout=10)
    assert (token.status_code, token.json()["error"]) == (401, "invalid_client")
