"""The provider plugin's servicer in this process, behind the methods of the dynamic provider.

Each request is converted to bytes, as gRPC does: with the names of that route, and without secret marks.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from google.protobuf import json_format
from google.protobuf.message import Message
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.plugin.naming import encode
from pulumi_sinch.plugin.properties import PROPERTIES
from pulumi_sinch.plugin.servicer import SinchServicer

_URN = "urn:pulumi:dev::shop::sinch:index:Webhook::"


class _Context:
    """The part of the gRPC context that the servicer uses."""

    def abort(self, _: object, text: str) -> NoReturn:
        sentence, _newline, hint = text.partition("\n")
        raise SinchError(sentence, hint=hint)


class InProcessServicer:
    """Calls the servicer as the engine does. An error is a `SinchError` with the text that the user reads."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.servicer = SinchServicer()
        self._call("Configure", pb.ConfigureRequest(args=encode(settings)))

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        urn = f"{_URN}{news.get('target')}"  # no test has two resources with the same target
        response = self._call("Check", pb.CheckRequest(urn=urn, olds=encode(olds), news=encode(news)))
        failures = [CheckFailure(failure.property, failure.reason) for failure in response.failures]
        return CheckResult(_decoded(response.inputs), failures)

    def diff(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        response = self._call("Diff", pb.DiffRequest(id=id_, olds=encode(olds), news=encode(news)))
        changes = response.changes == pb.DiffResponse.DIFF_SOME
        assert bool(response.detailedDiff) == changes
        return DiffResult(
            changes=None if changes else False,
            replaces=[*response.replaces],
            delete_before_replace=response.deleteBeforeReplace,
        )

    def create(self, props: dict[str, Any]) -> CreateResult:
        response = self._call("Create", pb.CreateRequest(properties=encode(props)))
        return CreateResult(response.id, _decoded(response.properties))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        response = self._call("Read", pb.ReadRequest(id=id_, properties=encode(props)))
        return ReadResult(response.id, _decoded(response.properties), _decoded(response.inputs))

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        response = self._call("Update", pb.UpdateRequest(id=id_, olds=encode(olds), news=encode(news)))
        return UpdateResult(_decoded(response.properties))

    def delete(self, id_: str, props: dict[str, Any]) -> None:
        self._call("Delete", pb.DeleteRequest(id=id_, properties=encode(props)))

    def _call(self, method: str, request: Message) -> Any:
        received = type(request).FromString(request.SerializeToString())
        response = getattr(self.servicer, method)(received, _Context())
        return type(response).FromString(response.SerializeToString())


def _decoded(struct: Message) -> dict[str, Any]:
    names = {name: key for key, name in PROPERTIES.items()}
    return {names.get(name, name): value for name, value in json_format.MessageToDict(struct).items()}
