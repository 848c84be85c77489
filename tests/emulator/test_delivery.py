"""Signed events that the emulator delivers to the targets of webhooks."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask, request
from loopback import lasting_port, serving
from pulumi_sinch import SignatureError, Trigger, verify_signature
from pulumi_sinch.callbacks.sample_events import DeliveryError, SignedEvent
from pulumi_sinch.emulator import Emulator
from pulumi_sinch.emulator.delivery import CallbackSender
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.forwarding import Forwarding

ACTIVE = Trigger.WHATSAPP_SENDER_ACTIVE
SECRET = "secret-of-the-target"
SECRETS = ["s1", "s2", "s3", "s4", "old", "new"]


@dataclass
class FakeReceiver:
    """A fake of `sample_events.send` that returns queued statuses, then 204."""

    answers: list[int | Exception] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def send(self, url: str, signed: SignedEvent) -> int:
        index = verify_signature(signed.body, signed.headers, SECRETS, tolerance=math.inf)
        self.calls.append((url, SECRETS[index]))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, Exception):
            raise answer
        return answer

    def callback_sender(self, emulator: Emulator) -> CallbackSender:
        store = emulator._backend.store
        return CallbackSender(store, emulator.deliveries, self.send, lambda: 1000.0, self.pauses.append)


@pytest.fixture
def receiver() -> FakeReceiver:
    return FakeReceiver()


@dataclass
class RealReceiver:
    """A server on the loopback interface that checks signatures and stores events."""

    url: str = ""
    events: list[Any] = field(default_factory=list)

    def app(self) -> Flask:
        app = Flask(__name__)

        @app.post("/sinch")
        def receive() -> tuple[str, int]:
            body = request.get_data()
            try:
                verify_signature(body, request.headers, SECRET)
            except SignatureError:
                return "", 401
            self.events.append(json.loads(body))
            return "", 204

        return app


@pytest.fixture
def real_receiver() -> Iterator[RealReceiver]:
    receiver = RealReceiver()
    with serving(receiver.app()) as url:
        receiver.url = f"{url}/sinch?token=t0k3n"
        yield receiver


def test_an_event_arrives_signed_with_the_webhooks_secret(
    sinch_emulator: Emulator, real_receiver: RealReceiver
) -> None:
    """A receiver accepts the event. The log contains neither the secret nor the target's token."""
    webhook = sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], SECRET)
    (delivery,) = sinch_emulator.deliver(ACTIVE, payload={"name": "Ada"})
    assert (delivery.status, delivery.accepted, delivery.attempt) == (204, True, 1)
    assert delivery.webhook_id == webhook.id
    assert real_receiver.events == [{"type": "WHATSAPP_SENDER_ACTIVE", "payload": {"name": "Ada"}}]
    assert sinch_emulator.deliveries.entries() == [delivery]
    assert SECRET not in repr(delivery)
    assert "t0k3n" not in repr(delivery)
    assert sinch_emulator.journal.count() == 0


def test_a_receiver_with_another_secret_refuses_it(
    sinch_emulator: Emulator, real_receiver: RealReceiver
) -> None:
    """A receiver with another secret rejects the event."""
    sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], "another-secret")
    done = sinch_emulator.deliver(ACTIVE, attempts=2, pause=0)
    assert [(delivery.attempt, delivery.status, delivery.accepted) for delivery in done] == [
        (1, 401, False),
        (2, 401, False),
    ]
    assert real_receiver.events == []


def test_only_webhooks_with_the_trigger_are_told(sinch_emulator: Emulator, receiver: FakeReceiver) -> None:
    """``ALL`` subscribes to every event, and webhooks of other projects get nothing."""
    sinch_emulator.add_project("other")
    sinch_emulator.create_webhook("https://all.example", ["ALL"], "s1")
    sinch_emulator.create_webhook("https://has.example", [ACTIVE, "BUNDLE_DONE"], "s2")
    sinch_emulator.create_webhook("https://not.example", ["BUNDLE_DONE"], "s3")
    sinch_emulator.create_webhook("https://other.example", ["ALL"], "s4", "other")
    receiver.callback_sender(sinch_emulator).deliver(sinch_emulator.project_id, {"type": ACTIVE.value})
    assert receiver.calls == [("https://all.example", "s1"), ("https://has.example", "s2")]


def test_what_is_not_taken_is_tried_again(sinch_emulator: Emulator, receiver: FakeReceiver) -> None:
    """Only rejected deliveries are retried, up to the given attempts, with a pause before each."""
    sinch_emulator.create_webhook("https://a.example", secret="s1")
    sinch_emulator.create_webhook("https://b.example", secret="s2")
    receiver.answers = [503, 204, DeliveryError("no connection"), 302]
    callback_sender = receiver.callback_sender(sinch_emulator)
    done = callback_sender.deliver(sinch_emulator.project_id, {"type": "BUNDLE_DONE"}, attempts=3, pause=7)
    assert [(entry.target, entry.attempt, entry.status, entry.problem) for entry in done] == [
        ("https://a.example", 1, 503, ""),
        ("https://b.example", 1, 204, ""),
        ("https://a.example", 2, None, "no connection"),
        ("https://a.example", 3, 302, ""),
    ]
    assert receiver.pauses == [7, 7]


def test_a_repeated_attempt_uses_the_secret_of_its_moment(
    sinch_emulator: Emulator, receiver: FakeReceiver
) -> None:
    """A retry uses the current secret, and a webhook deleted in the meantime is not retried."""
    rotated = sinch_emulator.create_webhook("https://a.example", secret="old")
    deleted = sinch_emulator.create_webhook("https://b.example", secret="s2")
    receiver.answers = [401, 401]

    def meanwhile(_seconds: float) -> None:
        sinch_emulator.change_webhook(rotated.id, secret="new")
        sinch_emulator.delete_webhook(deleted.id)

    callback_sender = CallbackSender(
        sinch_emulator._backend.store, sinch_emulator.deliveries, receiver.send, sleep=meanwhile
    )
    callback_sender.deliver(sinch_emulator.project_id, {"type": "BUNDLE_DONE"})
    assert [secret for _, secret in receiver.calls] == ["old", "s2", "new"]


def test_the_signature_is_checked_with_the_present_secret(
    sinch_emulator: Emulator, receiver: FakeReceiver
) -> None:
    """Earlier deliveries are checked with the current secret, until the webhook is deleted."""
    webhook = sinch_emulator.create_webhook("https://a.example", secret="s1")
    callback_sender = receiver.callback_sender(sinch_emulator)
    (delivery,) = callback_sender.deliver(sinch_emulator.project_id, {"type": "BUNDLE_DONE"})

    def listed() -> str:
        answer = requests.get(f"{sinch_emulator.url}/_emulator/deliveries?limit=1", timeout=10)
        (shown,) = answer.json()["deliveries"]
        return str(shown["signature"])

    assert listed() == callback_sender.check_signature(delivery) == "verifies"
    sinch_emulator.change_webhook(webhook.id, secret="s2")
    assert listed() == callback_sender.check_signature(delivery) == "secret changed"
    sinch_emulator.change_webhook(webhook.id, secret="s1")
    assert listed() == "verifies"
    sinch_emulator.delete_webhook(webhook.id)
    assert listed() == callback_sender.check_signature(delivery) == "webhook deleted"


def test_what_is_no_event_or_no_project_is_refused(sinch_emulator: Emulator) -> None:
    """Unknown events and projects are rejected before anything is sent."""
    with pytest.raises(ValueError, match="ALL is not an event"):
        sinch_emulator.deliver("ALL")
    with pytest.raises(LookupError, match="no such project"):
        sinch_emulator.deliver(ACTIVE, project_id="nowhere")


def test_delivery_by_http(sinch_emulator: Emulator, real_receiver: RealReceiver) -> None:
    """The control API delivers, lists and clears, and shows no secret."""
    base = f"{sinch_emulator.url}/_emulator"
    sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], SECRET)
    answer = requests.post(f"{base}/deliver", json={"trigger": ACTIVE}, timeout=10)
    (delivery,) = answer.json()["deliveries"]
    assert (delivery["status"], delivery["accepted"]) == (204, True)
    assert real_receiver.events[0]["type"] == "WHATSAPP_SENDER_ACTIVE"
    assert SECRET not in answer.text
    assert requests.get(f"{base}/deliveries", timeout=10).json() == answer.json()
    later = requests.get(f"{base}/deliveries?after={delivery['number']}", timeout=10)
    assert later.json() == {"deliveries": []}
    assert requests.delete(f"{base}/deliveries", timeout=10).status_code == 204
    assert sinch_emulator.deliveries.entries() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"trigger": "ALL"}, 400),
        ({"trigger": "BUNDLE_DONE", "attempts": 0}, 400),
        ({"trigger": "BUNDLE_DONE", "project_id": "nowhere"}, 404),
        ({"trigger": "BUNDLE_DONE"}, 200),
    ],
)
def test_delivery_by_http_says_what_is_wrong(
    sinch_emulator: Emulator, body: dict[str, object], status: int
) -> None:
    """A delivery over HTTP that is not possible names the problem. Without a subscriber it succeeds."""
    answer = requests.post(f"{sinch_emulator.url}/_emulator/deliver", json=body, timeout=10)
    assert answer.status_code == status
    assert ("error" in answer.json()) == (status != 200)


def test_no_web_page_of_another_origin_delivers(sinch_emulator: Emulator) -> None:
    """A page of another origin cannot cause deliveries."""
    answer = requests.post(
        f"{sinch_emulator.url}/_emulator/deliver",
        json={"trigger": "BUNDLE_DONE"},
        headers={"Origin": "https://evil.example"},
        timeout=10,
    )
    assert answer.status_code == 403


def test_a_reset_forgets_the_deliveries(sinch_emulator: Emulator) -> None:
    """A reset clears the deliveries."""
    sinch_emulator.create_webhook("http://127.0.0.1:9/")
    assert sinch_emulator.deliver("BUNDLE_DONE", attempts=1)
    sinch_emulator.reset()
    assert sinch_emulator.deliveries.entries() == []


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{}/_emulator/reset",
        "http://localhost:{}/_emulator/reset",
        "http://127.1:{}/_emulator/reset",
        "http://2130706433:{}/_emulator/reset",
        "http://0.0.0.0:{}/_emulator/reset",
        "http://[::ffff:127.0.0.1]:{}/_emulator/reset",
        "http://user:word@127.0.0.1:{}/oauth2/token",
        r"http://127.0.0.1:{}\@a.example/_emulator/reset",
        "http://127.0.0.1:{}/",
    ],
)
def test_the_emulator_gets_no_callback(sinch_emulator: Emulator, target: str) -> None:
    """Callbacks never reach the emulator itself, with any spelling of its address."""
    sinch_emulator.latency = 0.001
    webhook = sinch_emulator.create_webhook(target.format(urlsplit(sinch_emulator.url).port), [ACTIVE])
    (delivery,) = sinch_emulator.deliver(ACTIVE, attempts=1)
    assert (delivery.status, delivery.webhook_id) == (None, webhook.id)
    assert delivery.problem.endswith(" is the URL of the emulator, which receives no callbacks")
    assert sinch_emulator.latency == 0.001
    assert sinch_emulator.journal.count() == 0


def test_forwarding_replaces_the_target(real_receiver: RealReceiver) -> None:
    """With forwarding, one receiver gets every event, signed with the webhook's secret."""
    with Emulator(forward_to=real_receiver.url) as sinch:
        sinch.create_webhook("https://hooks.invalid/in?key=k3y", [ACTIVE], SECRET)
        (delivery,) = sinch.deliver(ACTIVE)
    assert delivery.accepted
    assert (delivery.target, delivery.forwarded_to) == (
        "https://hooks.invalid/in?…",
        real_receiver.url.replace("token=t0k3n", "…"),
    )
    assert len(real_receiver.events) == 1


@pytest.mark.parametrize(
    ("receiver", "target", "url"),
    [
        ("http://127.0.0.1:8000", "https://a.example/in/x?key=1#part", "http://127.0.0.1:8000/in/x?key=1"),
        ("http://127.0.0.1:8000/", "https://a.example", "http://127.0.0.1:8000/"),
        ("http://127.0.0.1:8000/base/", "https://u:p@a.example:8443/in", "http://127.0.0.1:8000/base/in"),
    ],
)
def test_forwarding_can_keep_the_path(receiver: str, target: str, url: str) -> None:
    """With `forward_path`, path and query of the target are appended, but not its user and password."""
    assert Forwarding(receiver, keep_path=True).url_for(target) == url
    assert Forwarding(receiver).url_for(target) == receiver


@pytest.mark.parametrize(
    ("url", "keep"), [("127.0.0.1:8000", False), ("", False), ("ftp://a", True), ("http://a/?x=1", True)]
)
def test_forwarding_needs_a_url(url: str, keep: bool) -> None:
    """A forwarding URL that is not http(s) is rejected at once."""
    with pytest.raises(ValueError, match="receiver"):
        Emulator(forward_to=url, forward_path=keep)


def test_nothing_is_forwarded_to_the_emulator_itself() -> None:
    """Forwarding to the emulator itself is rejected."""
    with Emulator(port=lasting_port()) as first:
        port = urlsplit(first.url).port or 0
    with Emulator(port=port, forward_to=f"http://127.0.0.1:{port}/_emulator/reset") as sinch:
        sinch.create_webhook("https://a.example")
        (delivery,) = sinch.deliver(ACTIVE, attempts=1)
    assert "is the URL of the emulator" in delivery.problem


def test_one_webhook_can_be_chosen(sinch_emulator: Emulator, real_receiver: RealReceiver) -> None:
    """With a webhook id, only this webhook gets the event, in any project, if it has the trigger."""
    sinch_emulator.add_project("other")
    sinch_emulator.create_webhook("https://hooks.invalid/", ["ALL"])
    chosen = sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], SECRET, "other")
    (delivery,) = sinch_emulator.deliver(ACTIVE, webhook_id=chosen.id)
    assert (delivery.webhook_id, delivery.accepted) == (chosen.id, True)
    assert sinch_emulator.deliver("BUNDLE_DONE", webhook_id=chosen.id) == []
    with pytest.raises(RefusedError, match="not found"):
        sinch_emulator.deliver(ACTIVE, webhook_id="0" * 32)
    with pytest.raises(RefusedError, match="not found"):
        sinch_emulator.deliver(ACTIVE, webhook_id=chosen.id, project_id=sinch_emulator.project_id)


def test_a_delivery_is_sent_again(sinch_emulator: Emulator, real_receiver: RealReceiver) -> None:
    """Resending sends the same body to the current target, signed with the current secret."""
    webhook = sinch_emulator.create_webhook("http://127.0.0.1:9/", [ACTIVE], "old")
    (failed,) = sinch_emulator.deliver(ACTIVE, payload={"name": "Zoë \N{SNOWMAN}"}, attempts=1)
    sinch_emulator.change_webhook(webhook.id, target=real_receiver.url, secret=SECRET)
    again = sinch_emulator.resend(failed.number)
    assert (again.accepted, again.resend_of, again.body) == (True, failed.number, failed.body)
    assert real_receiver.events == [{"type": ACTIVE, "payload": {"name": "Zoë \N{SNOWMAN}"}}]
    with pytest.raises(LookupError, match="This delivery does not exist"):
        sinch_emulator.resend(99)
    sinch_emulator.delete_webhook(webhook.id)
    with pytest.raises(RefusedError, match="not found"):
        sinch_emulator.resend(failed.number)


def test_a_delivery_has_what_was_sent(sinch_emulator: Emulator, real_receiver: RealReceiver) -> None:
    """Logged headers and body verify with the webhook's secret, so that a delivery can be replayed."""
    sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], SECRET)
    sinch_emulator.deliver(ACTIVE, payload={"name": "Ada"})
    answer = requests.get(f"{sinch_emulator.url}/_emulator/deliveries", timeout=10)
    (shown,) = answer.json()["deliveries"]
    assert verify_signature(shown["body"], shown["headers"], SECRET) == 0
    assert json.loads(shown["body"])["payload"] == {"name": "Ada"}
    assert shown["headers"]["Content-Type"] == "application/json"
    assert SECRET not in answer.text


def test_deliveries_are_filtered(sinch_emulator: Emulator, real_receiver: RealReceiver) -> None:
    """Deliveries are filtered by trigger, webhook and status, in Python and over HTTP."""
    one = sinch_emulator.create_webhook(real_receiver.url, [ACTIVE], SECRET)
    two = sinch_emulator.create_webhook(f"{real_receiver.url}&two", ["ALL"], "wrong")
    sinch_emulator.deliver(ACTIVE, attempts=1)
    sinch_emulator.deliver("BUNDLE_DONE", attempts=1)
    entries = sinch_emulator.deliveries.entries
    assert [entry.number for entry in entries("BUNDLE_DONE")] == [3]
    assert [entry.number for entry in entries(webhook_id=two.id)] == [2, 3]
    assert [entry.webhook_id for entry in entries(status=204)] == [one.id]
    base = f"{sinch_emulator.url}/_emulator/deliveries"
    for query, numbers in ((f"webhook_id={two.id}&trigger={ACTIVE}", [2]), ("status=401&limit=1", [3])):
        answer = requests.get(f"{base}?{query}", timeout=10).json()
        assert [entry["number"] for entry in answer["deliveries"]] == numbers


@pytest.mark.parametrize("event", ["WHATSAPP_SENDER_ACTVE", "whatsapp_sender_active"])
def test_a_misspelled_event_gets_a_suggestion(sinch_emulator: Emulator, event: str) -> None:
    """A misspelt event is an error with a suggestion, even if a webhook subscribes to ALL."""
    sinch_emulator.create_webhook("http://127.0.0.1:9/")
    with pytest.raises(ValueError, match=r"is not a known trigger\. Did you mean WHATSAPP_SENDER_ACTIVE"):
        sinch_emulator.deliver(event)
    answer = requests.post(f"{sinch_emulator.url}/_emulator/deliver", json={"trigger": event}, timeout=10)
    assert answer.status_code == 400
    assert "Did you mean WHATSAPP_SENDER_ACTIVE" in answer.json()["error"]
    assert sinch_emulator.deliveries.entries() == []


def test_a_new_event_can_be_sent() -> None:
    """An extra trigger, and a trigger of a webhook, can be sent."""
    with Emulator(extra_triggers=["BRAND_NEW"]) as sinch:
        sinch.create_webhook("http://127.0.0.1:9/", ["NEWER_STILL"])
        assert sinch.deliver("BRAND_NEW", attempts=1) == []
        assert len(sinch.deliver("NEWER_STILL", attempts=1)) == 1


def test_an_event_without_subscribers_is_explained(sinch_emulator: Emulator) -> None:
    """If no webhook subscribes, the response says so."""
    webhook = sinch_emulator.create_webhook("http://127.0.0.1:9/", [ACTIVE])
    url = f"{sinch_emulator.url}/_emulator/deliver"
    note = requests.post(url, json={"trigger": "BUNDLE_DONE"}, timeout=10).json()["note"]
    assert note == "No webhook subscribes to BUNDLE_DONE or ALL."
    body = {"trigger": "BUNDLE_DONE", "webhook_id": webhook.id}
    note = requests.post(url, json=body, timeout=10).json()["note"]
    assert note == f"The webhook {webhook.id} does not subscribe to BUNDLE_DONE or ALL."
