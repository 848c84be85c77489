"""The modules that each function of the lifecycle loads, each in a new process."""

import subprocess
import sys

import pytest
from pulumi_sinch.core import lifecycle

HEAVY = {"requests", "pydantic_core", "flask"}
INPUTS = {"target": "https://hooks.example.com/", "triggers": ["ALL"], "project_id": "p", "secret": "s"}
UNREACHABLE = {"sinch:accessToken": "t", "sinch:apiUrl": "http://127.0.0.1:9", "sinch:timeout": "0.1"}
SETUP = f"""\
import sys
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import lifecycle
from pulumi_sinch.core.settings import Settings
inputs = {INPUTS}
config = {UNREACHABLE}
def settings(**more):
    return Settings.read((config | {{f"sinch:{{key}}": value for key, value in more.items()}}).get, {{}})
try:
    CALL
except SinchError:
    pass
print(*({HEAVY} & set(sys.modules)))
"""


def loaded_by(call: str) -> set[str]:
    """Return the heavy packages that a process has loaded after a call."""
    code = SETUP.replace("CALL", call)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("call", "packages"),
    [
        ("lifecycle.check(settings(), {}, inputs)", {"pydantic_core"}),
        ("lifecycle.check(settings(preflight='warn'), {}, inputs)", {"pydantic_core", "requests"}),
        ("lifecycle.diff('id', inputs, inputs)", set()),
        ("lifecycle.create(settings(), inputs)", {"requests"}),
        ("lifecycle.read(settings(), 'id', inputs)", {"requests"}),
        ("lifecycle.update(settings(), 'id', inputs, inputs | {'triggers': ['BUNDLE_DONE']})", {"requests"}),
        ("lifecycle.delete(settings(), 'id', inputs)", {"requests"}),
        ("lifecycle.list_webhooks(settings(), inputs)", {"requests"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_function_loads_only_what_it_needs(call: str, packages: set[str]) -> None:
    """Each function loads only the heavy packages that it needs."""
    assert loaded_by(call) == packages


def test_it_has_no_other_functions() -> None:
    """An unknown name raises an ordinary AttributeError."""
    with pytest.raises(AttributeError, match="has no attribute 'import_'"):
        _ = lifecycle.import_
