"""Environment variables as text, read back by the tools that use each format."""

import shutil
import subprocess

import pytest
from pulumi_sinch.cli.environment_formats import FORMATS, dotenv_line, export_line, fish_line, powershell_line

AWKWARD = ["plain", "it's mine", 'a "b" $HOME `x`', "back\\slash", "ein Wört", "a#b c", ""]


@pytest.mark.parametrize("value", AWKWARD)
def test_export_lines_are_read_by_a_shell(value: str) -> None:
    """A POSIX shell reads exactly the value."""
    script = f'{export_line("NAME", value)}\nprintf %s "$NAME"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert read.stdout == value


@pytest.mark.parametrize("value", AWKWARD)
def test_fish_lines_are_read_by_fish(value: str) -> None:
    """Only the backslash and the single quote are special between single quotes."""
    line = fish_line("NAME", value)
    if shutil.which("fish"):
        script = f"{line}\nprintf %s $NAME"
        read = subprocess.run(["fish", "-c", script], capture_output=True, text=True, timeout=20, check=True)
        assert read.stdout == value
    assert line.startswith("set -gx NAME '")
    assert line[len("set -gx NAME '") : -1].replace("\\'", "'").replace("\\\\", "\\") == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("http://127.0.0.1:4010", "NAME=http://127.0.0.1:4010"),
        ("", "NAME="),
        ("two words", "NAME='two words'"),
        ("a#b", "NAME='a#b'"),
        ('$HOME "x"', "NAME='$HOME \"x\"'"),
        ("it's $HOME", 'NAME="it\'s \\$HOME"'),
        ('it\'s "x" `y` \\', 'NAME="it\'s \\"x\\" \\`y\\` \\\\"'),
    ],
)
def test_dotenv_lines(value: str, line: str) -> None:
    """A value is quoted only if necessary, and nothing in it is expanded."""
    assert dotenv_line("NAME", value) == line
    script = f'{line}\nprintf %s "$NAME"'
    read = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert read.stdout == value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("$HOME `n", "$env:NAME = '$HOME `n'"),
        ("it's", "$env:NAME = 'it''s'"),
        (
            "it\N{RIGHT SINGLE QUOTATION MARK}s",
            "$env:NAME = 'it\N{RIGHT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}s'",
        ),
    ],
)
def test_powershell_lines(value: str, line: str) -> None:
    """Quotes are doubled, including the typographic ones that end a string in PowerShell."""
    assert powershell_line("NAME", value) == line


def test_the_formats_have_names() -> None:
    """The names of the formats are the choices of --format."""
    assert list(FORMATS) == ["export", "dotenv", "fish", "powershell"]
