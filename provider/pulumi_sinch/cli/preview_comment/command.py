"""The commands ``pulumi-sinch preview-comment`` and ``pulumi-sinch preview-redact``."""

from pathlib import Path

import click

from pulumi_sinch.cli.options import FILE
from pulumi_sinch.cli.preview_comment.changes import parse
from pulumi_sinch.cli.preview_comment.comment import render
from pulumi_sinch.cli.preview_comment.files import private_values, read_file, write
from pulumi_sinch.cli.preview_comment.model import has_change, unknown_operations
from pulumi_sinch.cli.preview_comment.redacted_json import redact

EXIT_FAIL_ON = 3
_FAIL_ON = ("create", "update", "rotate", "replace", "delete", "adopt", "import", "drift", "failed")


def _fail_on(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[str]:
    kinds = [kind.strip() for value in values for kind in value.split(",") if kind.strip()]
    for kind in kinds:
        if kind not in _FAIL_ON:
            raise click.BadParameter(f"{kind!r} is none of {', '.join(_FAIL_ON)}")
    return kinds


@click.command("preview-comment")
@click.argument("previews", nargs=-1, required=True, metavar="STACK=FILE...")
@click.option(
    "--fail-on",
    multiple=True,
    callback=_fail_on,
    metavar="KINDS",
    help=f"Exit with status {EXIT_FAIL_ON} if a webhook has one of these changes: {', '.join(_FAIL_ON)}. "
    "Comma-separated.",
)
@click.option(
    "--out",
    type=FILE,
    help="Write the comment here instead of printing it.",
)
@click.pass_context
def preview_comment_command(
    context: click.Context, previews: tuple[str, ...], fail_on: list[str], out: Path | None
) -> None:
    """Turn previews of stacks into one Markdown comment for a review.

    Each FILE is the output of `pulumi preview --json --show-sames --show-replacement-steps`. FILE can be -
    for standard input. To see drift, run `pulumi preview` with --refresh. If a webhook will be created with
    adopt=True, --fail-on create and --fail-on adopt both apply. The comment contains no secrets. Targets
    are shown without user, password, query and fragment.

    \b
    Example:
      pulumi-sinch preview-comment dev=dev.json prod=prod.json --fail-on delete,replace,adopt
    """  # noqa: D301 - \b tells click to keep the example's lines
    hide = private_values()
    stacks = [parse(name, read_file(file), hide=hide) for name, file in map(_stack_and_file, previews)]
    write(render(stacks), out)
    if stopping := [stack.name for stack in stacks if has_change([stack], fail_on)]:
        click.echo(
            f"This command fails because of --fail-on {','.join(fail_on)}. Stacks with such changes: "
            + ", ".join(stopping),
            err=True,
        )
        for stack in stacks:
            if stack.failed:
                click.echo(
                    f"{stack.name}: the preview failed. --fail-on treats a failed preview like a change of "
                    "every kind, so this command fails.",
                    err=True,
                )
        for name, webhook in unknown_operations(stacks):
            click.echo(
                f"{name}: the operation {webhook.operation} for {webhook.name} is unknown. --fail-on counts "
                "it as a change of every kind. Read the whole preview, and update pulumi-sinch.",
                err=True,
            )
        context.exit(EXIT_FAIL_ON)


def _stack_and_file(argument: str) -> tuple[str, str]:
    name, equals, file = argument.partition("=")
    if not (name and equals and file):
        raise click.UsageError(f"{argument!r} is not of the form STACK=FILE")
    return name, file


@click.command("preview-redact")
@click.argument("preview", metavar="FILE")
@click.option("--out", type=FILE, help="Write the JSON here instead of printing it.")
def preview_redact_command(preview: str, out: Path | None) -> None:
    """Reduce a preview to the data that `preview-comment` needs, so that others may download it.

    FILE is the output of `pulumi preview --json`, or - for standard input. The result contains no secrets.
    Its targets have no user, password, query or fragment. `preview-comment` prints the same comment for the
    result as for FILE.

    \b
    Example:
      pulumi-sinch preview-redact prod.json --out previews/prod.json
    """  # noqa: D301 - \b tells click to keep the example's lines
    write(redact(read_file(preview), hide=private_values()), out)
