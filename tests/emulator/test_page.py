"""The emulator's page, alone and in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from chromium import Browser, opened_browser
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with opened_browser(tmp_path / "profile") as browser:
        yield browser


def test_the_page_needs_nothing_from_elsewhere(sinch_emulator: Emulator) -> None:
    """The page is one HTML response whose policy forbids other origins, and contains no secret."""
    sinch_emulator.create_webhook("https://a.example", secret="hush-hush")
    answer = requests.get(sinch_emulator.url, timeout=10)
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "src=" not in answer.text
    assert "hush-hush" not in answer.text
    assert sinch_emulator.key_secret not in answer.text
    assert sinch_emulator.journal.count() == 0


def test_the_page_is_for_this_machine_only(sinch_emulator: Emulator) -> None:
    """A foreign Host gets no page."""
    answer = requests.get(sinch_emulator.url, headers={"Host": "rebound.example"}, timeout=10)
    assert answer.status_code == 403


def test_requests_appear_as_they_happen(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """Requests appear without a reload. The text of a target is shown as text, not as HTML."""
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
    """The button shows the secret, keeps the focus during updates, and hides the secret again."""
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
    """Faults of buttons and of the form are added, hit by requests, shown as used up, and removed."""
    browser.open(sinch_emulator.url)
    browser.wait_for("$('faults').textContent.includes('everything works')")
    browser.press("503 on the next call")
    browser.wait_for("$('faults').textContent.includes('status 503')")
    assert api.get("").status_code == 503
    browser.wait_for("$('faults').textContent.includes('used up')")
    browser.press("Add the fault")  # with the initial values of the form
    browser.wait_for("document.querySelectorAll('#faults tbody tr').length == 2")
    assert api.get("").status_code == 503
    browser.run("$('fault').status.value = '409'")
    browser.press("Add the fault")
    browser.wait_for("$('faults').textContent.includes('status 409')")
    assert api.get("").status_code == 409
    browser.press("Remove all faults")
    browser.wait_for("$('faults').textContent.includes('everything works')")


@pytest.mark.parametrize("width", [360, 390])
def test_it_fits_a_phone_and_every_control_has_a_name(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator, width: int
) -> None:
    """On a phone nothing overflows sideways, and buttons and fields have accessible names."""
    sinch_emulator.create_webhook("https://a.example/" + "x" * 700)
    event = "SERVICE_PLAN_" + "X" * 60
    sinch_emulator.create_webhook("http://127.0.0.1:9/" + "x" * 700, [event])
    sinch_emulator.deliver(event, attempts=1)
    api.get("")
    browser.open(sinch_emulator.url, width=width, height=740)
    browser.wait_for("$('journal').textContent.includes('GET')")
    assert browser.run("document.documentElement.scrollWidth") <= width
    for opening, dialog in (("Details", "drawer"), ("Create a webhook", "editor")):
        browser.press(opening)
        browser.wait_for(f"$('{dialog}').open")
        assert browser.run("document.documentElement.scrollWidth") <= width
        assert browser.run(f"$('{dialog}').scrollWidth - $('{dialog}').clientWidth") <= 0
        browser.run(f"$('{dialog}').close()")
    nameless = (
        "[...document.querySelectorAll('button, input, select, textarea')].filter((control) => "
        "!(control.textContent.trim() || control.getAttribute('aria-label')) && "
        "!control.labels?.length).length"
    )
    assert browser.run(nameless) == 0
    assert browser.run("document.querySelectorAll('[tabindex]').length") == 0


def test_the_button_sends_a_sample_event(browser: Browser, receiver: str, sinch_emulator: Emulator) -> None:
    """A delivery is shown with the response, without secret and token. A rotation changes its check."""
    webhook = sinch_emulator.create_webhook(receiver, ["BUNDLE_DONE"], "hush-hush")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('deliveries').textContent.includes('No deliveries yet')")
    browser.run("$('event').trigger.value = 'BUNDLE_DONE'")
    browser.press("Send the event")
    browser.wait_for(
        "$('event-message').textContent == 'Sent BUNDLE_DONE to 1 webhook: 1 accepted, 0 failed.'"
    )
    browser.wait_for("$('deliveries').textContent.includes('204verifies with the present secret')")
    sinch_emulator.change_webhook(webhook.id, secret="hush-again")
    browser.wait_for("$('deliveries').textContent.includes('made with another secret')")
    sinch_emulator.delete_webhook(webhook.id)
    browser.wait_for("$('deliveries').textContent.includes('the webhook is deleted')")
    assert "t0k3n" not in browser.run("$('deliveries').outerHTML")
    assert "hush" not in browser.run("document.documentElement.outerHTML")


def test_an_event_that_nobody_wants_or_takes_is_told(browser: Browser, sinch_emulator: Emulator) -> None:
    """The page reports an event without a subscriber, and names an unreachable receiver."""
    sinch_emulator.add_project("another-project")
    sinch_emulator.create_webhook("http://127.0.0.1:9/sinch", ["ALL"], "hush-hush", "another-project")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('project-choice').options.length == 2")
    browser.run("$('event').attempts.value = '1'")
    browser.press("Send the event")
    browser.wait_for("$('event-message').textContent.startsWith('No webhook subscribes to ')")
    browser.wait_for("$('send').textContent == 'Send the event'")
    browser.run("$('project-choice').value = 'another-project'")
    browser.press("Send the event")
    browser.wait_for("$('deliveries').textContent.includes('no connection to http://127.0.0.1:9/sinch')")
    browser.wait_for("$('event-message').textContent.endsWith('to 1 webhook: 0 accepted, 1 failed.')")


def test_a_webhook_is_created_and_edited(browser: Browser, sinch_emulator: Emulator) -> None:
    """A webhook is created and edited in the dialog. Empty fields are kept, and errors are shown."""
    browser.open(sinch_emulator.url)
    browser.wait_for("$('projects').textContent.includes('No webhooks')")
    browser.press("Create a webhook")
    browser.run("$('webhook').target.value = 'not-a-url'")
    browser.press("Create")
    browser.wait_for("$('editor-message').textContent.includes('target must be a URL address')")
    browser.run(
        "$('webhook').target.value = 'https://a.example/in?token=t0k3n'; $('webhook').secret.value = 's1'"
    )
    browser.press("Create")
    browser.wait_for("!$('editor').open && $('projects').textContent.includes('https://a.example/in?…')")
    (created,) = sinch_emulator.webhooks()
    assert (created.target, created.triggers, created.secret) == (
        "https://a.example/in?token=t0k3n",
        ("ALL",),
        "s1",
    )
    browser.press("Edit")
    browser.run(
        "for (const box of document.querySelectorAll('[name=triggers]')) box.checked = box.value == "
        "'BUNDLE_DONE'"
    )
    browser.run("$('webhook').others.value = 'BRAND_NEW'")
    browser.press("Save")
    browser.wait_for("!$('editor').open && $('projects').textContent.includes('BUNDLE_DONE, BRAND_NEW')")
    (changed,) = sinch_emulator.webhooks()
    assert (changed.target, changed.secret) == (created.target, "s1")
    assert "t0k3n" not in browser.run("document.documentElement.outerHTML")


def test_a_slow_event_shows_that_it_is_sent(browser: Browser, sinch_emulator: Emulator) -> None:
    """While an event is sent, the button shows it, does not send twice, and keeps the focus."""
    sinch_emulator.create_webhook("http://127.0.0.1:9/sinch")
    browser.open(sinch_emulator.url)
    browser.wait_for("$('project-choice').options.length == 1")
    browser.press("Send the event")
    browser.wait_for("$('send').textContent == 'Sending…' && $('event-message').textContent == 'Sending…'")
    browser.run("$('send').click()")
    browser.wait_for("$('event-message').textContent.endsWith('0 accepted, 1 failed.')")
    browser.wait_for("$('send').textContent == 'Send the event'")
    assert browser.run("document.activeElement.id") == "send"
    assert [entry.attempt for entry in sinch_emulator.deliveries.entries()] == [1, 2, 3]


def test_a_delivery_is_resent_and_shown_in_full(
    browser: Browser, receiver: str, sinch_emulator: Emulator
) -> None:
    """The drawer shows headers and body of a delivery. Resend sends it again."""
    sinch_emulator.create_webhook(receiver, ["BUNDLE_DONE"], "hush-hush")
    sinch_emulator.deliver("BUNDLE_DONE", payload={"name": "Ada"})
    browser.open(sinch_emulator.url)
    browser.wait_for("$('deliveries').textContent.includes('204')")
    browser.press("Details")
    browser.wait_for("$('drawer').open")
    shown = browser.run("$('drawer').textContent")
    assert "x-sinch-webhook-signature-nonce" in shown
    assert '"name":"Ada"' in shown
    browser.press("Close")
    browser.press("Resend")
    browser.wait_for("document.querySelectorAll('#deliveries tbody tr').length == 2")
    assert [entry.resend_of for entry in sinch_emulator.deliveries.entries()] == [None, 1]
    assert "hush-hush" not in browser.run("document.documentElement.outerHTML")


def test_a_request_is_shown_in_full(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """The drawer shows the response of a request. Escape closes it and restores the focus."""
    api.post("", json={"target": "https://a.example?token=t0k3n", "triggers": ["ALL"], "secret": "hush-hush"})
    browser.open(sinch_emulator.url)
    browser.wait_for("$('journal').textContent.includes('POST')")
    browser.press("Details")
    browser.wait_for("$('drawer').open && $('drawer').textContent.includes('Content-Type')")
    shown = browser.run("$('drawer').textContent")
    assert '"projectId"' in shown
    assert "ms" in shown
    for event in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent", type=event, key="Escape", code="Escape", windowsVirtualKeyCode=27
        )
    browser.wait_for("!$('drawer').open && document.activeElement.textContent == 'Details'")
    text = browser.run("document.documentElement.outerHTML")
    assert not [value for value in ("t0k3n", "hush-hush") if value in text]


def test_requests_and_deliveries_are_filtered(
    browser: Browser, api: requests.Session, receiver: str, sinch_emulator: Emulator
) -> None:
    """Requests and deliveries are filtered by method, path, status, event and result."""
    sinch_emulator.create_webhook(receiver, ["ALL"], "hush-hush")
    sinch_emulator.deliver("BUNDLE_DONE")
    api.get("")
    api.post("", json={})
    browser.open(sinch_emulator.url)
    browser.wait_for("document.querySelectorAll('#journal tbody tr').length == 2")

    def filtered(form: str, field: str, value: str) -> None:
        browser.run(
            f"$('{form}').{field}.value = '{value}'; $('{form}').dispatchEvent(new Event('input', {{bubbles: "
            "true}))"
        )

    for field, value, count in (
        ("status", "4", 1),
        ("status", "", 2),
        ("method", "GET", 1),
        ("path", "x", 0),
    ):
        filtered("journal-filter", field, value)
        assert browser.run("document.querySelectorAll('#journal tbody tr').length") == count
    assert "No request matches the filter." in browser.run("$('journal').textContent")
    filtered("delivery-filter", "trigger", "bundle")
    assert browser.run("document.querySelectorAll('#deliveries tbody tr').length") == 1
    filtered("delivery-filter", "result", "failed")
    assert "No delivery matches the filter." in browser.run("$('deliveries').textContent")


def test_selected_text_stays_selected(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator
) -> None:
    """New requests do not redraw earlier rows, so that text can be selected."""
    api.get("")
    browser.open(sinch_emulator.url)
    browser.wait_for("document.querySelectorAll('#journal tbody tr').length == 1")
    browser.run("getSelection().selectAllChildren(document.querySelector('#journal tbody td.mono'))")
    selected = browser.run("getSelection().toString()")
    assert selected.startswith("GET /v1/projects/")
    api.post("", json={})
    browser.wait_for("document.querySelectorAll('#journal tbody tr').length == 2")
    assert browser.run("getSelection().toString()") == selected


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    browser: Browser, api: requests.Session, sinch_emulator: Emulator, scheme: str
) -> None:
    """Accessibility checks find nothing serious with data, drawer and editor, in both color schemes."""
    sinch_emulator.create_webhook("http://127.0.0.1:9/sinch")
    sinch_emulator.deliver("BUNDLE_DONE", attempts=1)
    sinch_emulator.faults.add("status", status=503, nth=9)
    api.get("")
    browser.open(sinch_emulator.url, scheme)
    browser.wait_for("document.querySelectorAll('tbody tr').length == 4")
    assert browser.serious_problems() == []
    for opening, dialog in (("Details", "drawer"), ("Edit", "editor")):
        browser.press(opening)
        browser.wait_for(f"$('{dialog}').open")
        assert browser.serious_problems() == []
        browser.run(f"$('{dialog}').close()")
