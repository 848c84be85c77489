"""The searches for leaked secrets and for warnings can fail."""

import json

import pytest
from e2e.harness import Ran, Stack


def test_a_leaked_secret_is_found(stack: Stack) -> None:
    """In what a command printed, in a file of the state, and in the journal."""
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
    """Secrets and tokens that the emulator holds are remembered without being named."""
    stack.emulator.create_webhook("https://hooks.example.com/", ["ALL"], secret="a-strangers-secret")
    stack.note_confidential()
    assert {"a-strangers-secret", stack.emulator.key_secret} <= stack.confidential


def test_outputs_are_read_from_the_state(stack: Stack) -> None:
    """They are what `pulumi stack output --show-secrets` prints."""
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
    """In text and in JSON, whatever else is expected; the same output passes if its warning is expected."""
    stack.write(WARN)
    for command in (stack.preview, stack.preview_steps):
        with pytest.raises(AssertionError, match=r"unexpected warnings: \['Look out.'\]"):
            command(warns=["Look"])
        stack.ran[-1].assert_warnings(["Look out."])


def test_an_expected_warning_that_does_not_appear_fails_the_test(stack: Stack) -> None:
    """A test cannot go on expecting a warning that is gone."""
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
    """The engine also blames the provider in lines that are not marked as warnings."""
    with pytest.raises(AssertionError, match="unexpected warnings"):
        Ran(0, "", output).assert_warnings([])
    Ran(0, output, "").assert_warnings(["This is almost certainly a bug in the provider"])
