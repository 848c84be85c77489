"""`SinchWebhook`, the resource class of Python programs."""

from collections.abc import Iterable, Sequence
from typing import Any

from pulumi import Input, Output, ResourceOptions

from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.duplicate_targets import Declaration, compared
from pulumi_sinch.explicit_provider import AccountResource
from pulumi_sinch.provider import SinchWebhookProvider


class SinchWebhook(AccountResource, module="sinch", name="Webhook"):
    """A provisioning webhook: Sinch sends a signed callback to `target` for each event in `triggers`.

    Example:
        ```python
        senders = SinchWebhook(
            "senders",
            target="https://hooks.example.com/sinch",
            triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_INACTIVE],
        )
        ```
    """

    target: Output[str]
    """URL that receives the callbacks."""
    triggers: Output[Sequence[str]]
    """Events that cause a callback."""
    project_id: Output[str]
    """Id of the Sinch project that contains the webhook."""
    secret: Output[str]
    """Secret that signs the callbacks. Always a Pulumi secret. Empty if only Sinch knows the secret, because
    the webhook was adopted or imported without a secret."""
    previous_secret: Output[str]
    """The secret before the last rotation, so that a receiver can accept both secrets. Always a Pulumi
    secret. Empty if no previous secret is known."""

    def __init_subclass__(cls, module: str = "sinch", name: str = "Webhook", **kwargs: Any) -> None:  # noqa: ANN401
        """Give a subclass the Pulumi type of `SinchWebhook`, not the general type of dynamic resources."""
        super().__init_subclass__(module=module, name=name, **kwargs)

    def __init__(  # noqa: PLR0913 - the inputs of the resource
        self,
        resource_name: str,
        *,
        target: Input[str],
        triggers: Input[Sequence[Input[Trigger | str]]] | Input[Iterable[Trigger | str]],
        secret: Input[str] | None = None,
        secret_version: Input[str | int] | None = None,
        project_id: Input[str] | None = None,
        adopt: bool = False,
        allow_unknown_triggers: bool = False,
        opts: ResourceOptions | None = None,
    ) -> None:
        """Declare a webhook. The preview validates all inputs that it knows. `up` validates all inputs.

        Args:
            resource_name: The name of the webhook in the stack.
            target: http or https URL of 1 to 742 characters, unique in its project. A change updates
                the webhook.
            triggers: At least one event. Order and duplicates do not matter. A change updates the webhook.
            secret: 1 to 128 characters that sign the callbacks. Default: a 256-bit secret that is generated
                at create and stored in the state. Sinch never returns the secret. A change updates the
                webhook.
            secret_version: A non-empty string or a whole number. Change it to send `secret` again, or to
                generate a new secret if `secret` is not given.
            project_id: Sinch project. Defaults, in this order: the provider's or the stack's
                ``sinch:projectId``, the project in the state, and ``SINCH_PROJECT_ID`` (at create only). A
                change replaces the webhook.
            adopt: If a webhook already has this target at create, manage that webhook. Without `adopt`, the
                create fails. Remove `adopt` after the run that adopts the webhook.
            allow_unknown_triggers: Accept triggers that this release does not know.
            opts: Options that every Pulumi resource has. `import_` is rejected, because it cannot work for a
                dynamic resource.

        Raises:
            ValueError: `opts.import_` is given.
            RunError: Another webhook of the program has this target, or Pulumi would ignore an option: a
                provider under the key ``sinch`` in the `providers` of a component, or `custom_timeouts`. The
                error prevents the registration of the webhook.
        """
        _refuse_import(opts)
        options = _with_secret_outputs(opts)
        declaration = Declaration.of(type(self).__name__, resource_name, options)
        props: dict[str, Any] = {
            **compared(declaration, target, project_id, options),
            "triggers": _as_list(triggers),
            "secret": None if secret is None else Output.secret(secret),
            "previous_secret": None,
        }
        steering = {
            "secret_version": secret_version,
            "adopt": adopt or None,
            "allow_unknown_triggers": allow_unknown_triggers or None,
        }
        props |= {key: value for key, value in steering.items() if value is not None}
        super().__init__(SinchWebhookProvider(), resource_name, props, options)

    @classmethod
    def get(
        cls,
        resource_name: str,
        id: Input[str],  # noqa: A002 - the name that every Pulumi resource uses
        *,
        project_id: Input[str] | None = None,
        opts: ResourceOptions | None = None,
    ) -> "SinchWebhook":
        """Read a webhook that this stack does not manage. The webhook is never changed or deleted.

        Args:
            resource_name: The name of the webhook in the stack.
            id: Id of the webhook at Sinch.
            project_id: Sinch project. Defaults to the provider's or the stack's ``sinch:projectId``, then to
                ``SINCH_PROJECT_ID``.
            opts: Options that every Pulumi resource has.

        Returns:
            The webhook. Its `secret` is empty, because Sinch never returns a secret.

        Raises:
            RunError: Pulumi would ignore the provider under the key ``sinch`` in the `providers` of a
                component.
        """
        webhook = cls.__new__(cls)
        props = dict.fromkeys(("target", "triggers", "secret", "previous_secret")) | {
            "project_id": project_id
        }
        options = ResourceOptions.merge(_with_secret_outputs(opts), ResourceOptions(id=id))
        AccountResource.__init__(webhook, SinchWebhookProvider(), resource_name, props, options)
        return webhook

    @property
    def webhook_id(self) -> Output[str]:
        """Id of the webhook at Sinch. The same as `id`."""
        return self.id


def _with_secret_outputs(opts: ResourceOptions | None) -> ResourceOptions:
    secrets = ResourceOptions(additional_secret_outputs=["secret", "previous_secret"])
    return ResourceOptions.merge(opts, secrets)


def _refuse_import(opts: ResourceOptions | None) -> None:
    if opts is not None and opts.import_ is not None:
        raise ValueError(
            "opts.import_ cannot work for a dynamic resource. Adopt the webhook with adopt=True, or import "
            "it with `pulumi-sinch import-file` and `pulumi import --file`."
        )


def _as_list(triggers: Any) -> Any:  # noqa: ANN401 - also values that `check` rejects
    """Convert sets, tuples and other iterables, which Pulumi cannot send, to a list."""
    if isinstance(triggers, Output):
        return triggers.apply(_as_list)
    if isinstance(triggers, str | list | dict) or not isinstance(triggers, Iterable):
        return triggers
    as_list = [*triggers]
    return (
        sorted(as_list)
        if isinstance(triggers, set | frozenset) and all(isinstance(t, str) for t in as_list)
        else as_list
    )
