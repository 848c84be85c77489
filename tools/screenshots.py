"""Take the screenshots of the emulator's web page for the documentation. This needs Chromium."""

import base64
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]

import requests
from chromium import Browser, opened_browser
from pulumi_sinch.emulator import Emulator

IMAGES = ROOT / "docs/images"


class Receiver(BaseHTTPRequestHandler):
    """A receiver that accepts every callback of the emulator."""

    def do_POST(self) -> None:
        """Respond with 204."""
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Do not log requests."""


def fill(sinch: Emulator, receiver: str) -> None:
    """Create the webhooks, events, requests and faults that the screenshots show."""
    senders = sinch.create_webhook(f"{receiver}/sinch", ["WHATSAPP_SENDER_ACTIVE"], "a-secret")
    sinch.create_webhook("http://127.0.0.1:9/templates", ["WHATSAPP_TEMPLATE_APPROVED"])
    sinch.deliver("WHATSAPP_SENDER_ACTIVE")
    sinch.deliver("WHATSAPP_TEMPLATE_APPROVED", attempts=1)
    key = (sinch.key_id, sinch.key_secret)
    url = f"{sinch.url}/v1/projects/{sinch.project_id}/webhooks"
    requests.get(url, auth=key, timeout=10)
    requests.patch(f"{url}/{senders.id}", auth=key, json={"triggers": ["ALL"]}, timeout=10)
    sinch.faults.add("status", status=503, method="POST")
    requests.post(url, auth=key, json={}, timeout=10)


def take(browser: Browser, name: str) -> None:
    """Write a screenshot of the browser to a PNG file with this name."""
    picture = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=False)["data"]
    (IMAGES / f"{name}.png").write_bytes(base64.b64decode(picture))
    print(IMAGES / f"{name}.png")


def main() -> None:
    """Take all screenshots."""
    IMAGES.mkdir(exist_ok=True)
    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=receiver.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as profile, Emulator(port=4010) as sinch:
        fill(sinch, f"http://127.0.0.1:{receiver.server_port}")
        with opened_browser(Path(profile)) as browser:
            for name, width, height in (("emulator-page", 1200, 1000), ("emulator-page-phone", 390, 844)):
                browser.open(sinch.url, width=width, height=height)
                browser.wait_for("document.querySelectorAll('tbody tr').length == 8")
                take(browser, name)
                if width > height:
                    browser.press("Details")
                    browser.wait_for("$('drawer').open")
                    take(browser, "emulator-page-delivery")


if __name__ == "__main__":
    main()
