"""Measure the GET requests per second that the emulator serves on one core."""

import base64
import os
import subprocess
import sys
import threading
import time
from http import HTTPStatus
from http.client import HTTPConnection
from typing import IO, cast
from urllib.parse import urlsplit

SECONDS = 4.0
CLIENTS = 2

_SERVER = """
import os, sys
from pulumi_sinch.emulator import Emulator
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
with Emulator() as emulator:
    webhook = emulator.create_webhook("https://hooks.example.com/load")
    print(emulator.url, f"/v1/projects/{emulator.project_id}/webhooks/{webhook.id}", flush=True)
    print(emulator.key_id, emulator.key_secret, flush=True)
    sys.stdin.read()
"""


def measure_emulator(environment: dict[str, str], seconds: float = SECONDS) -> float:
    """Return the requests per second that the emulator serves on one core, which the clients do not use."""
    server = subprocess.Popen(
        [sys.executable, "-c", _SERVER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        answers = cast("IO[str]", server.stdout)
        url, path = answers.readline().split()
        key_id, key_secret = answers.readline().split()
        return _load(url, path, f"{key_id}:{key_secret}", seconds)
    finally:
        server.communicate(timeout=10)


def _load(url: str, path: str, key: str, seconds: float) -> float:
    headers = {"Authorization": "Basic " + base64.b64encode(key.encode()).decode()}
    counts = [0] * CLIENTS
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else {0}
    ends_at = time.perf_counter() + seconds

    def ask(client: int) -> None:
        if len(cores) > 1:
            os.sched_setaffinity(0, cores - {min(cores)})
        connection = HTTPConnection(urlsplit(url).netloc, timeout=10)
        while time.perf_counter() < ends_at:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != HTTPStatus.OK:
                raise RuntimeError(f"the emulator answered {answer.status}")
            counts[client] += 1
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(CLIENTS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - started)
