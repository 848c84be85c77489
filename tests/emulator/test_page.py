"""The page at / for people, alone and in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from chromium import Browser, opened_browser
from flask import Flask
from loopback import serving
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with opened_browser(tmp_path / "profile") as browser:
        yield browser


def test_the_page_needs_nothing_from_elsewhere(sinch_emulator: Emulator) -> None:
    """One HTML answer, whose policy forbids every other origin; no secret is in it."""
    sinch_emulator.create_webhook("https://a.example", secret="hush-hush")
    answer = requests.get(sinch_emulator.url, timeout=10)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "src=" not in answer.text
    assert "hush-hush" not in answer.text
    assert sinch_emulator.key_secret not in answer.text
    assert sinch_emulator.journal.count() == 0


def test_the_page_is_for_this_machine_only(sinch_emulator: Emulator) -> None:
    """A Host that is not this machine gets no page."""
    answer = requests.get(sinch_emulator.url, headers={"Host": "rebound.example"}, timeout=10)
    assert answer.status_code == 403


def test_requests_appear_as_they_happen(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """Webhooks and requests show up without a reload; text of a target is text, not HTML."""
    browser.open(sinch_emulator.url)
    browser.wait_for("$('journal').textContent.includes('No requests yet')")
    target = "https://a.example/<img-src=x-onerror=alert(1)>"
    api.post("", json={"target": target, "triggers": ["ALL"], "secret": "hush-hush"})
    browser.wait_for(
        "$('journal').textContent.includes('POST') && $('projects').textContent.includes('1 of 15')"
    )
    assert browser.run("document.querySelectorAll('main img').length") == 0
    shown = browser.run("document.documentElement.outerHTML")
    assert "[secret]" in shown
    assert "hush-hush" not in shown


def test_a_secret_is_shown_when_asked_for(browser: Browser, sinch_emulator: Emulator) -> None:
    """The button shows the secret, keeps the focus while the page is drawn anew, and hides it again."""
    sinch_emulator.create_webhook("https://a.example", secret="hush-hush")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('projects').textContent.includes('Show secret')")
    browser.press("Show secret")
    browser.wait_for("$('projects').textContent.includes('hush-hush')")
    assert browser.run("document.activeElement.textContent") == "Hide secret"
    browser.press("Hide secret")
    browser.wait_for("!document.documentElement.outerHTML.includes('hush-hush')")


def test_a_fault_of_a_button_is_met(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """A ready-made fault and one of the form are added, met by requests, shown as used up, and removed."""
    browser.open(sinch_emulator.url)
    browser.wait_for("$('faults').textContent.includes('everything works')")
    browser.press("503 on the next call")
    browser.wait_for("$('faults').textContent.includes('status 503')")
    assert api.get("").status_code == 503
    browser.wait_for("$('faults').textContent.includes('used up')")
    browser.press("Add the fault")
    browser.wait_for("$('problem').textContent.includes('needs a status')")
    browser.run("document.querySelector('[name=status]').value = '409'")
    browser.press("Add the fault")
    browser.wait_for("$('faults').textContent.includes('status 409')")
    assert api.get("").status_code == 409
    browser.press("Remove all faults")
    browser.wait_for("$('faults').textContent.includes('everything works')")


def test_it_fits_a_phone_and_every_control_has_a_name(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """At 360 pixels nothing sticks out sideways; buttons and fields have accessible names."""
    sinch_emulator.create_webhook("https://a.example/" + "x" * 700)
    event = "SERVICE_PLAN_" + "X" * 60
    sinch_emulator.create_webhook("http://127.0.0.1:9/" + "x" * 700, [event])
    sinch_emulator.deliver(event, attempts=1)
    api.get("")
    browser.open(sinch_emulator.url, width=360, height=740)
    browser.wait_for("$('journal').textContent.includes('GET')")
    assert browser.run("document.documentElement.scrollWidth") <= 360
    nameless = (
        "[...document.querySelectorAll('button, input, select')].filter((control) => "
        "!(control.textContent.trim() || control.getAttribute('aria-label')) && !control.labels?.length).length"
    )
    assert browser.run(nameless) == 0
    assert browser.run("document.querySelectorAll('[tabindex]').length") == 0


@pytest.fixture
def receiver() -> Iterator[str]:
    """A receiver that takes everything; yields a target with a token in it."""
    app = Flask(__name__)
    app.post("/sinch")(lambda: ("", 204))
    with serving(app) as url:
        yield f"{url}/sinch?token=t0k3n"


def test_the_button_sends_a_sample_event(browser: Browser, receiver: str, sinch_emulator: Emulator) -> None:
    """Its delivery is shown with the answer, without secret and token; a rotation changes the signature's check."""
    webhook = sinch_emulator.create_webhook(receiver, ["BUNDLE_DONE"], "hush-hush")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('deliveries').textContent.includes('No deliveries yet')")
    browser.run("document.querySelector('[name=trigger]').value = 'BUNDLE_DONE'")
    browser.press("Send a sample event")
    browser.wait_for("$('deliveries').textContent.includes('204verifies with the present secret')")
    sinch_emulator.change_webhook(webhook.id, secret="hush-again")
    browser.wait_for("$('deliveries').textContent.includes('made with another secret')")
    sinch_emulator.delete_webhook(webhook.id)
    browser.wait_for("$('deliveries').textContent.includes('the webhook is deleted')")
    assert "t0k3n" not in browser.run("$('deliveries').outerHTML")
    assert "hush" not in browser.run("document.documentElement.outerHTML")


def test_an_event_that_nobody_wants_or_takes_is_told(browser: Browser, sinch_emulator: Emulator) -> None:
    """Without a webhook that has the trigger the page says so; a receiver that is not there is named, each time."""
    sinch_emulator.add_project("another-project")
    sinch_emulator.create_webhook("http://127.0.0.1:9/sinch", ["ALL"], "hush-hush", "another-project")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('project-choice').options.length == 2")
    browser.run("document.querySelector('[name=attempts]').value = '1'")
    browser.press("Send a sample event")
    browser.wait_for("$('delivery-problem').textContent.startsWith('No webhook of this project')")
    browser.run("$('project-choice').value = 'another-project'")
    browser.press("Send a sample event")
    browser.wait_for("$('deliveries').textContent.includes('no connection to http://127.0.0.1:9/sinch')")
    assert browser.run("$('delivery-problem').textContent") == ""
