"""The emulator's page in a real browser, while the real CLI runs."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from chromium import Browser, opened_browser
from e2e.harness import COMMAND_TIMEOUT, Stack
from flask import Flask
from loopback import serving

WEBHOOK = 'webhook = SinchWebhook("senders", target="https://hooks.example.com/sinch", triggers=["ALL"])\n'
WAIT_AT_GATE = """
from http.client import HTTPConnection

def wait(_):
    connection = HTTPConnection("{gate}", timeout=120)
    connection.request("GET", "/")
    return connection.getresponse().status

pulumi.export("waited", webhook.id.apply(wait))
"""


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with opened_browser(tmp_path / "profile") as browser:
        yield browser


@contextmanager
def gate(opens: threading.Event) -> Iterator[str]:
    """A server on the loopback interface that responds once the gate opens. Yields its host and port."""
    app = Flask(__name__)
    app.get("/")(lambda: ("", 204 if opens.wait(COMMAND_TIMEOUT) else 504))
    with serving(app) as url:
        yield urlsplit(url).netloc


def assert_no_secret(browser: Browser, stack: Stack) -> None:
    shown = browser.run("document.documentElement.outerHTML")
    assert stack.confidential
    assert not [secret for secret in stack.confidential if secret in shown]


def test_requests_appear_while_up_runs(browser: Browser, stack: Stack) -> None:
    """The page shows the webhook and its POST while `up` is still running."""
    browser.open(stack.emulator.url)
    browser.wait_for("$('journal').textContent.includes('No requests yet')")
    opens = threading.Event()
    with gate(opens) as address, ThreadPoolExecutor(1) as pool:
        stack.write(WEBHOOK + WAIT_AT_GATE.format(gate=address))
        up = pool.submit(stack.up)
        try:
            browser.wait_for(
                "[...document.querySelectorAll('#journal tr')].some((row) => "
                "/POST.*webhooks.*201/.test(row.textContent)) && "
                "$('projects').textContent.includes('https://hooks.example.com/sinch')",
                seconds=COMMAND_TIMEOUT,
            )
            assert not up.done()
        finally:
            opens.set()
        up.result(COMMAND_TIMEOUT)
    assert stack.secret_outputs()["waited"] == 204
    assert_no_secret(browser, stack)


def test_a_fault_of_a_button_is_met_by_the_provider(browser: Browser, stack: Stack) -> None:
    """After a lost response, `up` ends with one webhook, and the page shows that the fault is used up."""
    browser.open(stack.emulator.url)
    browser.wait_for("$('faults').textContent.includes('everything works')")
    browser.press("Lose the response to the next create")
    browser.wait_for("$('faults').textContent.includes('reset after the commit')")
    stack.write(WEBHOOK)
    stack.up()
    assert [entry.fault for entry in stack.emulator.journal.entries("POST", "/webhooks")] == ["reset"]
    assert len(stack.emulator.webhooks()) == 1
    stack.assert_preview_is_empty()
    browser.wait_for("$('faults').textContent.includes('1 of 1 calls, used up')")
    browser.wait_for(
        "[...document.querySelectorAll('#journal tr')].some((row) => "
        "/POST.*webhooks.*nonereset/.test(row.textContent))"
    )
    assert_no_secret(browser, stack)
