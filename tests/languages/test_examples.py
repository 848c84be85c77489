"""The examples in TypeScript and Go with the real engine, on generated SDKs, against the emulator."""

from pathlib import Path

import pytest
import requests
from e2e.harness import Stack
from e2e.yaml_programs import WEBHOOK_TYPE
from languages.examples import (
    VECTORS,
    compile_typescript,
    needs_node,
    prepare_go,
    receiving,
    run,
    use_as_program,
)
from loopback import lasting_port
from pulumi_sinch import sign

ACTIVE = "WHATSAPP_SENDER_ACTIVE"

pytestmark = pytest.mark.timeout(900)  # the first build of a Go program takes minutes


@needs_node
def test_typescript(stack: Stack, sdks: Path, node_modules: Path) -> None:
    """SDK and example compile, the webhook is created and destroyed, and the receiver verifies callbacks."""
    folder = stack.folder / "typescript"
    compile_typescript(sdks, node_modules, folder)
    run("node", "--test", "bin/", cwd=folder, environment={"VECTORS": str(VECTORS)})
    use_as_program(stack, folder)
    assert_webhook_and_receiver_live(stack, ["node", "bin/receiver.js"])


def test_go(stack: Stack, sdks: Path) -> None:
    """SDK and example compile, the webhook is created and destroyed, and the receiver verifies callbacks."""
    folder = stack.folder / "go"
    prepare_go(sdks, folder)
    run("go", "build", "./...", cwd=folder)
    run("go", "build", "-o", "bin/", "./receiver", cwd=folder)
    run("go", "test", "./callback", cwd=folder, environment={"VECTORS": str(VECTORS)})
    use_as_program(stack, folder)
    assert_webhook_and_receiver_live(stack, [str(folder / "bin/receiver")])


def assert_webhook_and_receiver_live(stack: Stack, receiver: list[str]) -> None:
    """Test up, an empty preview, a rotation, callbacks, an import and destroy, without a leaked secret."""
    port = lasting_port()
    target = f"http://127.0.0.1:{port}/sinch"
    stack.pulumi("config", "set", "target", target)
    assert "[secret]" in stack.up().output
    stack.assert_preview_is_empty()
    (created,) = stack.emulator.webhooks()
    stack.calls()
    stack.pulumi("config", "set", "secretVersion", "2")
    assert "[secret]" in stack.up().output
    assert [call for call in stack.calls() if "GET" not in call] == ["token", "PATCH 200"]
    (rotated,) = stack.emulator.webhooks()
    outputs = {"webhookId": rotated.id, "secret": rotated.secret, "previousSecret": created.secret}
    assert stack.secret_outputs() == outputs
    assert rotated.secret != created.secret
    with receiving(receiver, stack.program_folder, port, [rotated.secret, created.secret]):
        assert [delivery.status for delivery in stack.emulator.deliver(ACTIVE)] == [204]
        assert_status(target, created.secret, 204)
        assert_status(target, "a-guess", 401)
    other = stack.emulator.create_webhook("https://hooks.example.com/other", [ACTIVE])
    options = ("--yes", "--protect=false", "--generate-code=false")
    stack.pulumi("import", WEBHOOK_TYPE, "other", other.id, *options)
    assert stack.state()["other"]["id"] == other.id
    stack.destroy()
    assert stack.emulator.webhooks() == []


def assert_status(target: str, secret: str, status: int) -> None:
    """Fail unless a callback signed with a secret gets this status."""
    body = f'{{"type": "{ACTIVE}"}}'
    assert requests.post(target, body, headers=sign(body, secret), timeout=10).status_code == status
