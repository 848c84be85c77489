"""The command ``pulumi-sinch send-event``."""

import json
import os
import sys
from typing import Any, TextIO

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.triggers import Trigger, similar_trigger


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
    help="Environment variable with the webhook's secret.",
)
@click.option(
    "--payload",
    metavar="FILE",
    type=click.File("r", encoding="utf-8"),
    help="JSON file with the payload to send instead of a placeholder; - is standard input.",
)
def send_event_command(url: str, trigger: str, secret_env: str, payload: Any) -> None:  # noqa: ANN401 - click's lazy file
    """Send one signed sample callback to your own receiver.

    The command exits with status 1 if the receiver does not respond with 2xx. Sinch does not document how it
    signs callbacks of webhooks, so the signature follows the rule of Sinch's Conversation API. The command
    reads the secret from an environment variable, so that the secret is not in the shell history:

    \b
      export SINCH_WEBHOOK_SECRET="$(pulumi stack output secret --show-secrets)"
      pulumi-sinch send-event --to http://127.0.0.1:8000/sinch --type WHATSAPP_SENDER_ACTIVE
    """  # noqa: D301 - \b tells click to keep the example's lines
    from pulumi_sinch.callbacks.sample_events import deliver_and_read, sample_event

    secret = os.environ.get(secret_env, "")
    if not secret:
        raise click.UsageError(
            f"the environment variable {secret_env} is not set: it must contain the webhook's secret"
        )
    if trigger not in list(Trigger):
        similar = similar_trigger(trigger)
        meant = f" Did you mean {similar}?" if similar else ""
        click.echo(f"Note: this release does not know the trigger {trigger}.{meant}", err=True)
    try:
        event = sample_event(trigger)
        if payload:
            event["payload"] = _parsed(payload)
        status, first_line = deliver_and_read(url, event, secret)
    except (SinchError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{trigger}: the receiver responded with {status}{f': {first_line}' if first_line else '.'}")
    if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's range of success
        click.echo(_advice(status), err=True)
        sys.exit(1)


def _parsed(payload: TextIO) -> object:
    try:
        return json.load(payload)
    except ValueError as error:  # not JSON, or not UTF-8
        raise click.ClickException(f"{payload.name} is not a JSON file: {error}") from None


def _advice(status: int) -> str:
    if status in {401, 403}:
        return "The receiver rejects the signature. Is this the webhook's current secret?"
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's range of redirects
        return "Redirects are not followed. The target itself must respond with 2xx."
    return "Sinch sends a callback again if the response is not 2xx."
