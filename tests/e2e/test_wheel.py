"""The installed wheel, away from the repository."""

from e2e.harness import Stack


def test_the_engine_tests_run_the_installed_wheel(stack: Stack) -> None:
    """Programs load no file of the repository."""
    stack.write("""
import sys
import pulumi_sinch
assert pulumi_sinch.__file__.startswith(sys.prefix), pulumi_sinch.__file__
SinchWebhook("senders", target="https://hooks.example.com/", triggers=[Trigger.ALL])
""")
    stack.preview()
