"""YAML programs on the provider plugin of the wheel."""

from pathlib import Path
from textwrap import indent

from e2e.harness import Stack

WEBHOOK_TYPE = "sinch:index:Webhook"


def write_yaml(stack: Stack, program: str) -> None:
    """Make this the stack's program, without what stands above `resources`.

    A plugin that is found on the PATH gives a warning with each command, so the program names its folder.
    """
    folder = Path(stack.environment["VIRTUAL_ENV"]) / "bin"
    (stack.program_folder / "Pulumi.yaml").write_text(
        f"name: shop\nruntime: yaml\nplugins:\n  providers:\n  - name: sinch\n    path: {folder}\n{program}"
    )


def webhook(name: str, target: str = "https://hooks.example.com/sinch", more: str = "") -> str:
    """Return the declaration of a webhook, for a place below `resources:`.

    Args:
        name: In the program.
        target: URL.
        more: Further lines, such as ``properties:`` has them, or options after a line ``options:``.
    """
    return (
        f"  {name}:\n    type: {WEBHOOK_TYPE}\n    properties:\n      target: {target}\n"
        "      triggers: [WHATSAPP_SENDER_ACTIVE]\n" + indent(more, "      ")
    )
