"""Print the help and the version of `pulumi-sinch` if the extra ``tools`` is not installed."""

from collections.abc import Sequence
from typing import NoReturn

from pulumi_sinch.version import __version__

DOCS_LINK = "Documentation: https://github.com/pulumi-sinch/pulumi-sinch/tree/main/docs"

_INSTALL = "pip install 'pulumi-sinch[tools]'"
_HELP_TEXT = f"""Usage: pulumi-sinch [OPTIONS] COMMAND [ARGS]...

  Work with Sinch webhooks in Pulumi stacks.

Commands: emulator, import-file, list, preview-comment, preview-redact, send-event
They need more packages. Install them with: {_INSTALL}

{DOCS_LINK}"""


def exit_without_tools(arguments: Sequence[str]) -> NoReturn:
    """Print the help or the version if the arguments ask for one of them, and end the process.

    Raises:
        SystemExit: Always. If the arguments ask for anything else, the exception contains an error message,
            which says what to install.
    """
    if not arguments or arguments[0] in {"-h", "--help"}:
        print(_HELP_TEXT)  # noqa: T201 - click is not installed
        raise SystemExit
    if arguments[0] == "--version":
        print(f"pulumi-sinch, version {__version__}")  # noqa: T201
        raise SystemExit
    raise SystemExit(f"This command needs more packages. Install them with: {_INSTALL}")
