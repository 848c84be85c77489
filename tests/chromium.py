"""A real browser, the machine's headless Chromium, controlled over its debugging pipe."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = resources.files("axe_core_python").joinpath("axe.min.js").read_text()
RUN_AXE = """
axe.run(document, { rules: { "label-content-name-mismatch": { enabled: true } } }).then(({ violations }) =>
  violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))
"""


class Browser:
    """Controls a headless Chromium over its debugging pipe."""

    def __init__(self, profile: Path) -> None:
        down, self._write = os.pipe()
        self._read, up = os.pipe()
        # Chromium reads commands from descriptor 3 and writes to 4. Only a shell can say this in one line.
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

    def open(self, url: str, scheme: str = "light", **metrics: Any) -> None:
        """Open a page in a new tab. `metrics` has the width and height of a phone's screen."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        if metrics:
            self.call("Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, mobile=True, **metrics)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=url)

    def run(self, script: str) -> Any:
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def wait_for(self, condition: str, *, seconds: float = 10) -> None:
        assert self.run(
            "new Promise((done) => { const look = (left) => { let met = false;"
            f"try {{ met = {condition} }} catch {{ }}"
            "met || !left ? done(Boolean(met)) : setTimeout(look, 20, left - 1); }; "
            f"look({int(seconds * 50)}); }})"
        ), condition

    def serious_problems(self) -> list[str]:
        """Return the serious accessibility problems that axe finds on the page."""
        self.run(AXE)
        return list(self.run(RUN_AXE))

    def press(self, text: str) -> None:
        button = f"[...document.querySelectorAll('button')].find((button) => button.textContent == {text!r})"
        self.run(f"{{ const pressed = {button}; pressed.focus(); pressed.click(); }}")


@contextmanager
def opened_browser(profile: Path) -> Iterator[Browser]:
    """Open a browser while the block runs. Skips the test if there is none."""
    if CHROMIUM is None or shutil.which("bash") is None:
        pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")
    browser = Browser(profile)
    try:
        yield browser
    finally:
        browser.close()
