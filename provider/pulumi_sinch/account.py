"""`Provider`: an explicit provider, for programs that deal with more than one Sinch project or access key."""

from typing import Any, Literal

from pulumi import Input, Output, ProviderResource, ResourceOptions

_SECRETS = ("keySecret", "accessToken")


class Provider(ProviderResource):
    """The account and project that some webhooks of a program belong to.

    What is left out here is read from the environment, never from the stack's ``sinch:`` config, which is the default
    provider's.

    Example:
        ```python
        eu = Provider("eu", project_id="…", key_id="…", key_secret=config.require_secret("euKeySecret"))
        senders = SinchWebhook("senders", target="…", triggers=["…"], opts=ResourceOptions(provider=eu))
        ```

    Under a component write ``ResourceOptions(providers=[eu])``. Pulumi silently ignores ``{"sinch": eu}``: the package
    of every dynamic provider is called ``pulumi-python``. For the same reason a component hands at most one of them on,
    and other dynamic resources under it run in the same provider process, which does them no harm.
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
        """Declare a provider. Nothing is sent, and what is wrong with a value is told by the webhooks that use it.

        Args:
            resource_name: Its name in the stack.
            project_id: Sinch project of the webhooks that name none.
            key_id: Access key.
            key_secret: Its secret; encrypted in the state, which is where destroy without the program finds it. Leave
                it out to keep it in the environment (``SINCH_KEY_SECRET``) alone.
            access_token: A ready bearer token instead of a key; the environment is the better place.
            auth: How a key is used; ``basic`` is for tests, says Sinch. Default ``oauth2``.
            api_url: Base URL of the API; ``http`` for loopback only. Default ``https://provisioning.api.sinch.com``.
            auth_url: Base URL of the token endpoint; as `api_url`. Default ``https://auth.sinch.com``.
            timeout: Seconds one operation may take, retries included. Default 30.
            preflight: Whether previews look at the live project, and whether what they find is a warning or an error.
                Default ``off``.
            opts: Options of every Pulumi resource.
        """
        given = {
            "projectId": project_id,
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
            f"sinch:{key}": Output.secret(value) if key in _SECRETS else value
            for key, value in given.items()
            if value is not None
        }
        secrets = ResourceOptions(additional_secret_outputs=[f"sinch:{key}" for key in _SECRETS])
        super().__init__("pulumi-python", resource_name, props, ResourceOptions.merge(opts, secrets))
