"""The SDK's host of dynamic providers, which also accepts imports: the engine's request names no provider then."""

from typing import Any

from pulumi.dynamic import ResourceProvider
from pulumi.dynamic import __main__ as host
from pulumi.dynamic.dynamic import serialize_provider
from pulumi_sinch.provider import SinchWebhookProvider

_PROVIDER = serialize_provider(SinchWebhookProvider())
_get_provider = host.get_provider


def get_provider(props: dict[str, Any], config: dict[str, Any]) -> ResourceProvider:
    props.setdefault(host.PROVIDER_KEY, _PROVIDER)
    return _get_provider(props, config)


host.get_provider = get_provider
host.main()  # type: ignore[no-untyped-call]
