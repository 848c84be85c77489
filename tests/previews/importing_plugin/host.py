"""The SDK's host of dynamic providers, extended to accept imports, whose requests name no provider."""

import importlib
import sys
from typing import Any

from pulumi.dynamic import ResourceProvider
from pulumi.dynamic.dynamic import serialize_provider
from pulumi.runtime.proto import provider_pb2_grpc
from pulumi_sinch.provider import SinchWebhookProvider

_PROVIDER = serialize_provider(SinchWebhookProvider())
_add_to_server = provider_pb2_grpc.add_ResourceProviderServicer_to_server


def add_to_server(servicer: Any, server: Any) -> None:
    host: Any = sys.modules[type(servicer).__module__]
    get_provider = host.get_provider

    def get_provider_or_ours(props: dict[str, Any], config: dict[str, Any]) -> ResourceProvider:
        props.setdefault(host.PROVIDER_KEY, _PROVIDER)
        provider: ResourceProvider = get_provider(props, config)
        return provider

    host.get_provider = get_provider_or_ours
    _add_to_server(servicer, server)


provider_pb2_grpc.add_ResourceProviderServicer_to_server = add_to_server
# Importing the module runs the host.
importlib.import_module("pulumi.dynamic.__main__")
