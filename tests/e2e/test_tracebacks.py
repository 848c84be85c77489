"""Errors of two dynamic providers in one process: ours as a sentence, the other with its traceback."""

from e2e.harness import Stack

OTHER = """
from pulumi.dynamic import Resource, ResourceProvider

class Provider(ResourceProvider):
    def create(self, props):
        raise KeyError("of another provider")

class Other(Resource):
    def __init__(self, name):
        super().__init__(Provider(), name, {})
"""
OURS = 'SinchWebhook("ours", target="https://taken.example.com/", triggers=["ALL"])\n'
THEIRS = 'Other("theirs")\n'


def test_each_provider_keeps_its_tracebacks(stack: Stack) -> None:
    """After an error of ours, the other provider's error in the same process has its traceback."""
    stack.emulator.create_webhook("https://taken.example.com/")
    (stack.program_folder / "other.py").write_text(OTHER)
    stack.write(f"from other import Other\n{OURS + THEIRS}")
    shown = stack.up("--parallel=1", "--continue-on-error", fails=True).output
    assert "error: pulumi_sinch.WebhookExistsError: creating the webhook failed (HTTP 409" in shown
    assert "other.py" in shown
    assert "in create" in shown
    assert "KeyError: 'of another provider'" in shown
    assert "pulumi_sinch/provider.py" not in shown
    assert "pulumi_sinch/core/diagnostics.py" not in shown
