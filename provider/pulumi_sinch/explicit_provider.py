"""`Provider`: an explicit provider, for programs that use more than one Sinch project or access key.

This module also finds the provider of a resource, and rejects provider options that Pulumi would ignore.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Literal

from pulumi import Input, Output, ProviderResource, ResourceOptions, RunError
from pulumi.dynamic import Resource, ResourceProvider

from pulumi_sinch.core.settings import SECRET_SETTINGS

_PACKAGE = "pulumi-python"
"""Pulumi's package name for every dynamic resource."""


class Provider(ProviderResource):
    """The Sinch account and project for some of the webhooks in a program.

    Settings that are not given are read from the environment. The stack's ``sinch:`` config applies only to
    the default provider.

    Example:
        ```python
        eu = Provider("eu", project_id="…", key_id="…", key_secret=config.require_secret("euKeySecret"))
        senders = SinchWebhook("senders", target="…", triggers=["…"], opts=ResourceOptions(provider=eu))
        ```

    For a component, write ``ResourceOptions(providers=[eu])``. Pulumi ignores ``{"sinch": eu}``, because the
    package of every dynamic provider is named ``pulumi-python``. With this mapping, the webhooks of the
    component raise `pulumi.RunError`. A component passes at most one dynamic provider to its children. So
    dynamic resources of other packages in the component run in the plugin process of this provider, but they
    work exactly as without this provider.
    """

    def __init__(  # noqa: PLR0913 - the settings of an account
        self,
        resource_name: str,
        *,
        project_id: Input[str] | None = None,
        key_id: Input[str] | None = None,
        key_secret: Input[str] | None = None,
        access_token: Input[str] | None = None,
        auth: Input[Literal["oauth2", "basic"]] | None = None,
        api_url: Input[str] | None = None,
        auth_url: Input[str] | None = None,
        timeout: Input[float] | None = None,
        preflight: Input[Literal["off", "warn", "error"]] | None = None,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a provider, without a request to Sinch. The provider's webhooks report invalid settings.

        Args:
            resource_name: The name of the provider in the stack.
            project_id: Sinch project of the webhooks without `project_id`.
            key_id: Id of the access key.
            key_secret: Secret of the access key. The state contains it encrypted, so that `pulumi destroy`
                finds it without running the program. To keep it out of the state, set the environment
                variable ``SINCH_KEY_SECRET`` instead.
            access_token: A bearer token to use instead of an access key. Prefer the environment variable
                ``SINCH_ACCESS_TOKEN``, because a token in the program or the state expires.
            auth: ``oauth2`` or ``basic``. Sinch recommends ``basic`` for tests only. Default: ``oauth2``.
            api_url: Base URL of the API. ``http`` is accepted only for loopback and for the test hosts in
                ``SINCH_ALLOW_HTTP_HOSTS``. Default: ``https://provisioning.api.sinch.com``.
            auth_url: Base URL of the token endpoint. ``http`` is accepted for the same hosts as in `api_url`.
                Default: ``https://auth.sinch.com``.
            timeout: Maximum seconds of one operation, retries included. Default: 30.
            preflight: In a preview, compare the webhooks of the program with the webhooks at Sinch, and
                report conflicts as warnings (``warn``) or as errors (``error``). Default: ``off``.
            opts: Options that every Pulumi resource has.
        """
        # `duplicate_targets` reads this attribute: it is the project of webhooks without `project_id`. An
        # awaitable can be awaited only once, so it becomes an output.
        self._given_project_id: Any = project_id
        if isinstance(project_id, Awaitable):
            self._given_project_id = Output.from_input(self._given_project_id)
        given = {
            "projectId": self._given_project_id,
            "keyId": key_id,
            "keySecret": key_secret,
            "accessToken": access_token,
            "auth": auth,
            "apiUrl": api_url,
            "authUrl": auth_url,
            "timeout": timeout,
            "preflight": preflight,
        }
        props: dict[str, Any] = {
            f"sinch:{key}": Output.secret(value) if key in SECRET_SETTINGS else value
            for key, value in given.items()
            if value is not None
        }
        secrets = ResourceOptions(additional_secret_outputs=[f"sinch:{key}" for key in SECRET_SETTINGS])
        super().__init__(_PACKAGE, resource_name, props, ResourceOptions.merge(opts, secrets))


class AccountResource(Resource):
    """A resource of this package. It is not registered if Pulumi would ignore its provider options."""

    def __init__(
        self,
        provider: ResourceProvider,
        resource_name: str,
        props: dict[str, Any],
        opts: ResourceOptions,
    ) -> None:
        """Register the resource.

        Raises:
            RunError: Pulumi would ignore an option: a provider under the key ``sinch`` in the `providers` of
                a component, or `custom_timeouts`.
        """
        _require_meant_provider(self, resource_name, opts)
        super().__init__(provider, resource_name, props, opts)

    def _get_providers(
        self, t: str, pkg: str | None, opts: ResourceOptions
    ) -> tuple[ProviderResource | None, Mapping[str, ProviderResource]]:
        """Check the options again, because a transformation may have changed them.

        Pulumi calls this method just before it registers the resource.
        """
        name = getattr(self, "_name", "")
        _require_meant_provider(self, name, opts)
        _refuse_custom_timeouts(self, name, opts)
        return super()._get_providers(t, pkg, opts)


def provider_of(opts: ResourceOptions) -> ProviderResource | None:
    """Return the explicit provider of a dynamic resource, or `None` for the default provider.

    Args:
        opts: The options of the resource.
    """
    if opts.provider is not None and opts.provider.package == _PACKAGE:
        return opts.provider
    return _by_package(opts).get(_PACKAGE) or _inherited(opts).get(_PACKAGE)


def _require_meant_provider(resource: object, name: str, opts: ResourceOptions) -> None:
    own = _by_package(opts)
    used = provider_of(opts)
    if used is not None and (used is opts.provider or _PACKAGE in own):
        return  # the resource names its provider itself
    given = {**_inherited(opts), **own}
    if opts.provider is not None:
        given[opts.provider.package] = opts.provider
    for key, provider in given.items():
        means_sinch = key == "sinch" or isinstance(provider, Provider)
        # If the webhook has a dynamic provider, `sinch` may be the provider of the generated Sinch SDK.
        is_beside_ours = used is not None and provider.package == "sinch"
        if means_sinch and provider is not used and not is_beside_ours:
            raise RunError(_ignored(f"{type(resource).__name__} {name!r}", key, provider, used))


def _refuse_custom_timeouts(resource: object, name: str, opts: ResourceOptions) -> None:
    """Reject `custom_timeouts`, because Pulumi's SDK does not pass them to a dynamic provider."""
    given: Any = opts.custom_timeouts or {}
    timeouts = given if isinstance(given, Mapping) else vars(given)
    if any(timeouts.get(operation) for operation in ("create", "update", "delete", "read")):
        raise RunError(
            f"{type(resource).__name__} {name!r} has custom_timeouts, which Pulumi does not pass to a "
            "dynamic provider. The resource was not registered. Remove custom_timeouts, and set "
            "sinch:timeout, the maximum number of seconds for one operation."
        )


def _ignored(resource: str, key: str, provider: ProviderResource, used: ProviderResource | None) -> str:
    instead = "the default provider" if used is None else f"provider {_name(used)!r}"
    sentence = f"{resource} would use {instead} instead of provider {_name(provider)!r}"
    if provider.package == _PACKAGE:
        return (
            f'{sentence}: Pulumi ignores providers={{"{key}": …}}, because the package of every dynamic '
            "resource is pulumi-python. The resource was not registered. Write providers=[…] instead of the "
            "mapping, or provider=… on this resource."
        )
    return (
        f"{sentence}, which belongs to the package {provider.package} and cannot manage this resource. The "
        "resource was not registered. Write providers=[…] with a pulumi_sinch.Provider on the component, "
        "or provider=… on this resource."
    )


def _by_package(opts: ResourceOptions) -> dict[str, ProviderResource]:
    """Return the option `providers` as a mapping. If the option is a list, package names become the keys."""
    providers = opts.providers or {}
    if isinstance(providers, Mapping):
        return dict(providers)
    return {provider.package: provider for provider in providers}


def _inherited(opts: ResourceOptions) -> dict[str, ProviderResource]:
    """Return the providers that the parent passes to its children."""
    return dict(getattr(opts.parent, "_providers", None) or {})


def _name(provider: ProviderResource) -> str:
    return getattr(provider, "pulumi_resource_name", "")
