"""The process of the provider plugin over gRPC, as the engine uses it, without the CLI."""

import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from google.protobuf import empty_pb2
from plugin.harness import TIMEOUT, PluginProcess, as_dict, as_struct, plain
from pulumi.runtime.proto import provider_pb2 as pb


class ProviderPlugin(PluginProcess):
    """The process `pulumi-resource-sinch`. Each method is one request of the engine."""

    command: tuple[str, ...] = (str(Path(sys.executable).with_name("pulumi-resource-sinch")),)

    def problems_of_config(self, news: Mapping[str, Any], project: str = "shop") -> list[str]:
        return self._reasons(self.checked_config(news, project))

    def checked_config(self, news: Mapping[str, Any], project: str = "shop") -> Any:
        urn = f"urn:pulumi:dev::{project}::pulumi:providers:sinch::default"
        return self._call("CheckConfig", pb.CheckRequest(urn=urn, news=as_struct(plain(news))))

    def diff_config(self, olds: Mapping[str, Any], news: Mapping[str, Any]) -> Any:
        return self._call("DiffConfig", pb.DiffRequest(olds=as_struct(olds), news=as_struct(news)))

    def check(
        self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None, **request: Any
    ) -> dict[str, Any]:
        """Return the checked inputs as sent by the plugin."""
        response = self.checked(news, olds, **request)
        assert not response.failures, response.failures
        return as_dict(response.inputs)

    def problems(
        self, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None, **request: Any
    ) -> list[str]:
        return self._reasons(self.checked(news, olds, **request))

    def checked(
        self,
        news: Mapping[str, Any],
        olds: Mapping[str, Any] | None = None,
        name: str = "w",
    ) -> Any:
        request = pb.CheckRequest(
            urn=f"urn:pulumi:dev::shop::sinch:index:Webhook::{name}",
            olds=as_struct(plain(olds or {})),
            news=as_struct(plain(news)),
        )
        return self._call("Check", request)

    def _reasons(self, response: Any) -> list[str]:
        """Return the reasons of failures, all of which have the empty property."""
        assert {failure.property for failure in response.failures} <= {""}
        reasons = [failure.reason for failure in response.failures]
        self.shown += reasons
        return reasons

    def diff(self, olds: Mapping[str, Any], news: Mapping[str, Any], id_: str = "id") -> Any:
        request = pb.DiffRequest(id=id_, urn="urn", olds=as_struct(plain(olds)), news=as_struct(plain(news)))
        return self._call("Diff", request)

    def create(self, props: Mapping[str, Any], *, preview: bool = False) -> tuple[str, dict[str, Any]]:
        request = pb.CreateRequest(urn="urn", properties=as_struct(plain(props)), preview=preview)
        response = self._call("Create", request)
        return response.id, as_dict(response.properties)

    def read(
        self, id_: str, props: Mapping[str, Any] | None = None, inputs: Mapping[str, Any] | None = None
    ) -> tuple[str, dict[str, Any], dict[str, Any]]:
        """Return id, outputs and inputs. Without `props` it is an import."""
        request = pb.ReadRequest(
            id=id_, urn="urn", properties=as_struct(plain(props or {})), inputs=as_struct(plain(inputs or {}))
        )
        response = self._call("Read", request)
        return response.id, as_dict(response.properties), as_dict(response.inputs)

    def update(
        self, id_: str, olds: Mapping[str, Any], news: Mapping[str, Any], *, preview: bool = False
    ) -> dict[str, Any]:
        request = pb.UpdateRequest(
            id=id_, urn="urn", olds=as_struct(plain(olds)), news=as_struct(plain(news)), preview=preview
        )
        return as_dict(self._call("Update", request).properties)

    def delete(self, id_: str, props: Mapping[str, Any]) -> None:
        self._call("Delete", pb.DeleteRequest(id=id_, urn="urn", properties=as_struct(plain(props))))

    def invoke(self, function: str, **args: Any) -> dict[str, Any]:
        request = pb.InvokeRequest(tok=f"sinch:index:{function}", args=as_struct(args))
        return as_dict(getattr(self._call("Invoke", request), "return"))

    def schema(self) -> str:
        schema: str = self._call("GetSchema", pb.GetSchemaRequest()).schema
        return schema

    def version(self) -> str:
        version: str = self._call("GetPluginInfo", empty_pb2.Empty()).version
        return version

    def cancel(self) -> None:
        self._call("Cancel", empty_pb2.Empty())

    def interrupt(self) -> None:
        """Interrupt the process as the engine does."""
        self._process.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Kill the process."""
        self._process.kill()

    def wait(self) -> int:
        """Wait for the end of the process and return its status."""
        return self._process.wait(TIMEOUT)


StartPlugin = Callable[..., ProviderPlugin]
