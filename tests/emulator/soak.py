"""Eight clients at once, for `make soak`: no write is lost and no rule of the contract is broken.

Each client has its own project, where every response can be predicted. All clients share another project,
where they compete for targets and for the quota. `SINCH_SOAK_SECONDS` sets the duration. Default: 30.
"""

import os
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from pulumi_sinch.emulator import Emulator

CLIENTS = 8
QUOTA = 15
SECONDS = float(os.environ.get("SINCH_SOAK_SECONDS", "30"))
SHARED = "shared"
OWN = [f"own-{number}" for number in range(CLIENTS)]
TRIGGERS = ["BUNDLE_DONE", "WHATSAPP_SENDER_ACTIVE", "RCS_SENDER_COMMENT_ADDED"]
CREATED = (201, None)
EXISTS = (409, "webhook_exists")
FULL = (424, "webhook_limit_reached")
GONE = (404, "webhook_not_found")

Model = dict[str, dict[str, Any]]


class Ledger:
    """The certain owners of targets in the shared project.

    An owner is added after the response to the request that gets the target, and removed before the request
    that releases it. So two owners of one target, or more owners than the quota, always break a rule,
    whatever the order of the responses.
    """

    def __init__(self) -> None:
        self._held: set[str] = set()
        self._lock = threading.Lock()

    def take(self, target: str) -> None:
        with self._lock:
            assert target not in self._held, f"two webhooks with the target {target}"
            self._held.add(target)
            assert len(self._held) <= QUOTA, "more webhooks than the quota"

    def release(self, target: str) -> None:
        with self._lock:
            self._held.remove(target)


@dataclass
class Client:
    """One client, with its confirmed writes and the statuses of its responses."""

    url: str
    auth: tuple[str, str]
    ledger: Ledger
    random: random.Random
    own_project: str
    own: Model = field(default_factory=dict)
    shared: Model = field(default_factory=dict)
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    def run(self, ends_at: float) -> None:
        with requests.Session() as self.session:
            self.session.trust_env = False
            token = self.session.post(
                f"{self.url}/oauth2/token", {"grant_type": "client_credentials"}, auth=self.auth, timeout=30
            )
            self.session.headers["Authorization"] = f"Bearer {token.json()['access_token']}"
            while time.monotonic() < ends_at:
                self.random.choice([self.change_own, self.read_own, self.change_shared, self.read_shared])()

    def send(self, method: str, path: str, body: object = None) -> tuple[tuple[int, str | None], Any]:
        answer = self.session.request(method, f"{self.url}/v1/projects/{path}", json=body, timeout=30)
        self.answers[method, answer.status_code] += 1
        said = answer.json() if answer.content else {}
        return (answer.status_code, said.get("errorCode")), said

    def fields(self, targets: int) -> dict[str, Any]:
        return {
            "target": f"https://{self.random.randrange(targets):02}.example",
            "triggers": self.random.sample(TRIGGERS, self.random.randint(1, 3)),
            "secret": f"secret-{self.random.getrandbits(64):x}",
        }

    def expected(self, target: str, *, webhook_id: str = "") -> tuple[int, str | None]:
        if any(webhook["target"] == target for key, webhook in self.own.items() if key != webhook_id):
            return EXISTS
        return FULL if not webhook_id and len(self.own) == QUOTA else CREATED

    def change_own(self) -> None:
        """Create, replace, update or delete in the own project, where each response is predictable."""
        base, body = f"{self.own_project}/webhooks", self.fields(18)
        method = self.random.choice(["POST", "POST", "PUT", "PATCH", "DELETE"])
        if method == "POST" or not self.own:
            code, said = self.send("POST", base, body)
            assert code == self.expected(body["target"])
            if code == CREATED:
                self.own[said["id"]] = body
            return
        webhook_id = self.random.choice([*self.own])
        if method == "DELETE":
            assert self.send("DELETE", f"{base}/{webhook_id}")[0] == (204, None)
            del self.own[webhook_id]
            assert self.send("GET", f"{base}/{webhook_id}")[0] == GONE
            return
        if method == "PATCH":
            del body[self.random.choice([*body])]
        code, _ = self.send(method, f"{base}/{webhook_id}", body)
        target = {**self.own[webhook_id], **body}["target"]
        assert code == (EXISTS if self.expected(target, webhook_id=webhook_id) == EXISTS else (200, None))
        if code != EXISTS:
            self.own[webhook_id].update(body)

    def read_own(self) -> None:
        """Check that the list contains exactly the written webhooks."""
        code, page = self.send("GET", f"{self.own_project}/webhooks")
        assert code == (200, None)
        assert page["totalSize"] == len(self.own)
        shown = [shown_of(key, self.own_project, webhook) for key, webhook in self.own.items()]
        assert page["webhooks"] == sorted(shown, key=lambda webhook: str(webhook["target"]))

    def change_shared(self) -> None:
        """Compete with the other clients for targets and the quota."""
        self.random.choice([self.create_shared, self.create_shared, self.move_shared, self.delete_shared])()

    def create_shared(self) -> None:
        body = self.fields(24)
        code, said = self.send("POST", f"{SHARED}/webhooks", body)
        assert code in {CREATED, EXISTS, FULL}
        if code == CREATED:
            self.ledger.take(body["target"])
            self.shared[said["id"]] = body

    def move_shared(self) -> None:
        if not self.shared:
            return
        webhook_id, body = self.random.choice([*self.shared]), self.fields(24)
        old = self.shared[webhook_id]
        self.ledger.release(old["target"])
        code, _ = self.send("PATCH", f"{SHARED}/webhooks/{webhook_id}", body)
        assert code in {(200, None), EXISTS}
        if code != EXISTS:
            self.shared[webhook_id] = body
        self.ledger.take(self.shared[webhook_id]["target"])

    def delete_shared(self) -> None:
        if not self.shared:
            return
        webhook_id = self.random.choice([*self.shared])
        self.ledger.release(self.shared.pop(webhook_id)["target"])
        assert self.send("DELETE", f"{SHARED}/webhooks/{webhook_id}")[0] == (204, None)

    def read_shared(self) -> None:
        """Check that this client's webhooks are in the list, and that the list breaks no rule."""
        code, page = self.send("GET", f"{SHARED}/webhooks")
        assert code == (200, None)
        targets = [webhook["target"] for webhook in page["webhooks"]]
        assert targets == sorted(set(targets))
        assert len(targets) == page["totalSize"] <= QUOTA
        for key, webhook in self.shared.items():
            assert shown_of(key, SHARED, webhook) in page["webhooks"]


def shown_of(webhook_id: str, project_id: str, webhook: dict[str, Any]) -> dict[str, object]:
    return {
        "id": webhook_id,
        "projectId": project_id,
        "target": webhook["target"],
        "triggers": webhook["triggers"],
    }


def stored(emulator: Emulator, project_id: str) -> Model:
    return {
        webhook.id: {
            "target": webhook.target,
            "triggers": list(webhook.triggers),
            "secret": webhook.secret,
        }
        for webhook in emulator.webhooks(project_id)
    }


def assert_holds(emulator: Emulator, clients: list[Client]) -> None:
    for client in clients:
        assert stored(emulator, client.own_project) == client.own
    assert stored(emulator, SHARED) == {
        key: body for client in clients for key, body in client.shared.items()
    }


def test_clients_at_once_lose_no_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every confirmed write is in the list, during and after the load, and in the state file."""
    options: dict[str, Any] = {"projects": [*OWN, SHARED], "state_file": tmp_path / "state.json"}
    with Emulator(**options) as emulator:
        auth, ledger = (emulator.key_id, emulator.key_secret), Ledger()
        clients = [
            Client(emulator.url, auth, ledger, random.Random(number), project_id)  # noqa: S311 - no cryptography
            for number, project_id in enumerate(OWN)
        ]
        ends_at = time.monotonic() + SECONDS
        with ThreadPoolExecutor(CLIENTS) as pool:
            for done in [pool.submit(client.run, ends_at) for client in clients]:
                done.result(SECONDS + 60)
        assert_holds(emulator, clients)
    with Emulator(**options) as restarted:
        assert_holds(restarted, clients)
    answers = sum((client.answers for client in clients), Counter())
    assert {status for _, status in answers} == {200, 201, 204, 404, 409, 424}
    lines = [f"{count:8} {method} {status}" for (method, status), count in sorted(answers.items())]
    rate = f"{CLIENTS} clients, {answers.total() / SECONDS:.0f} requests a second"
    with capsys.disabled():
        sys.stdout.write("\n".join(["", rate, *lines, ""]))
