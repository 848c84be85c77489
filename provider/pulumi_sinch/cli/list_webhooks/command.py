"""The command ``pulumi-sinch list``."""

import click

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.cli.options import project_option


@click.command("list")
@project_option
@click.option("--json", "json_output", is_flag=True, help="Print JSON, with the targets in full.")
def list_command(project: str | None, *, json_output: bool) -> None:
    """List the webhooks of a Sinch project and how much of its quota is used.

    Targets often carry credentials: the table hides what looks like one; --json shows targets in full, as Sinch shows
    them to whoever has the access key. Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET, or
    SINCH_ACCESS_TOKEN.
    """
    from pulumi_sinch.cli.list_webhooks.table import as_json, as_table
    from pulumi_sinch.cli.live_webhooks import choose_project, fetch_webhooks
    from pulumi_sinch.core.settings import Settings

    settings = Settings.read(lambda _: None)
    try:
        project_id = choose_project(settings, project)
        webhooks = fetch_webhooks(settings, project_id)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    if json_output:
        click.echo(as_json(webhooks, project_id))
        return
    from rich.console import Console

    Console().print(as_table(webhooks, project_id))
