"""The program of the variant `ours`."""

from desired import desired_webhooks
from pulumi_sinch import SinchWebhook

for webhook in desired_webhooks():
    SinchWebhook(
        webhook.name,
        target=webhook.target,
        triggers=webhook.triggers,
        secret=webhook.secret,
        project_id=webhook.project_id,
    )
