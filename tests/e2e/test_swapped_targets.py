"""Resources that get the target of another resource: the advice of the conflict works."""

import pytest
from e2e.harness import Stack

ONE, TWO, THREE = (f"https://hooks.example.com/{name}" for name in ("one", "two", "three"))


def declare(stack: Stack, a: str, b: str, options: str = "") -> None:
    """Declare the two webhooks, with options for `b`."""
    stack.write(
        f'a = SinchWebhook("a", target="{a}", triggers=["ALL"])\n'
        f'b = SinchWebhook("b", target="{b}", triggers=["ALL"], opts=ResourceOptions({options}))\n'
    )


@pytest.fixture
def two(stack: Stack) -> Stack:
    """A stack with two webhooks."""
    declare(stack, ONE, TWO)
    stack.up()
    return stack


def live(stack: Stack) -> dict[str, str]:
    """Return the target of each resource at Sinch, and check that the state has it too."""
    found = {name: stack.emulator.webhook(resource["id"]).target for name, resource in stack.state().items()}
    assert found == {name: resource["outputs"]["target"] for name, resource in stack.state().items()}
    assert len(stack.emulator.webhooks()) == len(found)
    return found


def test_exchanged_targets(two: Stack) -> None:
    """An exchange of targets fails and changes nothing. With a temporary target, three runs complete it."""
    before = {name: resource["id"] for name, resource in two.state().items()}
    declare(two, TWO, ONE)
    for _ in range(2):
        shown = two.up(fails=True).output
        assert "updating the webhook failed (HTTP 409 webhook_exists)" in shown
        assert "If resources A and B swap their targets: run `pulumi up` three times" in shown
        assert live(two) == {"a": ONE, "b": TWO}
    for a, b in ((THREE, TWO), (THREE, ONE), (TWO, ONE)):
        declare(two, a, b)
        two.up()
    assert live(two) == {"a": TWO, "b": ONE}
    assert {name: resource["id"] for name, resource in two.state().items()} == before
    two.assert_preview_is_empty()


def test_a_target_that_another_resource_gives_up(two: Stack) -> None:
    """With `depends_on`, one run moves a target, also one resource at a time."""
    declare(two, THREE, ONE, "depends_on=[a]")
    two.up("--parallel", "1")
    assert live(two) == {"a": THREE, "b": ONE}
    two.assert_preview_is_empty()


def test_a_target_of_a_removed_resource(two: Stack) -> None:
    """The target of a removed resource fails, because Pulumi deletes last. In a separate run it works."""
    kept = f'SinchWebhook("b", target="{ONE}", triggers=["ALL"])\n'
    two.write(kept)
    shown = two.up(fails=True).output
    assert "If the target belongs to a resource that you removed from the program in the same run" in shown
    assert live(two) == {"a": ONE, "b": TWO}
    two.write(kept.replace(ONE, TWO))
    two.up()
    two.write(kept)
    two.up()
    assert live(two) == {"b": ONE}


def test_a_failed_adoption_says_so(stack: Stack) -> None:
    """A failed adoption is not called an update. The next run adopts the webhook."""
    adopted = stack.emulator.create_webhook(ONE)
    stack.emulator.faults.add("status", status=400, method="PATCH")
    stack.write(f'SinchWebhook("a", target="{ONE}", triggers=["BUNDLE_DONE"], adopt=True)\n')
    shown = stack.up(fails=True).output
    assert "adopting the webhook failed (HTTP 400" in shown
    assert "updating the webhook" not in shown
    assert stack.state() == {}
    stack.up()
    assert stack.state()["a"]["id"] == adopted.id
