"""The console script `pulumi-sinch`. The extra ``tools`` of the package installs the script's dependencies.

Each command is a module or a folder of this package. A command imports heavy modules only when it runs, so
that ``--help`` is quick.
"""

import sys

from pulumi_sinch.cli.about import DOCS_LINK, exit_without_tools

try:
    import click
except ImportError:
    exit_without_tools(sys.argv[1:])

from pulumi_sinch.cli.emulator import emulator_command
from pulumi_sinch.cli.import_file.command import import_file_command
from pulumi_sinch.cli.list_webhooks.command import list_command
from pulumi_sinch.cli.preview_comment.command import preview_comment_command, preview_redact_command
from pulumi_sinch.cli.send_event import send_event_command
from pulumi_sinch.core.diagnostics import debug_messages_shown
from pulumi_sinch.version import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, epilog=DOCS_LINK)
@click.version_option(__version__, prog_name="pulumi-sinch")
@click.option("--verbose", is_flag=True, help="Print one line per HTTP request to Sinch, on stderr.")
@click.pass_context
def main(context: click.Context, *, verbose: bool) -> None:
    """Work with Sinch webhooks in Pulumi stacks."""
    if verbose:
        context.with_resource(debug_messages_shown())


def _add(command: click.Command) -> None:
    command.epilog = DOCS_LINK
    # Without `short_help`, click takes the summary from the help text and cuts it.
    command.short_help = (command.help or "").partition("\n")[0]
    main.add_command(command)


_add(emulator_command)
_add(import_file_command)
_add(list_command)
_add(preview_comment_command)
_add(preview_redact_command)
_add(send_event_command)
