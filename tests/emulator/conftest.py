"""Fixtures: a `requests` session that talks to the emulator, and a receiver of its events."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from loopback import serving
from pulumi_sinch.emulator import Emulator


class WebhooksSession(requests.Session):
    """Sends every request to a path below the webhooks of the emulator's project."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self.trust_env = False
        self.base = f"{emulator.url}/v1/projects/{emulator.project_id}/webhooks"
        self.auth = (emulator.key_id, emulator.key_secret)

    def request(  # type: ignore[override]
        self, method: str, url: str, *args: Any, **kwargs: Any
    ) -> requests.Response:
        kwargs.setdefault("timeout", 10)
        return super().request(method, self.base + url, *args, **kwargs)


@pytest.fixture
def api(sinch_emulator: Emulator) -> Iterator[requests.Session]:
    with WebhooksSession(sinch_emulator) as session:
        yield session


@pytest.fixture
def receiver() -> Iterator[str]:
    """A receiver that accepts everything. Yields a target that has a token in its query."""
    app = Flask(__name__)
    app.post("/sinch")(lambda: ("", 204))
    with serving(app) as url:
        yield f"{url}/sinch?token=t0k3n"
