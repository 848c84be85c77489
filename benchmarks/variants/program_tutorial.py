"""The program of the variant `tutorial`."""

from desired import desired_webhooks
from tutorial import TutorialWebhook

for webhook in desired_webhooks():
    TutorialWebhook(
        webhook.name,
        target=webhook.target,
        triggers=webhook.triggers,
        secret=webhook.secret,
        project_id=webhook.project_id,
    )
