"""The page at / for people, alone and in a real browser."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from pulumi_sinch.emulator import Emulator

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """Drives a headless Chromium over its debugging pipe."""

    def __init__(self, profile: Path) -> None:
        down, self._write = os.pipe()
        self._read, up = os.pipe()
        # Chromium reads commands from descriptor 3 and writes to 4; only a shell can say so in one line.
        self._process = subprocess.Popen(
            [
                *("bash", "-c", f'exec "$@" 3<&{down} 4>&{up}', "bash", str(CHROMIUM), "--headless=new"),
                *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"),
                *("--remote-debugging-pipe", f"--user-data-dir={profile}"),
            ],
            pass_fds=(down, up),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(down)
        os.close(up)
        self._pipe = os.fdopen(self._read, "rb")
        self._count = 0
        self._session: str | None = None

    def close(self) -> None:
        self._process.kill()
        self._process.wait(10)
        self._pipe.close()
        os.close(self._write)

    def call(self, method: str, **params: Any) -> Any:
        self._count += 1
        command: dict[str, Any] = {"id": self._count, "method": method, "params": params}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        while True:
            message = json.loads(b"".join(iter(lambda: self._pipe.read(1), b"\0")))
            if message.get("id") == self._count:
                assert "error" not in message, message
                return message["result"]

    def open(self, url: str, **metrics: Any) -> None:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        if metrics:
            self.call("Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, mobile=True, **metrics)
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        assert self.run(
            "new Promise((done) => { const look = (left) => { let met = false;"
            f"try {{ met = {condition} }} catch {{ }}"
            "met || !left ? done(Boolean(met)) : setTimeout(look, 20, left - 1); }; look(500); })"
        ), condition

    def press(self, text: str) -> None:
        button = f"[...document.querySelectorAll('button')].find((button) => button.textContent == {text!r})"
        self.run(f"{{ const pressed = {button}; pressed.focus(); pressed.click(); }}")


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    if CHROMIUM is None or shutil.which("bash") is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    opened = Browser(tmp_path / "profile")
    yield opened
    opened.close()


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
