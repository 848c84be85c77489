import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pulumi_sinch.cli import main
from pulumi_sinch.cli.about import DOCS_LINK

INPUTS = Path(__file__).parent / "preview_comment"


def run(*arguments: str, given: bytes = b"", env: dict[str, str] | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["preview-comment", *arguments], input=given, env=env)
    return result.exit_code, result.stdout, result.stderr


def stack(name: str, file: str) -> str:
    return f"{name}={INPUTS / file}.json"


def test_comment_is_printed() -> None:
    """Standard output has the comment of several stacks, and nothing else."""
    status, printed, said = run(
        stack("dev", "trigger-update"),
        stack("staging", "failed-check"),
        stack("prod", "replace"),
        stack("prod-eu", "no-change"),
    )
    assert (status, said) == (0, "")
    assert printed == (INPUTS / "several-stacks.md").read_text("utf-8")


def test_comment_is_written(tmp_path: Path) -> None:
    """With ``--out``, the comment is written to the file and nothing is printed."""
    out = tmp_path / "comment.md"
    assert run(stack("dev", "rotation"), "--out", str(out)) == (0, "", "")
    assert out.read_text("utf-8") == (INPUTS / "rotation.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("fail_on", "status"),
    [
        ("delete", 0),
        ("replace", 3),
        ("delete,replace", 3),
        ("delete, update", 3),
        ("rotate", 0),
        ("failed", 0),
        ("", 0),
    ],
)
def test_fail_on(fail_on: str, status: int) -> None:
    """If a change of `--fail-on` is found, the command exits with status 3 and still prints the comment."""
    found, printed, said = run(stack("dev", "trigger-update"), stack("prod", "replace"), "--fail-on", fail_on)
    assert found == status
    assert "**replace**" in printed
    assert bool(said) == bool(status)


def test_fail_on_names_an_unknown_operation() -> None:
    """For any `--fail-on`, an unknown operation fails the command, which names operation and webhook."""
    text = (INPUTS / "delete.json").read_bytes().replace(b'"delete"', b'"teleport"')
    status, _, said = run("dev=-", "--fail-on", "create", given=text)
    assert status == 3
    assert "dev: the operation teleport for old is unknown. --fail-on counts it as a change" in said


def test_fail_on_names_the_stacks() -> None:
    """The message names the stacks with the changes. The option can be given several times."""
    _, _, said = run(
        stack("dev", "no-change"), stack("prod", "delete"), "--fail-on", "replace", "--fail-on", "delete"
    )
    assert said == "This command fails because of --fail-on replace,delete. Stacks with such changes: prod\n"


def test_a_failed_preview_can_fail_the_job() -> None:
    """A failed preview exits with status 0 without `--fail-on`, and with status 3 with any kind."""
    assert run(stack("dev", "failed-check"))[0] == 0
    for kind in ("failed", "delete"):
        status, _, said = run(stack("dev", "failed-check"), "--fail-on", kind)
        assert status == 3
        assert said.endswith(
            "dev: the preview failed. --fail-on treats a failed preview like a change of every kind, so this "
            "command fails.\n"
        )


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ([], "Missing argument"),
        (["dev.json"], "'dev.json' is not of the form STACK=FILE"),
        (["dev="], "'dev=' is not of the form STACK=FILE"),
        (["dev=/nowhere/dev.json"], "/nowhere/dev.json cannot be read"),
        ([stack("dev", "delete"), "--fail-on", "explode"], "'explode' is none of create, update"),
    ],
)
def test_mistakes(arguments: list[str], text: str) -> None:
    """A mistake on the command line exits with status 2 and a sentence."""
    status, printed, said = run(*arguments)
    assert (status, printed) == (2, "")
    assert text in said


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """Files in the encodings of Linux and Windows shells are read, also from standard input."""
    text = (INPUTS / "delete.json").read_text("utf-8")
    assert run("dev=-", given=text.encode(encoding))[1] == (INPUTS / "delete.md").read_text("utf-8")


def test_values_of_private_variables_are_hidden() -> None:
    """A token of the environment in an error is not in the comment. CI masks only its log."""
    given = b'{"diagnostics": [{"severity": "error", "message": "error: bad token tok-123456789"}]}'
    _, printed, _ = run("dev=-", given=given, env={"SINCH_ACCESS_TOKEN": "tok-123456789"})
    assert "error: bad token [hidden]" in printed
    _, printed, _ = run("dev=-", given=given, env={"SINCH_PROJECT_ID": "tok-123456789"})
    assert "tok-123456789" in printed


def run_without_the_extra(*arguments: str) -> subprocess.CompletedProcess[str]:
    code = "import sys; sys.modules['click'] = None; import pulumi_sinch.cli"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], check=False, capture_output=True, text=True
    )


def test_without_the_extra() -> None:
    """Without click, the command says what to install instead of printing a traceback."""
    result = run_without_the_extra("list")
    assert result.returncode == 1
    assert result.stderr.strip().endswith("pip install 'pulumi-sinch[tools]'")
    assert "Traceback" not in result.stderr


def test_help_and_version_without_the_extra() -> None:
    """Without the extra, the version is the same, and the help names commands, extra and documentation."""
    version = run_without_the_extra("--version")
    assert (version.returncode, version.stdout) == (0, CliRunner().invoke(main, ["--version"]).output)
    for arguments in ((), ("-h",), ("--help",)):
        shown = run_without_the_extra(*arguments)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert f"Commands: {', '.join(main.commands)}\n" in shown.stdout
        assert "pip install 'pulumi-sinch[tools]'" in shown.stdout
        assert shown.stdout.endswith(f"{DOCS_LINK}\n")


def test_summaries_are_complete() -> None:
    """The help has the complete first sentence of each command, and ends with the documentation."""
    shown = CliRunner().invoke(main, ["--help"], terminal_width=80).output
    words = " ".join(shown.split())
    for command in main.commands.values():
        assert command.help is not None
        summary = command.help.partition("\n")[0]
        assert summary.endswith(".")
        assert summary in words
    assert "..." not in words.partition("Commands:")[2]
    assert shown.endswith(f"{DOCS_LINK}\n")


@pytest.mark.parametrize("command", main.commands)
def test_each_help_ends_with_the_documentation(command: str) -> None:
    """The help of each command ends with the link to the documentation."""
    shown = CliRunner().invoke(main, [command, "--help"], terminal_width=100).output
    assert shown.rstrip().endswith(DOCS_LINK)


def test_help_is_quick() -> None:
    """The help loads neither the HTTP client nor the web framework."""
    code = (
        "import sys, pulumi_sinch.cli\n"
        "print([name for name in ('pulumi', 'requests', 'pydantic', 'flask') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize("command", ["preview-comment", "send-event"])
def test_help(command: str) -> None:
    """Each command's help keeps the lines of its example."""
    result = CliRunner().invoke(main, [command, "-h"])
    assert result.exit_code == 0
    assert f"\n    pulumi-sinch {command} " in result.output
