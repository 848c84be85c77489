"""The console script `pulumi-sinch` (extra ``tools``). Each command is a module or a folder of this package.

Commands import heavy modules when they run, so that ``--help`` is quick.
"""

try:
    import click
except ImportError:
    raise SystemExit(
        "This command needs more packages. Install them with: pip install 'pulumi-sinch[tools]'"
    ) from None

from pulumi_sinch.cli.emulator import emulator_command
from pulumi_sinch.cli.import_file.command import import_file_command
from pulumi_sinch.cli.list_webhooks.command import list_command
from pulumi_sinch.cli.preview_comment.command import preview_comment_command, preview_redact_command
from pulumi_sinch.cli.send_event import send_event_command
from pulumi_sinch.core.diagnostics import debug_messages_shown
from pulumi_sinch.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pulumi-sinch")
@click.option("--verbose", is_flag=True, help="Print one line per HTTP request to Sinch, on stderr.")
@click.pass_context
def main(context: click.Context, *, verbose: bool) -> None:
    """Tools around Sinch webhooks in Pulumi stacks."""
    if verbose:
        context.with_resource(debug_messages_shown())


main.add_command(emulator_command)
main.add_command(import_file_command)
main.add_command(list_command)
main.add_command(preview_comment_command)
main.add_command(preview_redact_command)
main.add_command(send_event_command)
