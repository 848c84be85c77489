"""Runners of a fleet share a backend: a local S3, with which the CLI talks as with Amazon's."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from e2e.fleets import FleetProject
from e2e.harness import COMMAND_TIMEOUT, Stack
from e2e.killing import Running, wait_until
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="finds the processes to kill in /proc")

BUCKET = "states"
KEY = {"AWS_ACCESS_KEY_ID": "sample-id", "AWS_SECRET_ACCESS_KEY": "sample-key", "AWS_REGION": "us-east-1"}

FIFTEEN = {f"webhook-{number:02}": {"path": f"sinch/{number}", "triggers": ["ALL"]} for number in range(15)}


class Backend:
    """A bucket with states."""

    def __init__(self, host: str, port: int) -> None:
        self.url = f"s3://{BUCKET}?endpoint={host}:{port}&disableSSL=true&s3ForcePathStyle=true"
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=f"http://{host}:{port}",
            region_name=KEY["AWS_REGION"],
            aws_access_key_id=KEY["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=KEY["AWS_SECRET_ACCESS_KEY"],
        )
        self.s3.create_bucket(Bucket=BUCKET)

    def files(self, folder: str = "") -> list[str]:
        found = self.s3.list_objects_v2(Bucket=BUCKET, Prefix=f".pulumi/{folder}").get("Contents", [])
        return [file["Key"] for file in found]

    def download(self, folder: Path) -> None:
        """Copy all objects to where the test looks for secrets."""
        folder.mkdir()
        for number, file in enumerate(self.files()):
            content = self.s3.get_object(Bucket=BUCKET, Key=file)["Body"].read()
            (folder / str(number)).write_bytes(content)


@pytest.fixture
def backend(stack: Stack) -> Iterator[Backend]:
    """A bucket that `stack` uses. After the test, its objects are searched for secrets, too."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        backend = Backend(*server.get_host_and_port())
        stack.environment |= {**KEY, "PULUMI_BACKEND_URL": backend.url}
        yield backend
        backend.download(stack.folder / "bucket")
    finally:
        server.stop()


def test_two_shards_run_at_once(stack: Stack, backend: Backend) -> None:
    """Each has its own checkout and Pulumi home. Together they are all customers, and no lock stays.

    They share an access key, which allows 5 requests per second after a burst of 5. The rate limit fails no
    customer. A check from one of the checkouts finds drift.
    """
    first = FleetProject(stack, 3)
    second = FleetProject(stack, 3, stack.folder / "second")
    for fleet in (first, second):
        fleet.write(FIFTEEN)
    stack.emulator.limit_rate(per_key=5, burst=5)
    running = []
    for shard, fleet in (("1/2", first), ("2/2", second)):
        stack.environment["PULUMI_HOME"] = str(fleet.folder / "home")
        running.append(Running(stack, program=fleet.command("up", "--shard", shard, "--parallel", "2")))
    ends = [one.wait() for one in running]
    assert [end.returncode for end in ends] == [0, 0], [end.output for end in ends]
    assert [first.rows(end) for end in ends] == [
        dict.fromkeys(("customer-1", "customer-3"), "ok 15 create"),
        {"customer-2": "ok 15 create"},
    ]
    assert first.targets() == {
        name: sorted(f"https://{customer['host']}/{webhook['path']}" for webhook in FIFTEEN.values())
        for name, customer in first.customers.items()
    }
    statuses = [entry.status for entry in stack.emulator.journal.entries()]
    assert {*statuses} == {200, 201, 429}
    assert statuses.count(201) == 45
    assert backend.files("locks") == []

    stack.emulator.limit_rate()
    stack.emulator.delete_webhook(stack.emulator.webhooks(first.project("customer-1"))[0].id)
    rows = first.rows(first.run("check", "customer-1", "customer-2", status=2))  # from a single checkout
    assert rows == {"customer-1": "ok 1 create", "customer-2": "ok no change"}


def test_a_killed_runner_is_recovered(stack: Stack, backend: Backend) -> None:
    """Its lock stops others until `pulumi cancel`. Its webhook is adopted, and gets a new secret."""
    fleet = FleetProject(stack, 1)
    emulator, project = stack.emulator, fleet.project("customer-1")
    emulator.faults.add("hang", method="POST", path="*/webhooks", times=None, after_commit=True)
    # By default, the first runner would recover its webhook before a slow machine kills it.
    stack.environment["SINCH_TIMEOUT"] = "300"
    running = Running(stack, program=fleet.command("up"))
    wait_until(lambda: len(emulator.webhooks(project)) > 0, "webhook at Sinch")
    row = fleet.rows(fleet.run("up", status=1))["customer-1"]
    assert "the stack is currently locked by 1 lock(s)" in row
    assert "pulumi cancel" in row

    running.kill()
    emulator.faults.clear()
    left = {webhook.target: webhook for webhook in emulator.webhooks(project)}
    assert len(backend.files("locks")) == 1
    cancel = ["pulumi", "cancel", "--yes", "--stack", "customer-1", "--non-interactive"]
    options: dict[str, Any] = {"cwd": fleet.folder / "program", "env": stack.environment, "text": True}
    subprocess.run(cancel, **options, timeout=COMMAND_TIMEOUT, capture_output=True, check=True)
    assert backend.files("locks") == []

    row = fleet.rows(fleet.run("up", status=1))["customer-1"]
    assert any(webhook.id in row for webhook in left.values())
    assert "adopt" in row
    fleet.run("up", "--adopt")
    fleet.customers["customer-1"]["secret_version"] = "2"
    fleet.write()
    fleet.run("up")
    assert fleet.targets() == fleet.declared_targets()
    webhooks = emulator.webhooks(project)
    assert {webhook.id for webhook in left.values()} <= {webhook.id for webhook in webhooks}
    show = ["pulumi", "stack", "output", "--show-secrets", "--json", "--stack", "customer-1"]
    shown = subprocess.run(show, **options, timeout=COMMAND_TIMEOUT, capture_output=True, check=True)
    assert sorted(json.loads(shown.stdout).values()) == sorted(webhook.secret for webhook in webhooks)
    assert not {webhook.secret for webhook in left.values()} & {webhook.secret for webhook in webhooks}
    assert fleet.rows(fleet.run("check")) == {"customer-1": "ok no change"}
