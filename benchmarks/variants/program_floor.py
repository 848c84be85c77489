"""The program of the variant `floor`."""

from desired import desired_webhooks
from floor import FloorWebhook

for webhook in desired_webhooks():
    FloorWebhook(
        webhook.name,
        target=webhook.target,
        triggers=webhook.triggers,
        secret=webhook.secret,
        project_id=webhook.project_id,
    )
