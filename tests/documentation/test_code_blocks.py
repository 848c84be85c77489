"""The code blocks of the pages work: each is checked with the tool of its language."""

import ast
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import yaml
from documentation.markdown import PAGES, ROOT, Block, all_blocks, blocks, prose
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.cli import main
from pulumi_sinch.cli.import_file.document import Entry, ProviderReference
from pulumi_sinch.cli.import_file.program import program_text
from pulumi_sinch.core.settings import ENVIRONMENT

PRELUDE = (
    "import pulumi\nfrom pulumi import ResourceOptions\nfrom pulumi_sinch import *\n\nconfig = "
    "pulumi.Config()\n"
)
"""Prefix of a block without imports: common lines of a program."""
COMPILED = {"typescript", "go"}
"""The languages that `tests/languages/test_pages.py` compiles."""
LANGUAGES = {"python", "sh", "bash", "console", "json", "js", "yaml", "text", *COMPILED}
PROGRAMS = [block for block in blocks("python") if "not checked" not in block.note]
SHELL = blocks("sh", "bash", "console")


def test_each_block_says_its_language() -> None:
    """Each block has a language that a test checks."""
    assert [str(block) for block in all_blocks() if block.language not in LANGUAGES] == []


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one module for each Python block."""
    folder = tmp_path_factory.mktemp("programs")
    webhook = Webhook(id="w", target="https://hooks.example.com/sinch", triggers=("ALL",))
    provider = ProviderReference("eu", "urn:pulumi:dev::shop::pulumi:providers:pulumi-python::eu")
    entries = [Entry("senders", webhook, "")]
    (folder / "webhooks.py").write_text(program_text(entries, "p", provider=provider))
    (folder / "webhooks_of_the_default_provider.py").write_text(program_text(entries, "p", project_id="p"))
    for block in PROGRAMS:
        (folder / module_name(block)).write_text(source(block))
    return folder


def source(block: Block) -> str:
    """Return a block with its prelude or the blocks that it continues."""
    if "continues" in block.note:
        earlier = [other for other in PROGRAMS if other.page == block.page and other.line < block.line]
        return f"{source(earlier[-1])}\n\n{block.code}"
    imports = re.search(r"^(?:import|from) ", block.code, re.MULTILINE)
    return block.code if imports else PRELUDE + block.code


def module_name(block: Block) -> str:
    return re.sub(r"\W", "_", str(block)).lower() + ".py"


def test_python_blocks_are_typed(programs: Path) -> None:
    """`mypy --strict` reports nothing for any block, nor for the programs that `import-file` writes."""
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--no-incremental", "."],
        cwd=programs,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_python_blocks_are_typed_for_editors(programs: Path) -> None:
    """Pyright's strict mode reports nothing for any block."""
    settings = {
        "typeCheckingMode": "strict",
        # The prelude imports more than a block needs.
        "reportUnusedImport": False,
        "reportWildcardImportFromLibrary": False,
    }
    (programs / "pyrightconfig.json").write_text(json.dumps(settings))
    commands_of_this_python = str(Path(sys.executable).parent)
    checked = subprocess.run(
        ["basedpyright"],
        cwd=programs,
        env={**os.environ, "PATH": f"{commands_of_this_python}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


RUN = """
import runpy, sys
import pulumi

class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        listed = {"webhooks": []} if args.typ.endswith("sinch:Webhooks") else {}
        return args.resource_id or f"{args.name}-id", args.inputs | listed
    def call(self, args):
        return {}

for program in sys.argv[1:]:
    print(program, file=sys.stderr)
    pulumi.runtime.set_mocks(Mocks(), project="documentation", stack="test", preview=False)
    pulumi.runtime.set_all_config(
        {f"documentation:{key}": "a sample" for key in ("templatesSecret", "euKeySecret", "usKeySecret")}
    )
    pulumi.runtime.test(lambda: runpy.run_path(program) and None)()
"""


def test_blocks_that_are_not_checked_are_python() -> None:
    """A block that needs a missing package can be parsed."""
    for block in blocks("python"):
        ast.parse(block.code)


RUNNABLE = [block for block in PROGRAMS if "not run" not in block.note]


@pytest.mark.parametrize("page", sorted({block.page for block in RUNNABLE}), ids=lambda page: page.name)
def test_python_blocks_run(page: Path, programs: Path) -> None:
    """Python blocks run under Pulumi's mocks, without variables of a Sinch account."""
    finished = subprocess.run(
        [sys.executable, "-c", RUN, *(module_name(block) for block in RUNNABLE if block.page == page)],
        cwd=programs,
        env={"PATH": "/usr/bin:/bin", "HOME": str(programs)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    # Standard error names each block before it runs.
    assert finished.returncode == 0, finished.stderr


@pytest.mark.parametrize("block", SHELL, ids=str)
def test_shell_blocks_are_valid(block: Block) -> None:
    """Bash can parse shell blocks."""
    checked = subprocess.run(
        ["bash", "-n"], input=commands(block), capture_output=True, text=True, timeout=10, check=False
    )
    assert checked.returncode == 0, checked.stderr


def commands(block: Block) -> str:
    """Return the typed commands: in a console block, the lines behind the prompt."""
    if block.language != "console":
        return block.code
    return "\n".join(line[2:] for line in block.code.splitlines() if line.startswith("$ "))


def shell_lines() -> list[tuple[str, str]]:
    """Return every command line of the pages with its place, including those in the text."""
    found = [
        (str(block), line)
        for block in SHELL
        for line in commands(block).replace("\\\n", " ").splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    for page in PAGES:
        found += [
            (page.name, span) for span in re.findall(r"`((?:pulumi-sinch|make|pulumi) [^`\n]+)`", prose(page))
        ]
    return found


def words(line: str) -> list[str]:
    return [word for word in shlex.split(line, comments=True) if word not in {"&&", "||", "|"}]


def test_commands_of_this_package_exist() -> None:
    """Each `pulumi-sinch …` names a command, and only options and choices that exist."""
    seen = 0
    for where, line in shell_lines():
        for _, arguments in re.findall(r"(^|[;&|] *)pulumi-sinch ([^;&|]*)", line):
            name, *given = words(arguments)
            if name.startswith("-") or name == "…":
                continue
            command = main.commands.get(name)
            assert isinstance(command, click.Command), f"{where}: pulumi-sinch {name}"
            known = {option for parameter in command.params for option in parameter.opts}
            if "--" in given:  # another command follows
                given = given[: given.index("--")]
            unknown = [word for word in given if word.startswith("--") and word.split("=")[0] not in known]
            assert not unknown, f"{where}: pulumi-sinch {name} {unknown}"
            seen += 1
    assert seen


def test_each_command_of_this_package_is_documented() -> None:
    """A page shows how to call each command."""
    text = "\n".join(page.read_text() for page in PAGES)
    missing = [name for name in main.commands if not re.search(rf"pulumi-sinch (--\S+ )?{name}\b", text)]
    assert missing == []


def test_make_targets_exist() -> None:
    """Each `make …` names existing targets of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for where, line in shell_lines():
        if line.startswith("make "):
            named = {word for word in words(line)[1:] if "=" not in word}
            assert named <= targets, f"{where}: {line}"


def test_config_keys_exist() -> None:
    """Each `sinch:…` is a setting, and each `SINCH_…` is a variable that is read."""
    for page in PAGES:
        text = page.read_text()
        assert {key for key in re.findall(r"(?<!//)\bsinch:(?!index:)(\w+)", text) if key.isascii()} <= {
            *ENVIRONMENT,
            "Webhook",
            "Webhooks",
        }, page.name
        variables = {name for name in re.findall(r"\bSINCH_[A-Z_]+\b", text) if not name.endswith("_")}
        assert variables <= {*ENVIRONMENT.values(), *OTHER_VARIABLES}, page.name


OTHER_VARIABLES = {
    "SINCH_ALLOW_HTTP_HOSTS",
    "SINCH_TRACEBACK",
    "SINCH_LIVE",
    "SINCH_WEBHOOK_SECRET",
    "SINCH_WEBHOOK_PREVIOUS_SECRET",
}


def test_data_blocks_can_be_parsed() -> None:
    """JSON and YAML blocks can be parsed."""
    for block in blocks("json"):
        json.loads(block.code)
    for block in blocks("yaml"):
        assert yaml.safe_load(block.code), str(block)


def test_the_compose_recipe_has_options_of_the_emulator() -> None:
    """The service of the compose file runs the emulator's image with existing options and files."""
    services = [
        yaml.safe_load(block.code)["services"]["sinch"]
        for block in blocks("yaml")
        if "services:" in block.code
    ]
    known = {option for parameter in main.commands["emulator"].params for option in parameter.opts}
    for service in services:
        assert {word for word in service["command"] if word.startswith("--")} <= known
        assert (ROOT / service["build"]["dockerfile"]).exists()
    assert services
