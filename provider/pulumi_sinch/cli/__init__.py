"""The console script `pulumi-sinch` (extra ``tools``).

Each command is thin and imports what it needs when it runs, so that ``--help`` is quick.
"""

import codecs
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

try:
    import click
except ImportError:
    raise SystemExit(
        "This command needs more packages. Install them with: pip install 'pulumi-sinch[tools]'"
    ) from None

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.version import __version__

EXIT_FAIL_ON = 3
_FAIL_ON = ("create", "update", "rotate", "replace", "delete", "adopt", "import", "drift", "failed")
_PRIVATE_NAME = re.compile(r"SECRET|TOKEN|PASSWORD|PASSPHRASE|CREDENTIAL|_KEY$|_PAT$", re.IGNORECASE)
_SHORTEST_PRIVATE = 8
_FILE = click.Path(dir_okay=False, path_type=Path)
_PROJECT = click.option(
    "--project", "project", metavar="ID", help="Sinch project; default: SINCH_PROJECT_ID."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pulumi-sinch")
def main() -> None:
    """Tools around Sinch webhooks in Pulumi stacks."""


def _fail_on(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    kinds = [kind.strip() for value in values for kind in value.split(",") if kind.strip()]
    for kind in kinds:
        if kind not in _FAIL_ON:
            raise click.BadParameter(f"{kind!r} is none of {', '.join(_FAIL_ON)}")
    return kinds


@main.command("preview-comment")
@click.argument("previews", nargs=-1, required=True, metavar="STACK=FILE...")
@click.option(
    "--fail-on",
    multiple=True,
    callback=_fail_on,
    metavar="KINDS",
    help=f"Exit with status {EXIT_FAIL_ON} when a webhook sees one of: {', '.join(_FAIL_ON)}. Comma-separated.",
)
@click.option(
    "--out",
    type=_FILE,
    help="Write the comment here instead of printing it.",
)
@click.pass_context
def preview_comment_command(
    context: click.Context, previews: tuple[str, ...], fail_on: list[str], out: Path | None
) -> None:
    """Turn previews of stacks into one Markdown comment for a review.

    Each FILE holds what `pulumi preview --json --show-sames --show-replacement-steps` printed (add --refresh to see
    drift); - is standard input. A create with adopt=True is both create and adopt. No secret is in the comment; targets are shown without user, password, query and fragment.

    \b
    Example:
      pulumi-sinch preview-comment dev=dev.json prod=prod.json --fail-on delete,replace,adopt
    """  # noqa: D301 - \b keeps the example's lines for click
    from pulumi_sinch.cli.preview_comment import has_change, parse, render, unknown_operations  # noqa: PLC0415 - see the module's docstring

    hide = [
        value
        for name, value in os.environ.items()
        if _PRIVATE_NAME.search(name) and len(value) >= _SHORTEST_PRIVATE
    ]
    stacks = [parse(name, _read(file), hide=hide) for name, file in map(_stack_and_file, previews)]
    comment = render(stacks)
    if out:
        out.write_text(comment, encoding="utf-8")
    else:
        # As bytes: a console's own encoding may lack the arrows.
        click.echo(comment.encode("utf-8"), nl=False)
    if stopping := [stack.name for stack in stacks if has_change([stack], fail_on)]:
        click.echo(f"A change of --fail-on {','.join(fail_on)} is in: {', '.join(stopping)}", err=True)
        for name, webhook in unknown_operations(stacks):
            click.echo(
                f"{name}: unknown operation {webhook.operation} for {webhook.name}: every --fail-on stops. "
                "Read the whole preview, and update pulumi-sinch.",
                err=True,
            )
        context.exit(EXIT_FAIL_ON)


@main.command("send-event")
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
    from pulumi_sinch.callbacks.events import deliver, sample_event  # noqa: PLC0415 - see the module's docstring

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
        click.echo(_meaning(status), err=True)
        sys.exit(1)


@main.command("emulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=4010, show_default=True, type=click.IntRange(0, 65535), help="0 picks a free one."
)
@click.option(
    "--state", type=_FILE, help="File that the webhooks survive a restart in. It holds their secrets."
)
@click.option("--seed", type=_FILE, help="File with the webhooks to start from.")
@click.option("--project", "projects", multiple=True, help="Project id; can be given several times.")
@click.option("--key-id", help="Access key.")
@click.option("--key-secret", help="The access key's secret.")
@click.option("--quiet", is_flag=True, help="Print the export lines and warnings only.")
def emulator_command(  # noqa: PLR0913 - the command's options
    *,
    host: str,
    port: int,
    state: Path | None,
    seed: Path | None,
    projects: tuple[str, ...],
    key_id: str | None,
    key_secret: str | None,
    quiet: bool,
) -> None:
    """Serve a local Sinch and print the `export` lines that point a shell at it."""
    try:
        from pulumi_sinch.cli.emulator import serve  # noqa: PLC0415 - see the module's docstring
        from pulumi_sinch.emulator import Emulator  # noqa: PLC0415 - see the module's docstring
        from pulumi_sinch.emulator.persistence import StateFileError  # noqa: PLC0415 - see the module's docstring
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from None

    def tell(line: str) -> None:
        if not quiet or line.startswith("Warning"):
            click.echo(line, err=True)

    try:
        running = Emulator(
            host=host,
            port=port,
            projects=projects,
            key_id=key_id,
            key_secret=key_secret,
            state_file=state,
            seed_file=seed,
        )
        serve(running, host, click.echo, tell)
    except StateFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}.") from None


def _meaning(status: int) -> str:
    if status in {401, 403}:
        return "It does not accept the signature: is this the webhook's present secret?"
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's range of redirects
        return "Redirects are not followed: the target itself should answer."
    return "Sinch repeats calls that are not answered with 2xx."


def _stack_and_file(argument: str) -> tuple[str, str]:
    name, equals, file = argument.partition("=")
    if not (name and equals and file):
        raise click.UsageError(f"{argument!r} is not of the form STACK=FILE")
    return name, file


def _read(file: str) -> str:
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file} cannot be read: {error.strerror or error}") from None
    # Windows PowerShell's `>` writes UTF-16.
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return content.decode("utf-16" if utf16 else "utf-8-sig", errors="replace")


@main.command("list")
@_PROJECT
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with the targets in full.")
def list_command(project: str | None, *, as_json: bool) -> None:
    """List the webhooks of a Sinch project and how much of its quota is used.

    Targets often carry credentials: the table hides what looks like one; --json shows targets in full, as Sinch shows
    them to whoever has the access key. Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET, or
    SINCH_ACCESS_TOKEN.
    """
    from pulumi_sinch.cli import list_webhooks  # noqa: PLC0415 - see the module's docstring
    from pulumi_sinch.core.settings import Settings  # noqa: PLC0415 - as above

    settings = Settings.read(lambda _: None)
    try:
        project_id = list_webhooks.choose_project(settings, project)
        webhooks = list_webhooks.live_webhooks(settings, project_id)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(list_webhooks.as_json(webhooks, project_id))
        return
    from rich.console import Console  # noqa: PLC0415 - see the module's docstring

    Console().print(list_webhooks.as_table(webhooks, project_id))


@main.command("import-file")
@_PROJECT
@click.option("--target", "targets", multiple=True, metavar="URL", help="Only the webhook with this target.")
@click.option("--id", "ids", multiple=True, metavar="ID", help="Only the webhook with this id.")
@click.option("--provider", metavar="URN", help="URN of the explicit provider that the webhooks shall have.")
@click.option(
    "--secret-env",
    "secret_env",
    multiple=True,
    metavar="[NAME=]VARIABLE",
    help="Environment variable with the secret that the receiver uses: of all webhooks, or of the one that the "
    "program calls NAME. Several times for several webhooks. Left out, the stack does not know the secret.",
)
@click.option("--out", default="import.json", show_default=True, type=_FILE)
@click.option("--program", default="webhooks.py", show_default=True, type=_FILE)
@click.option("--force", is_flag=True, help="Replace files that exist.")
def import_file_command(  # noqa: PLR0913 - the command's options
    *,
    project: str | None,
    targets: tuple[str, ...],
    ids: tuple[str, ...],
    provider: str | None,
    secret_env: tuple[str, ...],
    out: Path,
    program: Path,
    force: bool,
) -> None:
    """Write what brings existing webhooks into a stack: an import file and the matching program.

    All webhooks of the project, or those named by --target and --id, each of which can be given several times. Nothing
    is changed at Sinch. Both files hold the targets in full. With --project, the program names the project of each
    webhook, else it leaves it to the stack. Credentials come from the environment: SINCH_KEY_ID and SINCH_KEY_SECRET,
    or SINCH_ACCESS_TOKEN.
    """
    from pulumi_sinch.cli import import_file  # noqa: PLC0415 - see the module's docstring

    wanted = import_file.Wanted(project, targets, ids, provider, secret_env)
    try:
        report = import_file.write_import(wanted, out, program, force=force)
    except SinchError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    click.echo(report)
