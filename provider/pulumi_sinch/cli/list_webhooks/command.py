"""The command ``pulumi-sinch list``."""

import sys

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.cli.options import project_option, stack_option


@click.command("list")
@project_option
@stack_option
@click.option("--json", "json_output", is_flag=True, help="Print JSON, with the targets in full.")
def list_command(project: str | None, stack: str | None, *, json_output: bool) -> None:
    """List the webhooks of a Sinch project.

    If the output is not a terminal, each webhook is one line: id, target and triggers, separated by tabs.
    Targets often contain credentials, so the command hides parts of a target that look like credentials.
    --json shows the full targets. At Sinch, the targets are not hidden: everybody with the access key can
    read them in full.

    Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET, or SINCH_ACCESS_TOKEN. With
    --stack, the config of the stack takes precedence.
    """
    from pulumi_sinch.cli.list_webhooks.output import as_json, as_tab_separated, as_text
    from pulumi_sinch.cli.live_webhooks import choose_project, fetch_webhooks, read_settings

    try:
        settings = read_settings(stack)
        project_id = choose_project(settings, project)
        webhooks = fetch_webhooks(settings, project_id)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    if json_output:
        click.echo(as_json(webhooks, project_id))
    elif sys.stdout.isatty():
        click.echo(as_text(webhooks, project_id))
    elif webhooks:
        click.echo(as_tab_separated(webhooks))
