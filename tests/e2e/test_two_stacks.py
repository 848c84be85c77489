"""Two stacks of one Sinch project run `up` at the same time."""

from collections.abc import Callable

from e2e.harness import Ran, Stack
from e2e.killing import Running
from pulumi_sinch.emulator import Emulator

TARGET = "https://hooks.example.com/shop"


def program(target: str, trigger: str) -> str:
    return (
        f'w = SinchWebhook("shop", target="{target}", triggers=["{trigger}"])\n'
        'pulumi.export("secret", w.secret)\n'
    )


def race(make_stack: Callable[..., Stack], targets: tuple[str, str]) -> tuple[Stack, Ran]:
    """Let two stacks create a webhook while both POSTs are running. Return winner and the loser's result."""
    stacks = (make_stack("dev"), make_stack("prod"))
    emulator = stacks[0].emulator
    emulator.faults.add("delay", method="POST", path="*/webhooks", times=None, delay=1.5)
    for stack, target, trigger in zip(stacks, targets, ("ALL", "BUNDLE_DONE"), strict=True):
        stack.write(program(target, trigger))
    running = [Running(stack, "up", "--yes", "--skip-preview") for stack in stacks]
    ends = [one.wait() for one in running]
    emulator.faults.clear()
    assert sorted(end.returncode == 0 for end in ends) == [False, True], [end.output for end in ends]
    winner = 0 if ends[0].returncode == 0 else 1
    loser = stacks[1 - winner]
    assert loser.state() == {}
    return stacks[winner], ends[1 - winner]


def test_two_stacks_race_for_one_target(make_stack: Callable[..., Stack]) -> None:
    """One stack gets the target. The other one is told the owner and changes nothing."""
    winner, refused = race(make_stack, (TARGET, TARGET))
    (webhook,) = winner.emulator.webhooks()
    assert winner.secret_outputs() == {"secret": webhook.secret}
    assert "HTTP 409 webhook_exists" in refused.output
    assert f"Webhook {webhook.id} of project" in refused.output
    winner.assert_preview_is_empty("--refresh")


def test_two_stacks_race_for_the_last_place(
    make_stack: Callable[..., Stack], sinch_emulator: Emulator
) -> None:
    """With 14 webhooks, one stack gets the last place, and the other one a list of all webhooks."""
    foreign_webhooks = [
        sinch_emulator.create_webhook(f"https://others.example.com/{number}") for number in range(14)
    ]
    winner, refused = race(make_stack, (TARGET, f"{TARGET}/too"))
    mine = [webhook for webhook in sinch_emulator.webhooks() if webhook not in foreign_webhooks]
    assert len(sinch_emulator.webhooks()) == 15
    assert winner.secret_outputs() == {"secret": mine[0].secret}
    assert "HTTP 424 webhook_limit_reached" in refused.output
    assert refused.output.count("https://others.example.com/") >= 14
    winner.assert_preview_is_empty("--refresh")
