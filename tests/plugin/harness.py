"""The real plugin process over gRPC, as the engine uses it, without the CLI."""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime import rpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc

PROVIDER = "gASVNQAAAAAAAACMFXB1bHVtaV9zaW5jaC5wcm92aWRlcpSMFFNpbmNoV2ViaG9va1Byb3ZpZGVylJOUKYGULg=="
"""`__provider` in every state (tests/unit/test_pickle.py)."""
TIMEOUT = 60
UNKNOWN = rpc.UNKNOWN


class StubEngine(engine_pb2_grpc.EngineServicer):
    """Records messages to the user, and separately debug messages."""

    def __init__(self) -> None:
        self.logged: list[tuple[str, str]] = []
        self.named: list[str] = []
        self.debugged: list[str] = []
        self._server = grpc.server(futures.ThreadPoolExecutor(max_workers=2))
        engine_pb2_grpc.add_EngineServicer_to_server(self, self._server)
        self.address = f"127.0.0.1:{self._server.add_insecure_port('127.0.0.1:0')}"
        self._server.start()

    def Log(self, request: Any, context: Any) -> empty_pb2.Empty:  # noqa: N802 - gRPC's
        severity = engine_pb2.LogSeverity.Name(request.severity)
        if severity == "DEBUG":
            self.debugged.append(request.message)
        else:
            self.named.append(request.urn.rpartition("::")[2])
            self.logged.append((severity, request.message))
        return empty_pb2.Empty()

    @property
    def texts(self) -> list[str]:
        """All messages, debug messages included."""
        return [*(message for _, message in self.logged), *self.debugged]

    def stop(self) -> None:
        self._server.stop(0).wait(TIMEOUT)


class RefusedError(Exception):
    """The error of a request, as the engine would show it."""


class PluginProcess:
    """A plugin process, with the requests that both kinds of plugins serve."""

    command: tuple[str, ...] = (sys.executable, "-u", "-m", "pulumi.dynamic")

    def __init__(self, engine: StubEngine, environment: Mapping[str, str], folder: Path) -> None:
        self.engine = engine
        self.shown: list[str] = []
        self._output = (folder / "plugin-output").open("wb+")
        self._process = subprocess.Popen(
            [*self.command, engine.address],
            env=dict(environment),
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=self._output,
        )
        self._channel = grpc.insecure_channel(f"127.0.0.1:{self._port()}")
        self._stub = provider_pb2_grpc.ResourceProviderStub(self._channel)

    def _port(self) -> int:
        """Return the port that the plugin prints, or stop a plugin that hangs."""
        assert self._process.stdout is not None
        patience = threading.Timer(TIMEOUT, self._process.kill)
        patience.start()
        try:
            return int(self._process.stdout.readline())
        finally:
            patience.cancel()

    def stop(self) -> str:
        """Stop the process and return its output."""
        self._channel.close()
        self._process.terminate()
        try:
            self._process.wait(TIMEOUT)
        finally:
            self._process.kill()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._output.seek(0)
            printed = self._output.read().decode()
            self._output.close()
        return printed

    def _call(self, method: str, request: Any) -> Any:
        try:
            return getattr(self._stub, method)(request, timeout=TIMEOUT)
        except grpc.RpcError as error:
            self.shown.append(error.details())
            raise RefusedError(error.details()) from None

    def configure(self, config: Mapping[str, Any]) -> Any:
        request = provider_pb2.ConfigureRequest(args=as_struct(config), acceptSecrets=True)
        return self._call("Configure", request)


class Plugin(PluginProcess):
    """The plugin process of dynamic providers. Each method is one request of the engine."""

    def check(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the checked inputs as sent by the plugin."""
        answer = self.checked(news, olds)
        assert not answer.failures, answer.failures
        return as_dict(answer.inputs)

    def problems(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None) -> list[str]:
        """Return the reasons of a failed check, all of which have the empty property."""
        failures = self.checked(news, olds).failures
        assert {failure.property for failure in failures} <= {""}
        self.shown += [failure.reason for failure in failures]
        return [failure.reason for failure in failures]

    def checked(self, news: Mapping[str, Any], olds: Mapping[str, Any] | None) -> Any:
        request = provider_pb2.CheckRequest(
            urn="urn", olds=as_struct(with_provider(olds)), news=as_struct(with_provider(news))
        )
        return self._call("Check", request)

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        request = provider_pb2.DiffRequest(
            id="id", urn="urn", olds=as_struct(with_provider(olds)), news=as_struct(with_provider(news))
        )
        return self._call("Diff", request)

    def create(self, props: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        request = provider_pb2.CreateRequest(urn="urn", properties=as_struct(with_provider(props)))
        answer = self._call("Create", request)
        return answer.id, as_dict(answer.properties)

    def read(
        self, id_: str, props: Mapping[str, Any], inputs: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return id, outputs and inputs. Without `props` it is a `.get()`."""
        request = provider_pb2.ReadRequest(
            id=id_,
            urn="urn",
            properties=as_struct(with_provider(props) if props else {}),
            inputs=as_struct(with_provider(inputs or {})),
        )
        answer = self._call("Read", request)
        return answer.id, as_dict(answer.properties), as_dict(answer.inputs)

    def update(self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
        request = provider_pb2.UpdateRequest(
            id=id_, urn="urn", olds=as_struct(with_provider(olds)), news=as_struct(with_provider(news))
        )
        return as_dict(self._call("Update", request).properties)

    def delete(self, id_: str, props: Mapping[str, Any]) -> None:
        self._call(
            "Delete",
            provider_pb2.DeleteRequest(id=id_, urn="urn", properties=as_struct(with_provider(props))),
        )


def with_provider(props: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return properties as the engine sends them: with the pickled provider and plain secrets."""
    return {**plain(props), "__provider": PROVIDER} if props is not None else {}


def as_struct(values: Mapping[str, Any]) -> struct_pb2.Struct:
    return json_format.ParseDict(dict(values), struct_pb2.Struct())


def as_dict(values: struct_pb2.Struct) -> dict[str, Any]:
    """Return properties without the pickled provider, which every response must contain."""
    result: dict[str, Any] = json.loads(json_format.MessageToJson(values))
    assert result.pop("__provider", PROVIDER) == PROVIDER
    return result


def plain(props: Mapping[str, Any]) -> dict[str, Any]:
    """Unwrap the secrets of properties, as the engine does before it calls the plugin."""
    return {key: rpc.unwrap_rpc_secret(value) for key, value in props.items()}


def secret_keys(props: Mapping[str, Any]) -> set[str]:
    """Return the names of the properties that are marked as secret."""
    return {key for key, value in props.items() if rpc.is_rpc_secret(value)}


def written_in_python(text: str) -> list[str]:
    """Return the Python-only parts of a message: names, options and values."""
    outside_of_values = re.sub(r"HTTP \d{3} \w+|urn:\S+|/\S+", "", text)
    return re.findall(
        r"\b[a-z]+_[a-z_]+\b|\bTrue\b|\bFalse\b|\bNone\b|\w=\S|ResourceOptions", outside_of_values
    )


Start = Callable[..., Plugin]
