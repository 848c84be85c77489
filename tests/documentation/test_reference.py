"""Pages and code agree about everything public."""

import ast
import inspect
import re
from typing import Any

import pulumi_sinch
import pytest
from documentation.markdown import DOCS, Block, all_blocks, prose, rows, section
from pulumi_sinch import Provider, SinchWebhook, SinchWebhooks, Trigger
from pulumi_sinch.core.settings import DEFAULT_API_URL, DEFAULT_AUTH_URL, DEFAULT_TIMEOUT, ENVIRONMENT

OPTIONS_OF_EVERY_RESOURCE = {"self", "resource_name", "opts"}
SIGNATURES = [block for block in all_blocks() if block.note == "signature"]
DEFAULTS = {
    "auth": "oauth2",
    "apiUrl": DEFAULT_API_URL,
    "authUrl": DEFAULT_AUTH_URL,
    "timeout": f"{DEFAULT_TIMEOUT:g}",
    "preflight": "off",
}


def code(cell: str) -> str:
    """Return the text of a cell without backticks."""
    return cell.replace("`", "")


def link_text(cell: str) -> str:
    """Return a cell's text without links."""
    return re.sub(r"\[(.*?)\]\(.*?\)", r"\1", cell)


def inputs() -> dict[str, inspect.Parameter]:
    parameters = inspect.signature(SinchWebhook.__init__).parameters
    return {name: p for name, p in parameters.items() if name not in OPTIONS_OF_EVERY_RESOURCE}


def test_the_inputs_table_is_the_constructors() -> None:
    """The same names in the same order, the required ones marked, and the defaults of flags."""
    table = {code(link_text(name)): rest for name, *rest in rows(section(DOCS / "webhook.md", "Inputs"))}
    assert [*table] == [*inputs()]
    for name, parameter in inputs().items():
        default = code(table[name][0])
        assert (default == "required") == (parameter.default is inspect.Parameter.empty), name
        if isinstance(parameter.default, bool):
            assert default == str(parameter.default), name


def test_each_input_has_its_heading() -> None:
    """A section follows the table for each input, and the table links to it."""
    page = DOCS / "webhook.md"
    for name, *_ in rows(section(page, "Inputs")):
        assert section(page, code(link_text(name))).strip()
        assert f"(#{code(link_text(name))})" in name


def test_the_outputs_table_is_the_class() -> None:
    """Every annotated output and `id`, with their types."""
    table = {code(name): code(kind) for name, kind, *_ in rows(section(DOCS / "webhook.md", "Outputs"))}
    source = ast.parse(inspect.getsource(SinchWebhook)).body[0]
    assert isinstance(source, ast.ClassDef)
    declared = {
        node.target.id: ast.unparse(node.annotation)
        for node in source.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    assert table == {"id": "Output[str]", **declared}


def test_the_settings_table_is_the_code() -> None:
    """Every config key with its variable and its default."""
    table = {
        code(key): (code(variable), code(default))
        for key, variable, default, _ in rows(section(DOCS / "installation-configuration.md", "Settings"))
    }
    assert table == {
        f"sinch:{key}": (variable, DEFAULTS.get(key, "")) for key, variable in ENVIRONMENT.items()
    }


def test_each_setting_has_its_default() -> None:
    """The defaults in the tables are those of the code."""
    settings = pulumi_sinch.core.settings.Settings.read(lambda _: None, {})
    used: dict[str, Any] = {
        "auth": settings.auth,
        "apiUrl": settings.api_url,
        "authUrl": settings.auth_url,
        "timeout": f"{settings.timeout:g}",
        "preflight": settings.preflight,
    }
    assert used == DEFAULTS


@pytest.mark.parametrize("block", SIGNATURES, ids=str)
def test_signatures_are_the_codes(block: Block) -> None:
    """Each signature on a page equals the signature in the code."""
    name = block.code.partition("(")[0]
    shown = function_of(f"def {block.code.strip()}: ...")
    value = getattr(pulumi_sinch, name)
    real = function_of(inspect.getsource(vars(value)["__init__"] if isinstance(value, type) else value))
    real.args.args = [argument for argument in real.args.args if argument.arg != "self"]
    assert ast.unparse(shown.args) == ast.unparse(real.args)
    if not isinstance(value, type):
        assert shown.returns is not None
        assert real.returns is not None
        assert ast.unparse(shown.returns) == ast.unparse(real.returns)


def function_of(source: str) -> ast.FunctionDef:
    node = ast.parse(inspect.cleandoc(source)).body[0]
    assert isinstance(node, ast.FunctionDef)
    return node


def test_there_are_signatures() -> None:
    """The parametrized test above has signatures to compare."""
    assert {block.code.partition("(")[0] for block in SIGNATURES} >= {
        "Provider",
        "SinchWebhook",
        "verify_signature",
        "sign",
    }


def test_everything_public_is_documented() -> None:
    """Each name in `__all__` is on a page of the site."""
    site = "\n".join(prose(page) for page in DOCS.glob("*.md"))
    assert [name for name in pulumi_sinch.__all__ if f"`{name}" not in site] == []


def test_the_arguments_of_functions_are_documented() -> None:
    """Each argument has one table row, with its default if that is a plain value."""
    for name in ("verify_signature", "sign"):
        table = {
            code(cells[0]): code(cells[2])
            for cells in rows(section(DOCS / "verify-callbacks.md", name))
            if len(cells) == 4
        }
        parameters = inspect.signature(getattr(pulumi_sinch, name)).parameters
        assert [*table] == [*parameters]
        for argument, parameter in parameters.items():
            required = parameter.default is inspect.Parameter.empty
            assert (table[argument] == "required") == required, argument
            if isinstance(parameter.default, int):
                assert table[argument] == str(parameter.default)


def test_the_provider_table_is_the_constructors() -> None:
    """The provider table has the constructor's arguments in order, with their settings and variables."""
    table = [[code(cell) for cell in cells] for cells in rows(section(DOCS / "provider.md", "Inputs"))]
    parameters = inspect.signature(Provider.__init__).parameters
    assert [name for name, *_ in table] == [
        name for name in parameters if name not in OPTIONS_OF_EVERY_RESOURCE
    ]
    for name, setting, variable in table:
        key = re.sub("_(.)", lambda match: match[1].upper(), name)
        assert setting == f"sinch:{key}"
        assert re.split("[,:]", variable)[0] == ENVIRONMENT[key]


def test_lookups_are_documented() -> None:
    """Arguments of both, and the outputs of `SinchWebhooks.get`."""
    page = DOCS / "lookups.md"
    named = [code(name) for name, *_ in rows(section(page, "SinchWebhook.get"))]
    assert named == [*inspect.signature(SinchWebhook.get).parameters]
    named = [code(name) for name, *_ in rows(section(page, "SinchWebhooks.get"))]
    assert named == [*inspect.signature(SinchWebhooks.get).parameters, *SinchWebhooks.__annotations__]


def test_every_trigger_is_listed() -> None:
    """The page has those of the enumeration, each once."""
    listed = re.findall(r"`([A-Z_]{3,})`", section(DOCS / "webhook.md", "All triggers"))
    assert sorted(listed) == sorted(Trigger)
