"""YAML programs on the provider plugin of the wheel."""

import shutil
from pathlib import Path
from textwrap import indent

from e2e.harness import Stack

WEBHOOK_TYPE = "sinch:index:Webhook"
TARGET = "https://hooks.example.com/sinch"


def plugin_options(stack: Stack, language: str = "yaml") -> str:
    """Return the part of `Pulumi.yaml` that names the folders of the plugins.

    Otherwise the engine warns, with each command, about a plugin that it finds on the PATH.
    """
    host = shutil.which(f"pulumi-language-{language}")
    assert host, (
        f"no `pulumi-language-{language}` on the PATH: `make engine` and `make test-languages` put it there"
    )
    commands = Path(stack.environment["VIRTUAL_ENV"]) / "bin"
    return (
        f"plugins:\n  providers:\n  - name: sinch\n    path: {commands}\n"
        f"  languages:\n  - name: {language}\n    path: {Path(host).parent}\n"
    )


def write_yaml(stack: Stack, program: str) -> None:
    """Write the stack's program: everything from `resources:` on."""
    start = f"name: shop\nruntime: yaml\n{plugin_options(stack)}"
    (stack.program_folder / "Pulumi.yaml").write_text(start + program)


def webhook(name: str = "senders", *, target: str = TARGET, more: str = "", options: str = "") -> str:
    """Return the declaration of a webhook, to be put below `resources:`.

    Args:
        name: The name in the program.
        target: The URL.
        more: Lines with further properties.
        options: Lines with options of the resource.
    """
    triggers = "" if "triggers:" in more else "triggers: [WHATSAPP_SENDER_ACTIVE]\n"
    text = f"  {name}:\n    type: {WEBHOOK_TYPE}\n    properties:\n      target: {target}\n"
    text += indent(triggers + more, "      ")
    return text + (f"\n    options:\n{indent(options, '      ')}\n" if options else "\n")
