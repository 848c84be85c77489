import subprocess
from typing import Any

import pytest
from pulumi_sinch import SinchError
from pulumi_sinch.cli.stack_config import read_stack_config
from unit.cli.fake_pulumi import FakePulumi


def test_values_by_full_key(fake_pulumi: FakePulumi) -> None:
    """Values are returned by full key, with decrypted secrets."""
    fake_pulumi.prints('{"sinch:keyId": {"value": "i"}, "sinch:keySecret": {"value": "s", "secret": true}}')
    assert read_stack_config("dev") == {"sinch:keyId": "i", "sinch:keySecret": "s"}


@pytest.mark.parametrize("printed", ["", "no JSON", "[1]", '{"sinch:keyId": "s3cret"}'])
def test_another_output_is_an_error(printed: str, fake_pulumi: FakePulumi) -> None:
    """Unexpected output is an error that does not show it, because it may contain secrets."""
    fake_pulumi.prints(printed)
    with pytest.raises(SinchError) as caught:
        read_stack_config("dev")
    assert str(caught.value) == "reading the config of stack dev failed: pulumi printed no JSON object"


def test_an_error_of_pulumi_is_shown(fake_pulumi: FakePulumi) -> None:
    """An error of Pulumi is shown, with a hint that says where to run the command."""
    fake_pulumi.prints("", error="error: no stack named 'dev' found\n", status=255)
    with pytest.raises(SinchError) as caught:
        read_stack_config("dev")
    assert str(caught.value).startswith(
        "reading the config of stack dev failed: no stack named 'dev' found\nRun this command in the folder"
    )


def test_without_pulumi(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without Pulumi, the error says that the command is missing."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SinchError, match="the command pulumi is not on the PATH"):
        read_stack_config("dev")


def test_a_command_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Pulumi command that hangs is stopped after a minute."""

    def hang(*_: Any, timeout: float, **__: Any) -> None:
        raise subprocess.TimeoutExpired("pulumi", timeout)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(SinchError, match="pulumi did not end within 60 s"):
        read_stack_config("dev")
