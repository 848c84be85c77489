"""Declare one webhook for events about WhatsApp senders."""

import pulumi
from pulumi_sinch import SinchWebhook, Trigger

config = pulumi.Config()

senders = SinchWebhook(
    "senders",
    target=config.get("target") or "https://hooks.example.com/sinch",
    triggers=[Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.WHATSAPP_SENDER_INACTIVE],
)

pulumi.export("id", senders.webhook_id)
pulumi.export("secret", senders.secret)  # the receiver verifies callbacks with it
