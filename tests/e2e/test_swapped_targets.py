"""Resources that get the target of another resource: the advice of the conflict works."""

from e2e.harness import Stack


def targets(**numbers: int) -> dict[str, str]:
    """Return the target of each resource."""
    return {name: f"https://hooks.example.com/{number}" for name, number in numbers.items()}


def declare(stack: Stack, declared: dict[str, str]) -> None:
    """Declare webhooks with these targets. `taker` depends on `giver`."""
    options = {"taker": "depends_on=[giver]"}
    stack.write(
        "".join(
            f'{name} = SinchWebhook("{name}", target="{target}", triggers=["ALL"], '
            f"opts=ResourceOptions({options.get(name, '')}))\n"
            for name, target in declared.items()
        )
    )


def live(stack: Stack) -> dict[str, str]:
    """Return the target of each resource at Sinch, and check that the state has it too."""
    found = {name: stack.emulator.webhook(resource["id"]).target for name, resource in stack.state().items()}
    assert found == {name: resource["outputs"]["target"] for name, resource in stack.state().items()}
    assert len(stack.emulator.webhooks()) == len(found)
    return found


def test_targets_of_other_resources(stack: Stack) -> None:
    """A swap of targets, or the target of a removed resource, fails and changes nothing. The advice works.

    With `depends_on`, one run moves a target to another resource, even one resource at a time.
    """
    start = targets(a=1, b=2, giver=3, taker=4, removed=5, kept=6)
    declare(stack, start)
    stack.up()
    before = {name: resource["id"] for name, resource in stack.state().items()}

    # Pulumi deletes last, so the target is still taken.
    declare(stack, targets(a=1, b=2, giver=3, taker=4, kept=5))
    shown = stack.up(fails=True).output
    assert "If the target belongs to a resource that you removed from the program in the same run" in shown
    assert live(stack) == start

    declare(stack, targets(a=2, b=1, giver=3, taker=4, removed=5, kept=6))
    for _ in range(2):
        shown = stack.up(fails=True).output
        assert "updating the webhook failed (HTTP 409 webhook_exists)" in shown
        assert "If resources A and B swap their targets: run `pulumi up` three times" in shown
        assert live(stack) == start

    for run in (
        targets(a=7, b=2, giver=8, taker=3, kept=6),
        targets(a=7, b=1, giver=8, taker=3, kept=5),
        targets(a=2, b=1, giver=8, taker=3, kept=5),
    ):
        declare(stack, run)
        stack.up("--parallel", "1")
        assert live(stack) == run
    del before["removed"]
    assert {name: resource["id"] for name, resource in stack.state().items()} == before
    stack.assert_preview_is_empty()
