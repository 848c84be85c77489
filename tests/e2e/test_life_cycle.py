"""A webhook's life on the real engine, with the calls that each step costs."""

from e2e.harness import Stack

FIFTEEN = """
for number in range(15):
    SinchWebhook(f"webhook-{number}", target=f"https://hooks.example.com/{number}", triggers=TRIGGERS[number % 3 :])
"""
TRIGGERS = 'TRIGGERS = ["RCS_SENDER_COMMENT_ADDED", "WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"]\n'


def test_fifteen_webhooks_cost_fifteen_posts_one_token_and_one_list(stack: Stack) -> None:
    """`up` of 15 webhooks; the preview after it is empty and makes no call; `destroy` deletes them all."""
    stack.write(TRIGGERS + FIFTEEN)
    stack.up()
    calls = stack.calls()
    assert sorted(calls) == ["GET 200", *["POST 201"] * 15, "token"]
    assert len(stack.emulator.webhooks()) == 15
    stack.assert_preview_is_empty()
    assert stack.calls() == []
    stack.destroy()
    assert sorted(stack.calls()) == [*["DELETE 204"] * 15, "token"]
    assert stack.emulator.webhooks() == []
