"""The searches for leaked secrets and for warnings can fail a test."""

import json

import pytest
from e2e.harness import Ran, Stack


def test_a_leaked_secret_is_found(stack: Stack) -> None:
    """A leaked secret is found in printed output, in a state file, and in the journal."""
    stack.confidential.add("planted-secret")
    stack.assert_nothing_leaked()
    stack.ran.append(Ran(0, "", "… planted-secret …"))
    with pytest.raises(AssertionError, match="14 characters"):
        stack.assert_nothing_leaked()
    stack.ran.pop()
    leak = stack.folder / "backend" / "leak.json"
    leak.write_text('{"secret": "planted-secret"}')
    with pytest.raises(AssertionError, match="14 characters"):
        stack.assert_nothing_leaked()
    leak.unlink()


def test_what_exists_at_sinch_is_searched_for(stack: Stack) -> None:
    """Secrets and tokens in the emulator are searched for without being named."""
    stack.emulator.create_webhook("https://hooks.example.com/", ["ALL"], secret="a-secret-of-others")
    stack.note_confidential()
    assert {"a-secret-of-others", stack.emulator.key_secret} <= stack.confidential


def test_outputs_are_read_from_the_state(stack: Stack) -> None:
    """The outputs equal those of `pulumi stack output --show-secrets`."""
    stack.write("""
pulumi.export("plain", {"list": [1, None, True]})
pulumi.export("nested", [{"secret": pulumi.Output.secret({"a": "b"})}, pulumi.Output.secret("s")])
""")
    stack.up()
    shown = stack.pulumi("stack", "output", "--json", "--show-secrets").stdout
    assert stack.secret_outputs() == json.loads(shown)
    assert stack.secret_outputs()["nested"] == [{"secret": {"a": "b"}}, "s"]


WARN = "pulumi.log.warn('Look out.')\n"


def test_a_warning_that_is_not_expected_fails_the_test(stack: Stack) -> None:
    """An unexpected warning in text or JSON fails the test, even if another one is expected."""
    stack.write(WARN)
    for command in (stack.preview, stack.preview_steps):
        with pytest.raises(AssertionError, match=r"unexpected warnings: \['Look out.'\]"):
            command(warns=["Look"])
        stack.ran[-1].assert_warnings(["Look out."])


def test_an_expected_warning_that_does_not_appear_fails_the_test(stack: Stack) -> None:
    """An expected warning that does not appear fails the test."""
    with pytest.raises(AssertionError, match=r"missing warnings: \['Look out.'\]"):
        stack.pulumi("stack", "ls", warns=["Look out."])


@pytest.mark.parametrize(
    "output",
    [
        "This is almost certainly a bug in the provider",
        "  +  sinch:Webhook w create warning: This is almost certainly a bug in the provider",
        json.dumps(
            {"diagnostics": [{"message": "<{%reset%}>This is almost certainly a bug in the provider\n"}]}
        ),
    ],
)
def test_an_alleged_bug_counts_as_a_warning(output: str) -> None:
    """A line that blames a bug counts as a warning, even if it is not marked as one."""
    with pytest.raises(AssertionError, match="unexpected warnings"):
        Ran(0, "", output).assert_warnings([])
    Ran(0, output, "").assert_warnings(["This is almost certainly a bug in the provider"])
