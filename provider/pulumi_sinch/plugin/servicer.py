"""The gRPC service of the provider plugin. It decodes requests, calls `core.lifecycle` and encodes results.

Each method of `SinchServicer` implements a method of Pulumi's protocol for resource providers. The rules for
webhooks are in `core`.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import grpc
from google.protobuf import empty_pb2
from pulumi import contains_unknowns
from pulumi.runtime.proto import provider_pb2 as pb
from pulumi.runtime.proto.plugin_pb2 import PluginInfo
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderServicer
from pulumi.runtime.rpc import wrap_rpc_secret

from pulumi_sinch.core import lifecycle, route
from pulumi_sinch.core.diagnostics import error_text, warn_once
from pulumi_sinch.core.settings import SECRET_SETTINGS, Settings
from pulumi_sinch.core.signing_secret import mark_secrets
from pulumi_sinch.plugin import naming, schema
from pulumi_sinch.version import __version__

_R = TypeVar("_R")

_NAMESPACE = "sinch:"
_KINDS = {
    "add": (pb.PropertyDiff.ADD, pb.PropertyDiff.ADD_REPLACE),
    "delete": (pb.PropertyDiff.DELETE, pb.PropertyDiff.DELETE_REPLACE),
    "update": (pb.PropertyDiff.UPDATE, pb.PropertyDiff.UPDATE_REPLACE),
}
"""The kinds of a change in Pulumi's protocol. The first kind is for a change in place, and the second kind is
for a change that replaces the resource."""


def _serves(method: Callable[[Any, Any], _R]) -> Callable[[Any, Any, grpc.ServicerContext], _R]:
    """Decorate a method of the servicer, so that its messages and errors suit users of the plugin.

    The messages of the decorated method use the property names of the plugin, such as ``projectId``. If the
    method raises an exception, the user sees the text of the exception instead of gRPC's general error.
    """

    @functools.wraps(method)
    def wrapper(self: object, request: object, context: grpc.ServicerContext) -> _R:
        with route.serving(naming.ROUTE):
            try:
                return method(self, request)
            except Exception as error:  # noqa: BLE001 - gRPC would hide the text of the error
                text = error_text(error)
        # Call `abort` outside of `except`, because it raises an exception that gRPC expects.
        context.abort(grpc.StatusCode.UNKNOWN, text.encode(errors="replace").decode())
        raise AssertionError  # pragma: no cover - `abort` always raises

    return wrapper


class SinchServicer(ResourceProviderServicer):
    """Serves the webhooks of one provider instance. The engine starts one process for each instance."""

    def __init__(self) -> None:
        self._settings = Settings()

    @_serves
    def GetPluginInfo(self, _: empty_pb2.Empty) -> PluginInfo:
        """Return the version of the plugin."""
        return PluginInfo(version=__version__)

    @_serves
    def GetSchema(self, _: pb.GetSchemaRequest) -> pb.GetSchemaResponse:
        """Return the schema of the package."""
        return pb.GetSchemaResponse(schema=schema.as_json())

    @_serves
    def CheckConfig(self, request: pb.CheckRequest) -> pb.CheckResponse:
        """Validate the settings of a provider, and mark the settings that are secrets."""
        news = naming.decode_settings(request.news)
        known = {key: value for key, value in news.items() if not contains_unknowns(value)}
        settings = _read_settings(known, keys=known, urn=request.urn)
        for sentence in settings.maybe_misspelt:
            warn_once(sentence)
        problems = settings.problems + settings.misspelt
        marked = {
            key: wrap_rpc_secret(value) if key in SECRET_SETTINGS else value for key, value in news.items()
        }
        return pb.CheckResponse(
            inputs=naming.encode(marked), failures=[pb.CheckFailure(reason=problem) for problem in problems]
        )

    @_serves
    def DiffConfig(self, request: pb.DiffRequest) -> pb.DiffResponse:
        """Compare the settings of a provider with the state. A changed setting never replaces webhooks."""
        olds, news = naming.decode_settings(request.olds), naming.decode_settings(request.news)
        changed = sorted(key for key in {*olds, *news} if olds.get(key) != news.get(key))
        return pb.DiffResponse(changes=_changes(changed), diffs=changed)

    @_serves
    def Configure(self, request: pb.ConfigureRequest) -> pb.ConfigureResponse:
        """Read the settings. Errors are reported on first use.

        Returns:
            A response that makes the engine send secrets as plain values, and call `Create` and `Update` in a
            preview too. The engine itself marks an output as a secret if the input with the same name is a
            secret.
        """
        self._settings = _read_settings(naming.decode_settings(request.args))
        return pb.ConfigureResponse(acceptSecrets=False, supportsPreview=True)

    @_serves
    def Check(self, request: pb.CheckRequest) -> pb.CheckResponse:
        """Validate the inputs of a webhook, and complete them.

        Returns:
            The inputs to store, or a list of all problems. The field `property` of a problem is always empty.
            Otherwise, the engine would print the value of the property, which can be a secret.
        """
        olds, news = naming.decode(request.olds), naming.decode(request.news)
        # Generated secrets are not inputs, because `pulumi up --plan` compares and prints inputs
        # (DECISIONS.md).
        checked = lifecycle.check(self._settings, olds, news, request.urn, decides_secrets=False)
        problems = naming.misspelt(dict(request.news.fields)) + [
            naming.translated(problem) for problem in checked.problems
        ]
        return pb.CheckResponse(
            inputs=naming.encode(mark_secrets(checked.inputs)),
            failures=[pb.CheckFailure(reason=problem) for problem in problems],
        )

    @_serves
    def Diff(self, request: pb.DiffRequest) -> pb.DiffResponse:
        """Return the changed properties, and the properties that force a replacement.

        If the dynamic provider wrote the state, the result is always a change. So the engine calls `Update`,
        which writes the outputs with the property names of the plugin.
        """
        compared = lifecycle.diff(request.id, naming.decode(request.olds), naming.decode(request.news))
        details = {
            naming.path(path): pb.PropertyDiff(kind=_KINDS[kind][path in compared.replaces])
            for path, kind in compared.details.items()
        }
        return pb.DiffResponse(
            changes=_changes(compared.changes or naming.is_from_python(request.olds.fields)),
            replaces=[naming.path(key) for key in compared.replaces],
            deleteBeforeReplace=compared.delete_before_replace,
            diffs=sorted({path.partition("[")[0] for path in details}),
            detailedDiff=details,
            hasDetailedDiff=True,
        )

    @_serves
    def Create(self, request: pb.CreateRequest) -> pb.CreateResponse:
        """Create or adopt the webhook. In a preview, only return the outputs that are already known."""
        inputs = naming.decode(request.properties)
        if request.preview:
            return pb.CreateResponse(properties=naming.encode(mark_secrets(lifecycle.preview_create(inputs))))
        created = lifecycle.create(self._settings, inputs)
        return pb.CreateResponse(id=created.id, properties=naming.encode(mark_secrets(created.outputs)))

    @_serves
    def Read(self, request: pb.ReadRequest) -> pb.ReadResponse:
        """Read the webhook. A response without an id tells the engine that the webhook does not exist."""
        inputs, properties = naming.decode(request.inputs), naming.decode(request.properties)
        # The request of an import has no field `inputs`. The request of a lookup has this field, with no
        # entries (ENGINE.md, What each method gets).
        is_import = not request.HasField("inputs")
        state = lifecycle.read(self._settings, request.id, properties, inputs, is_import=is_import)
        if state is None:
            return pb.ReadResponse()
        return pb.ReadResponse(
            id=state.id,
            properties=naming.encode(mark_secrets(state.outputs)),
            inputs=naming.encode(mark_secrets(state.inputs)),
        )

    @_serves
    def Update(self, request: pb.UpdateRequest) -> pb.UpdateResponse:
        """Send the changes to Sinch. In a preview, only return the outputs that are already known."""
        olds, news = naming.decode(request.olds), naming.decode(request.news)
        if request.preview:
            outputs = lifecycle.preview_update(olds, news)
        else:
            outputs = lifecycle.update(self._settings, request.id, olds, news)
        return pb.UpdateResponse(properties=naming.encode(mark_secrets(outputs)))

    @_serves
    def Delete(self, request: pb.DeleteRequest) -> empty_pb2.Empty:
        """Delete the webhook."""
        lifecycle.delete(self._settings, request.id, naming.decode(request.properties))
        return empty_pb2.Empty()

    @_serves
    def Invoke(self, request: pb.InvokeRequest) -> pb.InvokeResponse:
        """Call a function of the package: `getWebhook` or `getWebhooks`."""
        functions = {
            "sinch:index:getWebhook": lifecycle.find_webhook,
            "sinch:index:getWebhooks": lifecycle.list_webhooks,
        }
        found = functions[request.tok](self._settings, naming.decode(request.args))
        return pb.InvokeResponse(**{"return": naming.encode(found)})

    @_serves
    def Cancel(self, _: empty_pb2.Empty) -> empty_pb2.Empty:
        """Do nothing: running operations finish, so that the engine can save their results."""
        return empty_pb2.Empty()


def _read_settings(given: dict[str, Any], *, keys: Iterable[str] = (), urn: str = "") -> Settings:
    """Read the settings of a provider. Their keys, such as ``keyId``, have no namespace.

    Args:
        given: The values of the settings, by key.
        keys: The keys to check for spelling mistakes.
        urn: The URN of the provider, which contains the name of the Pulumi project. If this name is
            ``sinch``, a key with a spelling mistake causes a warning instead of an error.
    """
    own_namespace = f"{urn.partition('::')[2].partition('::')[0]}:"

    def config(key: str) -> Any:  # noqa: ANN401 - any value
        full_key = key if ":" in key else f"{own_namespace}{key}"
        return given.get(full_key.removeprefix(_NAMESPACE)) if full_key.startswith(_NAMESPACE) else None

    return Settings.read(config, keys=[f"{_NAMESPACE}{key}" for key in keys])


def _changes(changed: object) -> "pb.DiffResponse.DiffChanges.ValueType":
    return pb.DiffResponse.DIFF_SOME if changed else pb.DiffResponse.DIFF_NONE
