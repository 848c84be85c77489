"""The journal records requests without secrets."""

import json

import pytest
import requests
from emulator.test_webhooks import TRIGGERS
from pulumi_sinch.emulator import Emulator

SECRET = "very-secret-value-1"


def test_an_entry_tells_which_fields_were_sent(api: requests.Session, sinch_emulator: Emulator) -> None:
    """An entry shows which fields were sent, so a test can assert one PATCH of only the triggers."""
    created = api.post("", json={"target": "https://a.example", "triggers": ["ALL"], "secret": SECRET}).json()
    api.patch(f"/{created['id']}", json={"triggers": ["BUNDLE_DONE"]}, headers={"User-Agent": "me/1"})
    (patch,) = sinch_emulator.journal.entries("PATCH")
    assert patch.body == {"triggers": ["BUNDLE_DONE"]}
    assert (patch.path, patch.status) == (
        f"/v1/projects/{sinch_emulator.project_id}/webhooks/{created['id']}",
        200,
    )
    assert (patch.authorization, patch.user_agent, patch.fault) == ("Basic", "me/1", "")
    (post,) = sinch_emulator.journal.entries("post", "/webhooks", status=201)
    assert post.body == {"target": "https://a.example", "triggers": ["ALL"], "secret": "[secret]"}
    assert (post.number, patch.number) == (1, 2)
    assert post.time <= patch.time


def test_no_secret_or_token_is_kept(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The journal contains no secret or token, however it was sent."""
    key_secret = sinch_emulator.key_secret
    form = {"grant_type": "client_credentials", "client_secret": key_secret}
    auth = (sinch_emulator.key_id, key_secret)
    answer = requests.post(f"{sinch_emulator.url}/oauth2/token", auth=auth, data=form, timeout=10)
    token = answer.json()["access_token"]
    bodies: list[object] = [{"Secret": SECRET}, {"x": {"y": SECRET}}, [SECRET], SECRET, {"target": [SECRET]}]
    for body in bodies:
        api.post("", json=body)
    api.post("", data=f'{{"secret": "{SECRET}"')
    api.get("", params={"access_token": token, "secret": SECRET}, auth=("x", SECRET))
    for authorization in [f"Bearer {token}", token, f"{token} x"]:
        requests.get(api.base, headers={"Authorization": authorization}, timeout=10)  # type: ignore[attr-defined]
    kept = repr(sinch_emulator.journal.entries()) + repr(vars(sinch_emulator.journal))
    assert sinch_emulator.journal.count() == 11
    assert not [value for value in (SECRET, token, key_secret) if value in kept]
    assert sinch_emulator.journal.entries("POST", "/oauth2/token")[0].body == {
        "grant_type": "client_credentials",
        "client_secret": "[secret]",
    }


@pytest.mark.parametrize("body", ['{"message": "no t4rget-token"}', "/x?token=t4rget-token"])
def test_the_echo_of_a_part_of_a_target_is_not_kept(
    body: str, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """In JSON and in a text, from the request or from a webhook that exists."""
    target = "https://a.example/x?token=t4rget-token"
    sinch_emulator.faults.add("status", status=400, body=body)
    api.post("", json={"target": target})
    sinch_emulator.create_webhook(target)
    sinch_emulator.faults.add("status", status=400, body=body)
    api.get("")
    assert "t4rget" not in repr(sinch_emulator.journal.entries())


def test_data_in_place_of_a_name_is_not_kept(api: requests.Session, sinch_emulator: Emulator) -> None:
    """A form that is JSON, and fields or parameters with odd names, are hidden completely."""
    token_url = f"{sinch_emulator.url}/oauth2/token"
    requests.post(token_url, data=json.dumps({"secret": SECRET, "x": "="}), timeout=10)
    requests.get(f"{sinch_emulator.url}/v1/x?{SECRET}", timeout=10)
    api.post("", json={SECRET: 1})
    assert SECRET not in repr(vars(sinch_emulator.journal))
    form, query, body = sinch_emulator.journal.entries()
    assert [form.body, query.query, body.body] == [
        {"[hidden]": "[secret]"},
        "[hidden]=[hidden]",
        {"[hidden]": "[secret]"},
    ]


def test_credentials_in_targets_are_not_kept(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The journal redacts user, password and query of targets."""
    target = f"https://user:{SECRET}@a.example/in?token={SECRET}"
    api.post("", json={"target": target, "triggers": ["ALL"], "secret": "s"})
    (entry,) = sinch_emulator.journal.entries()
    assert isinstance(entry.body, dict)
    assert entry.body["target"] == "https://…@a.example/in?…"
    assert SECRET not in repr(vars(sinch_emulator.journal))


def test_an_entry_keeps_little_of_a_huge_request(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The journal keeps only the size of a huge body, and cuts a long path or query."""
    sinch_emulator.faults.add("status", status=503, body=json.dumps(["x"] * 20_000), times=None)
    api.post("", json={f"field{number}": 1 for number in range(21)})
    api.post("", json={"triggers": ["T"] * 5_000})
    api.get(f"/{'x' * 5_000}?pageToken={'y' * 5_000}")
    fields, triggers, long = sinch_emulator.journal.entries()
    assert isinstance(fields.body, str)
    assert fields.body.endswith(" bytes]")
    assert triggers.body == "[25014 bytes]"
    assert fields.response_body == "[100000 bytes]"
    assert [len(long.path), len(long.query)] == [2001, 2001]
    assert long.path.endswith("x…")


def test_all_triggers_and_a_long_target_are_shown(api: requests.Session, sinch_emulator: Emulator) -> None:
    """The largest body that is valid is shown by its fields."""
    target = "https://a.example/" + "é" * 700
    api.post("", json={"target": target, "triggers": [*TRIGGERS], "secret": "😀" * 128})
    (entry,) = sinch_emulator.journal.entries()
    assert isinstance(entry.body, dict)
    assert entry.body["triggers"] == [*TRIGGERS]


def test_connections_are_counted(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Requests over one kept connection have the same number. A second connection has another."""
    for _ in range(3):
        api.get("")
    assert sinch_emulator.journal.connections == 1
    requests.get(f"{sinch_emulator.url}/v1/x", timeout=10)
    assert sinch_emulator.journal.connections == 2


def test_the_query_shows_the_documented_parameters_only(
    api: requests.Session, sinch_emulator: Emulator
) -> None:
    """Only the values of pageSize and pageToken are shown."""
    api.get("", params={"pageSize": "5", "other": "value"})
    assert sinch_emulator.journal.entries()[0].query == "pageSize=5&other=[hidden]"


def test_clear_forgets_and_numbers_go_on(api: requests.Session, sinch_emulator: Emulator) -> None:
    """After `clear`, only new requests are listed, with continued numbers. `after` selects by number."""
    api.get("")
    sinch_emulator.journal.clear()
    assert sinch_emulator.journal.count() == 0
    api.get("")
    assert [entry.number for entry in sinch_emulator.journal.entries(after=1)] == [2]


def test_an_entry_has_the_response(api: requests.Session, sinch_emulator: Emulator) -> None:
    """An entry has status, headers, body and duration of the response."""
    target = f"https://user:{SECRET}@a.example/in?token={SECRET}"
    created = api.post("", json={"target": target, "triggers": ["ALL"], "secret": "s"}).json()
    api.get(f"/{'0' * 32}")
    post, get = sinch_emulator.journal.entries()
    assert post.response_body == {**created, "target": "https://…@a.example/in?…"}
    assert isinstance(get.response_body, dict)
    assert get.response_body["errorCode"] == "webhook_not_found"
    assert get.response_headers["Content-Type"] == "application/json"
    assert (post.milliseconds or 0) > 0
    assert SECRET not in repr(vars(sinch_emulator.journal))


def test_a_response_of_a_fault_is_shown_as_it_was_sent(
    api: requests.Session, sinch_emulator: Emulator
) -> None:
    """The response of a fault is shown as it was sent, and a partial token only as its size."""
    sinch_emulator.faults.add("html", status=502)
    sinch_emulator.faults.add("reset", path="/v1/*")
    sinch_emulator.faults.add("truncated_json", path="/oauth2/token")
    api.get("")
    with pytest.raises(requests.ConnectionError):
        api.get("")
    auth, form = (sinch_emulator.key_id, sinch_emulator.key_secret), {"grant_type": "client_credentials"}
    part = requests.post(f"{sinch_emulator.url}/oauth2/token", auth=auth, data=form, timeout=10).text
    html, reset, token = sinch_emulator.journal.entries()
    assert "<h1>502</h1>" in str(html.response_body)
    assert (reset.status, reset.response_headers, reset.response_body) == (None, {}, None)
    assert token.response_body == f"[{len(part)} bytes]"


def test_a_token_is_not_in_the_response(sinch_emulator: Emulator) -> None:
    """The token endpoint's response is shown without the token."""
    auth, form = (sinch_emulator.key_id, sinch_emulator.key_secret), {"grant_type": "client_credentials"}
    requests.post(f"{sinch_emulator.url}/oauth2/token", auth=auth, data=form, timeout=10)
    (entry,) = sinch_emulator.journal.entries()
    assert entry.response_body == {
        "access_token": "[secret]",
        "token_type": "bearer",
        "expires_in": 3600,
        "scope": "",
    }
