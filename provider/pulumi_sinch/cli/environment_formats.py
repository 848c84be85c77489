"""Format environment variables for shells and for ``.env`` files."""

import re
import shlex

_PLAIN = re.compile(r"[\w./:@%+,-]*", re.ASCII)
# PowerShell ends a single-quoted string at any of these characters.
_POWERSHELL_QUOTES = re.compile("(['\u2018\u2019\u201a\u201b])")


def export_line(name: str, value: str) -> str:
    """Return an assignment for bash, zsh and other POSIX shells."""
    return f"export {name}={shlex.quote(value)}"


def dotenv_line(name: str, value: str) -> str:
    """Return a line of a ``.env`` file. The value is quoted only if necessary."""
    if _PLAIN.fullmatch(value):
        return f"{name}={value}"
    if "'" not in value and "\\" not in value:
        return f"{name}='{value}'"
    escaped = re.sub(r'([\\"$`])', r"\\\1", value)
    return f'{name}="{escaped}"'


def fish_line(name: str, value: str) -> str:
    """Return an assignment for fish."""
    escaped = re.sub(r"([\\'])", r"\\\1", value)
    return f"set -gx {name} '{escaped}'"


def powershell_line(name: str, value: str) -> str:
    """Return an assignment for PowerShell."""
    doubled = _POWERSHELL_QUOTES.sub(r"\1\1", value)
    return f"$env:{name} = '{doubled}'"


FORMATS = {
    "export": export_line,
    "dotenv": dotenv_line,
    "fish": fish_line,
    "powershell": powershell_line,
}
