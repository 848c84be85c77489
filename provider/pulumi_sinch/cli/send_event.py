"""The command ``pulumi-sinch send-event``."""

import json
import os
import sys
from typing import Any

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.triggers import Trigger


@click.command("send-event")
@click.option("--to", "url", required=True, metavar="URL", help="Your receiver: the webhook's target.")
@click.option(
    "--type", "trigger", required=True, metavar="TRIGGER", help="The event, such as WHATSAPP_SENDER_ACTIVE."
)
@click.option(
    "--secret-env",
    default="SINCH_WEBHOOK_SECRET",
    show_default=True,
    metavar="NAME",
    help="Environment variable that holds the webhook's secret.",
)
@click.option(
    "--payload",
    type=click.File("r", encoding="utf-8"),
    help="JSON file with the payload to send instead of a placeholder; - is standard input.",
)
def send_event_command(url: str, trigger: str, secret_env: str, payload: Any) -> None:  # noqa: ANN401 - click's lazy file
    """Send a signed sample callback to your own receiver, once.

    Exits with status 1 when the receiver does not answer with 2xx. The way of signing is inferred from Sinch's
    Conversation API. The secret comes from the environment, so that it is in no shell history:

    \b
      export SINCH_WEBHOOK_SECRET="$(pulumi stack output secret --show-secrets)"
      pulumi-sinch send-event --to http://127.0.0.1:8000/sinch --type WHATSAPP_SENDER_ACTIVE
    """  # noqa: D301 - \b keeps the example's lines for click
    from pulumi_sinch.callbacks.sample_events import deliver, sample_event

    secret = os.environ.get(secret_env, "")
    if not secret:
        raise click.UsageError(
            f"the environment variable {secret_env} is not set: it must hold the webhook's secret"
        )
    if trigger not in list(Trigger):
        click.echo(f"Note: this release does not know the trigger {trigger}.", err=True)
    try:
        event = sample_event(trigger)
        if payload:
            event["payload"] = json.load(payload)
        status = deliver(url, event, secret)
    except (SinchError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{trigger}: the receiver answered {status}.")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's range of success
        click.echo(_advice(status), err=True)
        sys.exit(1)


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "It does not accept the signature: is this the webhook's present secret?"
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's range of redirects
        return "Redirects are not followed: the target itself should answer."
    return "Sinch repeats calls that are not answered with 2xx."
