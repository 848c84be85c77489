"""Deploy a receiver and its webhook, which share the signing secrets."""

import pulumi
from deployment import Receiver
from pulumi_sinch import SinchWebhook, Trigger

config = pulumi.Config()

# A list of secrets, the newest first. The receiver accepts all of them, and Sinch signs with the first.
signing_secrets = config.require_secret_object("signingSecrets")

receiver = Receiver(
    "receiver", secrets=signing_secrets, secrets_file=config.get("receiverFile") or "secrets.json"
)

senders = SinchWebhook(
    "senders",
    target=config.get("target") or "http://127.0.0.1:8000/sinch",
    triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_INACTIVE],
    secret=signing_secrets.apply(lambda newest_first: newest_first[0]),
    opts=pulumi.ResourceOptions(depends_on=[receiver]),  # the receiver gets a new secret before Sinch
)

pulumi.export("id", senders.webhook_id)
