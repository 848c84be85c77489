import socket

import pytest
from pulumi_sinch.plugin.server import is_listening


def test_an_engine_is_there_while_its_port_is_open() -> None:
    """An engine is alive while its port accepts connections."""
    with socket.create_server(("127.0.0.1", 0)) as engine:
        address = f"127.0.0.1:{engine.getsockname()[1]}"
        assert is_listening(address)
    assert not is_listening(address)


@pytest.mark.parametrize(
    "argument", ["pulumi-resource-sinch", "/opt/bin/pulumi-resource-sinch", ":80", "host:port"]
)
def test_a_plugin_that_was_started_by_hand_stays(argument: str) -> None:
    """A plugin that was started by hand, without an engine's address, keeps running."""
    assert is_listening(argument)


def test_only_a_refused_connection_counts_as_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only a refused connection means that the engine has ended. A timeout does not."""

    def time_out(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", time_out)
    assert is_listening("127.0.0.1:1")
