"""The example `examples/receiver` accepts callbacks all through a rotation."""

import importlib.util
import itertools
import json
import logging
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from e2e.harness import Stack
from loopback import serving
from pulumi_sinch import Trigger, sign
from pulumi_sinch.callbacks.signature import NONCE_HEADER, SIGNATURE_HEADER
from pulumi_sinch.emulator import Emulator

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/receiver"
ACTIVE = Trigger.WHATSAPP_SENDER_ACTIVE
FIRST = "first-secret-8c1d0e"
SECOND = "second-secret-42ab9f"
BODY = json.dumps({"type": "WHATSAPP_SENDER_ACTIVE", "payload": {"state": "fine"}})


@pytest.fixture
def secrets_file(tmp_path: Path) -> Path:
    """The receiver's file with secrets, outside of the stack, whose files must not contain any."""
    folder = tmp_path / "receiver"
    folder.mkdir()
    return folder / "secrets.json"


@pytest.fixture
def receiver(secrets_file: Path) -> Iterator[str]:
    """The running receiver of the example. Yields the webhook's target."""
    spec = importlib.util.spec_from_file_location("receiver", EXAMPLE / "receiver.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with serving(module.create_app(str(secrets_file))) as url:
        yield f"{url}/sinch"


@pytest.fixture
def config(stack: Stack, receiver: str, secrets_file: Path) -> tuple[str, ...]:
    """Options of the first `up`, which store the config. The example is the stack's program."""
    for file in EXAMPLE.glob("*.py"):
        shutil.copy(file, stack.program_folder)
    stack.confidential |= {FIRST, SECOND}
    return ("--config", f"target={receiver}", "--config", f"receiverFile={secrets_file}")


def set_secrets(stack: Stack, *newest_first: str) -> None:
    """Write these signing secrets to the config."""
    values = [
        part
        for number, secret in enumerate(newest_first)
        for part in ("--secret", f"signingSecrets[{number}]={secret}")
    ]
    stack.pulumi("config", "set-all", "--path", *values)


def forgeries(secrets: list[str]) -> list[dict[str, str]]:
    """Return headers that must be rejected: forged, altered, stale, too early, unsigned."""
    now = int(time.time())
    good = sign(BODY, secrets[0])
    return [
        sign(BODY, "a-guess"),
        sign(BODY.replace("fine", "bad"), secrets[0]),
        {**good, NONCE_HEADER: "another"},
        {**good, SIGNATURE_HEADER: good[SIGNATURE_HEADER][::-1]},
        *(sign(BODY, secret, timestamp=now - 400) for secret in secrets),
        *(sign(BODY, secret, timestamp=now + 400) for secret in secrets),
        {},
    ]


def test_the_receiver_before_the_first_up(receiver: str, caplog: pytest.LogCaptureFixture) -> None:
    """Without secrets, the receiver rejects callbacks with a retryable status and without a traceback."""
    answer = requests.post(receiver, data=BODY, headers=sign(BODY, FIRST), timeout=10)
    assert answer.status_code == 503
    assert "the first `pulumi up` has not stored the secrets yet" in caplog.text
    assert "Traceback" not in caplog.text


@contextmanager
def calling_back(emulator: Emulator, target: str) -> Iterator[list[int]]:
    """Deliver events all the time, with forged ones between them. Yields the responses to the forged ones."""
    refused: list[int] = []
    stop = threading.Event()

    def run() -> None:
        for headers in itertools.cycle(forgeries([SECOND, FIRST])):
            emulator.deliver(ACTIVE, attempts=1)
            refused.append(requests.post(target, BODY, headers=headers, timeout=10).status_code)
            if stop.wait(0.03):
                return

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield refused
    finally:
        stop.set()
        thread.join()


def used_secrets(log: pytest.LogCaptureFixture) -> set[str]:
    """Return the indexes of the secrets that accepted callbacks were signed with."""
    return set(re.findall(r"signed with secret (\d)", log.text))


def test_a_rotation_rejects_no_callback(
    stack: Stack, receiver: str, config: tuple[str, ...], secrets_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The receiver accepts both secrets before Sinch signs with the new one, and rejects forged callbacks.

    If the receiver cannot be deployed, Sinch keeps the old secret, and the next `up` rotates it.
    """
    caplog.set_level(logging.INFO, "receiver")
    set_secrets(stack, FIRST)
    stack.up(*config)
    set_secrets(stack, SECOND, FIRST)
    with broken_deployment(secrets_file):
        stack.up(fails=True)
    assert [webhook.secret for webhook in stack.emulator.webhooks()] == [FIRST]
    assert [delivery.status for delivery in stack.emulator.deliver(ACTIVE)] == [204]

    stack.emulator.deliveries.clear()
    with calling_back(stack.emulator, receiver) as refused:
        # The rotation takes its time at Sinch, so callbacks arrive between the receiver's turn and the
        # webhook's.
        stack.emulator.faults.add("delay", method="PATCH", delay=0.5)
        stack.up()
        assert used_secrets(caplog) == {"0", "1"}
        assert [webhook.secret for webhook in stack.emulator.webhooks()] == [SECOND]
        assert secrets_file.stat().st_mode & 0o777 == 0o600
        assert not [secret for secret in (FIRST, SECOND) if secret in caplog.text]

        caplog.clear()
        stack.pulumi("config", "rm", "--path", "signingSecrets[1]")
        stack.up()
    assert json.loads(secrets_file.read_text()) == [SECOND]
    assert used_secrets(caplog) == {"0"}
    deliveries = stack.emulator.deliveries.entries()
    assert len(deliveries) > 20
    assert {delivery.status for delivery in deliveries} == {204}
    assert len(refused) == len(deliveries)
    assert set(refused) == {401}
    stack.destroy()
    assert stack.emulator.webhooks() == []
    assert not secrets_file.exists()


@contextmanager
def broken_deployment(secrets_file: Path) -> Iterator[None]:
    """Make every deployment of the receiver fail."""
    in_the_way = secrets_file.with_name(f".{secrets_file.name}.new")
    in_the_way.mkdir()
    yield
    in_the_way.rmdir()


RECEIVER_AFTER_WEBHOOK = """
from deployment import Receiver
config = pulumi.Config()
senders = SinchWebhook(
    "senders", target=config.require("target"), triggers=["ALL"], secret_version=config.get("version")
)
Receiver(
    "receiver",
    secrets=pulumi.Output.all(senders.secret, senders.previous_secret),
    secrets_file=config.require("receiverFile"),
)
"""


def test_a_receiver_that_comes_after_the_webhook_refuses_until_it_is_deployed(
    stack: Stack, config: tuple[str, ...], secrets_file: Path
) -> None:
    """A receiver deployed after the webhook rejects callbacks in between, as docs/secrets.md warns."""
    stack.write(RECEIVER_AFTER_WEBHOOK)
    stack.up(*config)
    assert [delivery.status for delivery in stack.emulator.deliver(ACTIVE)] == [204]
    with broken_deployment(secrets_file):
        stack.up("--config", "version=2", fails=True)
    assert [delivery.status for delivery in stack.emulator.deliver(ACTIVE, attempts=1)] == [401]
    stack.up()
    assert [delivery.status for delivery in stack.emulator.deliver(ACTIVE)] == [204]


def recipe(heading: str) -> str:
    """Return the program below a heading of docs/secrets.md."""
    section = (ROOT / "docs/secrets.md").read_text().partition(f"\n### {heading}\n")[2]
    return section.partition("```python\n")[2].partition("```")[0]


STORE_PLACEHOLDER = "def put_into_store(secrets: list[str]) -> None: ...\n"
STORE = """
import json, os
def put_into_store(secrets):
    path = pulumi.Config().require("receiverFile")
    if os.path.exists(path + ".down"):
        raise RuntimeError("the store is down")
    with open(path + ".new", "w") as file:
        json.dump(secrets, file)
    os.replace(path + ".new", path)
"""


def test_a_generated_secret_reaches_the_store_before_sinch(
    stack: Stack, receiver: str, config: tuple[str, ...], secrets_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With the recipe's hook, no callback is rejected. If the store is down, Sinch keeps the old secret."""
    caplog.set_level(logging.INFO, "receiver")
    program = recipe("Generated, and stored by a hook")
    for placeholder, real in ((STORE_PLACEHOLDER, STORE), ("https://hooks.example.com/sinch", receiver)):
        assert placeholder in program
        program = program.replace(placeholder, real)

    def write(version: int) -> None:
        stack.write(program.replace("secret_version=1", f"secret_version={version}"))

    write(1)
    stack.up(*config)
    (before,) = stack.emulator.webhooks()
    down = Path(f"{secrets_file}.down")
    down.touch()
    write(2)
    assert "the store is down" in stack.up(fails=True).output
    assert stack.emulator.webhooks() == [before]
    down.unlink()
    with calling_back(stack.emulator, receiver):
        stack.emulator.faults.add("delay", method="PATCH", delay=0.5)
        stack.up()
    (after,) = stack.emulator.webhooks()
    assert after.secret != before.secret
    assert json.loads(secrets_file.read_text()) == [after.secret, before.secret]
    assert used_secrets(caplog) == {"0", "1"}
    assert {delivery.status for delivery in stack.emulator.deliveries.entries()} == {204}


@pytest.mark.parametrize("secret", [FIRST, SECOND])
def test_the_receiver_takes_what_is_signed_with_any_of_its_secrets(
    receiver: str, secrets_file: Path, secret: str
) -> None:
    """The receiver accepts callbacks signed with the new or the previous secret."""
    secrets_file.write_text(json.dumps([SECOND, FIRST]))
    assert requests.post(receiver, BODY, headers=posted(secret), timeout=10).status_code == 204
    secrets_file.write_text(json.dumps([SECOND]))
    taken = requests.post(receiver, BODY, headers=posted(secret), timeout=10).status_code == 204
    assert taken == (secret == SECOND)


def posted(secret: str) -> dict[str, str]:
    return {"Content-Type": "application/json", **sign(BODY, secret)}


def test_the_receiver_is_at_fault_without_secrets(receiver: str, secrets_file: Path) -> None:
    """Without secrets, the receiver responds with 500, so that Sinch calls again."""
    secrets_file.write_text('["", ""]')
    assert requests.post(receiver, BODY, headers=posted(FIRST), timeout=10).status_code == 500
