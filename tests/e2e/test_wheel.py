"""What a user installs, away from the repository."""

from e2e.harness import Stack


def test_the_wheel_runs_a_stack_outside_the_repository(stack: Stack) -> None:
    """`up`, an empty preview, refresh and destroy with the installed wheel: no file of the repository is loaded."""
    stack.write("""
import sys
import pulumi_sinch
assert pulumi_sinch.__file__.startswith(sys.prefix), pulumi_sinch.__file__
SinchWebhook("senders", target="https://hooks.example.com/", triggers=[Trigger.ALL])
""")
    stack.up()
    assert len(stack.emulator.webhooks()) == 1
    stack.assert_preview_is_empty()
    stack.refresh()
    stack.destroy()
    assert stack.emulator.webhooks() == []
