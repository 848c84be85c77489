"""Two Sinch projects in one program. Each region has its own provider, with its own access key.

pulumi config set --path eu.projectId …    pulumi config set --path eu.keyId …
pulumi config set --path us.projectId …    pulumi config set --path us.keyId …
pulumi config set --secret euKeySecret     pulumi config set --secret usKeySecret
"""

import pulumi
from pulumi_sinch import Provider, SinchWebhook, Trigger

config = pulumi.Config()


def sinch_project(region: str) -> Provider:
    account: dict[str, str] = config.require_object(region)
    return Provider(
        region,
        project_id=account["projectId"],
        key_id=account["keyId"],
        key_secret=config.require_secret(f"{region}KeySecret"),
    )


class SenderCallbacks(pulumi.ComponentResource):
    """The webhooks of one region. They inherit the provider from the options of the component."""

    def __init__(self, name: str, host: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("shop:sinch:SenderCallbacks", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        self.whatsapp = SinchWebhook(
            f"{name}-whatsapp",
            target=f"https://{host}/sinch/whatsapp",
            triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_INACTIVE],
            opts=here,
        )
        self.rcs = SinchWebhook(
            f"{name}-rcs",
            target=f"https://{host}/sinch/rcs",
            triggers=[Trigger.RCS_SENDER_STATUS_UPDATED],
            opts=here,
        )
        self.register_outputs({})


for region, host in (("eu", "hooks.eu.example.com"), ("us", "hooks.us.example.com")):
    # `providers` is a list. Pulumi ignores a mapping {"sinch": …}, and the program then fails.
    callbacks = SenderCallbacks(region, host, pulumi.ResourceOptions(providers=[sinch_project(region)]))
    pulumi.export(f"{region}Secret", callbacks.whatsapp.secret)
