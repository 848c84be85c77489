"""Constants that identify webhooks and secrets in the JSON of the Pulumi CLI."""

from pulumi_sinch.plugin.properties import WEBHOOK

DYNAMIC_TYPE = "pulumi-python:dynamic"
WEBHOOK_TYPE = f"{DYNAMIC_TYPE}/sinch:Webhook"
WEBHOOK_TYPES = (WEBHOOK_TYPE, WEBHOOK)
"""The resource types of a webhook: of `SinchWebhook` in Python, and of the provider plugin."""

# A mapping with this key and value is a secret (pulumi/pulumi, sdk/go/common/resource/sig: Key and Secret).
SIGNATURE_KEY = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - the same for every secret
