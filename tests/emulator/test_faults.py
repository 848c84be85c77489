"""Each kind of fault from the client's view, and whether the request took effect."""

import re
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from pulumi_sinch.emulator import Emulator

BODY = {"target": "https://a.example", "triggers": ["ALL"], "secret": "hush"}


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline


def count(emulator: Emulator) -> int:
    return len(emulator.webhooks())


@pytest.mark.parametrize("after_commit", [False, True])
@pytest.mark.parametrize("status", [200, 400, 404, 408, 409, 424, 429, 500, 502, 503, 504])
def test_a_status_before_or_after_the_commit(
    api: requests.Session, sinch_emulator: Emulator, status: int, after_commit: bool
) -> None:
    """A `status` fault replaces the response, before or after the commit."""
    sinch_emulator.faults.add("status", status=status, after_commit=after_commit)
    assert api.post("", json=BODY).status_code == status
    assert count(sinch_emulator) == after_commit
    (entry,) = sinch_emulator.journal.entries()
    assert (entry.status, entry.fault) == (status, "status")


def test_a_documented_status_has_its_documented_body(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Without a given body, a `status` fault has the documented body."""
    sinch_emulator.faults.add("status", status=500)
    sinch_emulator.faults.add("status", status=503, body="busy", retry_after="7")
    assert api.get("").json()["errorCode"] == "internal_error"
    answer = api.get("")
    assert (answer.text, answer.headers["Retry-After"]) == ("busy", "7")


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_reset_connection(api: requests.Session, sinch_emulator: Emulator, after_commit: bool) -> None:
    """A `reset` fault resets the connection, before or after the commit."""
    sinch_emulator.faults.add("reset", after_commit=after_commit)
    with pytest.raises(requests.ConnectionError, match="reset"):
        api.post("", json=BODY)
    assert count(sinch_emulator) == after_commit
    assert sinch_emulator.journal.entries()[0].status is None
    assert api.get("").status_code == 200


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_call_that_hangs(api: requests.Session, sinch_emulator: Emulator, after_commit: bool) -> None:
    """A `hang` fault sends no response. Before the commit, the request never takes effect."""
    sinch_emulator.faults.add("hang", after_commit=after_commit)
    with pytest.raises(requests.ReadTimeout):
        api.post("", json=BODY, timeout=(10, 0.05))
    wait_until(lambda: sinch_emulator.journal.count() == 1 and count(sinch_emulator) == after_commit)
    sinch_emulator.stop()
    assert count(sinch_emulator) == after_commit


def test_a_body_that_ends_too_early(api: requests.Session, sinch_emulator: Emulator) -> None:
    """A `truncated_body` fault closes the connection in the middle of the body."""
    sinch_emulator.faults.add("truncated_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        api.post("", json=BODY)
    assert count(sinch_emulator) == 1


def test_json_that_ends_too_early(api: requests.Session, sinch_emulator: Emulator) -> None:
    """A `truncated_json` fault sends a complete response with truncated JSON."""
    sinch_emulator.faults.add("truncated_json")
    answer = api.post("", json=BODY)
    assert answer.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert count(sinch_emulator) == 1


@pytest.mark.parametrize(("status", "seen"), [(None, 502), (200, 200), (404, 404)])
@pytest.mark.parametrize("after_commit", [False, True])
def test_a_page_of_a_gateway(
    api: requests.Session, sinch_emulator: Emulator, status: int | None, seen: int, after_commit: bool
) -> None:
    """An `html` fault sends a page with any status."""
    sinch_emulator.faults.add("html", status=status, after_commit=after_commit)
    answer = api.post("", json=BODY)
    assert (answer.status_code, answer.headers["Content-Type"]) == (seen, "text/html; charset=utf-8")
    assert "<html>" in answer.text
    assert count(sinch_emulator) == after_commit


@pytest.mark.parametrize(("status", "seen"), [(None, 201), (204, 204)])
def test_an_empty_answer(
    api: requests.Session, sinch_emulator: Emulator, status: int | None, seen: int
) -> None:
    """An `empty` fault sends the status without a body."""
    sinch_emulator.faults.add("empty", status=status)
    answer = api.post("", json=BODY)
    assert (answer.status_code, answer.content) == (seen, b"")
    assert count(sinch_emulator) == 1


def test_an_expired_token(api: requests.Session, sinch_emulator: Emulator) -> None:
    """An `expired_token` fault is a 401 that says expired, and the request has no effect."""
    sinch_emulator.faults.add("expired_token")
    answer = api.post("", json=BODY)
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "unauthorized_error")
    assert "expired" in answer.headers["WWW-Authenticate"]
    assert count(sinch_emulator) == 0


def test_a_page_loop(api: requests.Session, sinch_emulator: Emulator) -> None:
    """A `page_loop` fault is a list that always has the same next page."""
    sinch_emulator.create_webhook("https://a.example")
    sinch_emulator.faults.add("page_loop", method="GET")
    tokens = set()
    token = None
    for _ in range(20):
        page = api.get("", params={"pageToken": token}).json()
        assert len(page["webhooks"]) == 1
        token = page["nextPageToken"]
        tokens.add(token)
    assert len(tokens) == 1


@pytest.mark.parametrize("after_commit", [False, True])
def test_a_delay_goes_on_afterwards(
    api: requests.Session, sinch_emulator: Emulator, after_commit: bool
) -> None:
    """A `delay` fault only delays."""
    sinch_emulator.faults.add("delay", delay=0.01, after_commit=after_commit)
    began = time.monotonic()
    assert api.post("", json=BODY).status_code == 201
    assert time.monotonic() - began >= 0.01


def test_latency_is_added_to_each_call(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Latency is added to each request."""
    sinch_emulator.latency = 0.01
    began = time.monotonic()
    api.get("")
    api.get("")
    assert time.monotonic() - began >= 0.02


@pytest.mark.parametrize("kind", ["delay", "hang"])
@pytest.mark.parametrize("after_commit", [False, True])
def test_stopping_ends_every_wait(
    api: requests.Session, sinch_emulator: Emulator, kind: Any, after_commit: bool
) -> None:
    """A stop ends all waiting requests at once, and faults before the commit have no effect."""
    sinch_emulator.faults.add(kind, delay=3000, after_commit=after_commit)
    failures: list[Exception] = []

    def call() -> None:
        try:
            api.post("", json=BODY)
        except requests.ConnectionError as error:
            failures.append(error)

    client = threading.Thread(target=call)
    client.start()
    wait_until(lambda: sinch_emulator.journal.count() == 1 and count(sinch_emulator) == after_commit)
    began = time.monotonic()
    sinch_emulator.stop()
    client.join(10)
    assert time.monotonic() - began < 10
    assert len(failures) == 1
    assert count(sinch_emulator) == after_commit


def test_faults_of_the_token_endpoint(sinch_emulator: Emulator) -> None:
    """Faults apply to the token endpoint too."""
    sinch_emulator.faults.add("status", path="/oauth2/token", status=503)
    sinch_emulator.faults.add("truncated_json", path="/oauth2/token")
    url = f"{sinch_emulator.url}/oauth2/token"
    auth = (sinch_emulator.key_id, sinch_emulator.key_secret)
    form = {"grant_type": "client_credentials"}
    assert requests.post(url, auth=auth, data=form, timeout=10).status_code == 503
    cut = requests.post(url, auth=auth, data=form, timeout=10).text
    assert cut.startswith('{"access_token"')
    assert not cut.endswith("}")


def test_method_path_and_turn_choose_the_request(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Only matching requests count: the nth one and the given number after it fail."""
    sinch_emulator.faults.add("status", method="get", path="*/webhooks", nth=2, times=2, status=503)
    statuses = []
    for _ in range(4):
        assert api.get(f"/{'0' * 32}").status_code == 404
        assert api.post("", json={}).status_code == 400
        statuses.append(api.get("").status_code)
    assert statuses == [200, 503, 503, 200]
    (scheduled,) = sinch_emulator.faults.list()
    assert (scheduled.seen, scheduled.hit, scheduled.is_spent) == (4, 2, True)


def test_faults_for_the_same_request_happen_one_after_another(
    api: requests.Session, sinch_emulator: Emulator
) -> None:
    """If two faults are due, the first one applies and the other waits."""
    sinch_emulator.faults.add("status", status=500)
    sinch_emulator.faults.add("status", status=502)
    sinch_emulator.faults.add("status", status=503, nth=3)
    assert [api.get("").status_code for _ in range(4)] == [500, 502, 503, 200]


def test_faults_can_be_taken_back(api: requests.Session, sinch_emulator: Emulator) -> None:
    """Faults are removed by number or all at once. Without `times` they last."""
    first = sinch_emulator.faults.add("status", status=500, times=None)
    assert [api.get("").status_code for _ in range(3)] == [500, 500, 500]
    assert sinch_emulator.faults.remove(first)
    assert not sinch_emulator.faults.remove(first)
    sinch_emulator.faults.add("status", status=500)
    sinch_emulator.faults.clear()
    assert api.get("").status_code == 200


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "bogus"}, "kind: must be 'status', 'delay', "),
        ({"kind": "delays"}, "Did you mean delay?"),
        ({"kind": ["reset"]}, "kind: must be 'status', 'delay', "),
        ({"kind": "status"}, "a fault of kind status needs a status"),
        ({"kind": "status", "status": 99}, "status: must be greater than or equal to 200"),
        ({"kind": "reset", "status": 500}, "a fault of kind reset takes no status"),
        ({"kind": "truncated_json", "after_commit": False}, "so after_commit cannot be false"),
        ({"kind": "expired_token", "after_commit": True}, "an expired token is rejected before the commit"),
        ({"kind": "delay", "delay": -1}, "delay: must be greater than or equal to 0"),
        ({"kind": "reset", "nth": 0}, "nth: must be greater than or equal to 1"),
        ({"kind": "reset", "retry_after": "1\r\nX: y"}, "retry_after: has characters that are not allowed"),
        ({"kind": "reset", "method": ["GET"]}, "method: must be a valid string"),
    ],
)
def test_fields_that_do_not_go_together_are_refused(
    sinch_emulator: Emulator, fields: Any, sentence: str
) -> None:
    """A contradictory fault is rejected with one sentence, in Python and over HTTP."""
    with pytest.raises(ValueError, match=re.escape(sentence)) as refused:
        sinch_emulator.faults.add(**fields)
    assert type(refused.value) is ValueError
    answer = requests.post(f"{sinch_emulator.url}/_emulator/faults", json=fields, timeout=10)
    assert (answer.status_code, answer.json()) == (400, {"error": str(refused.value)})
    assert sinch_emulator.faults.list() == []


def test_an_unknown_field_is_named(sinch_emulator: Emulator) -> None:
    """Over HTTP, an unknown field is an error."""
    body = {"kind": "reset", "methd": "POST"}
    answer = requests.post(f"{sinch_emulator.url}/_emulator/faults", json=body, timeout=10)
    assert (answer.status_code, answer.json()) == (400, {"error": "methd: is not a known field"})
