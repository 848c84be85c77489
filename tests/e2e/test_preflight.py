"""Preflight on the real engine: previews fail with the reason before anything is created."""

from e2e.harness import Stack, warnings_in
from pulumi_sinch.emulator.store import StoredWebhook

TRIGGERS = 'TRIGGERS = ["WHATSAPP_SENDER_ACTIVE"]\n'
TWO = (
    TRIGGERS
    + """
SinchWebhook("free", target="https://hooks.example.com/free", triggers=TRIGGERS)
SinchWebhook("taken", target="https://hooks.example.com/taken?token=0123456789", triggers=TRIGGERS)
"""
)
TAKEN = "https://hooks.example.com/taken?token=0123456789"


def is_taken(owner: StoredWebhook, shown_target: str) -> str:
    """Return the first line of the warning that another webhook has the target."""
    return (
        f"sinch:preflight: target is taken: webhook {owner.id} of project {owner.project_id} has this target "
        f"({shown_target}), and Sinch rejects a second webhook with the same target."
    )


def test_a_taken_target_is_a_warning_or_an_error(stack: Stack) -> None:
    """With `warn`, the preview succeeds with a warning, also in `--json`, without the target's token.

    With `error`, a taken target fails preview and `up`, and the other webhook stays unchanged.
    """
    owner = stack.emulator.create_webhook(TAKEN)
    warning = is_taken(owner, "https://hooks.example.com/taken?…")
    stack.write(TWO)
    stack.preview_steps("--config", "sinch:preflight=warn", warns=[warning])
    stack.preview(warns=[warning])

    stack.calls()
    shown = stack.preview("--config", "sinch:preflight=error", fails=True).output
    assert f"target is taken: webhook {owner.id} of project {owner.project_id} has this target" in shown
    assert all("0123456789" not in line for line in shown.splitlines() if "is taken" in line)
    assert stack.calls() == ["token", "GET 200"]

    shown = stack.up(fails=True).output
    assert "target is taken" in shown
    assert owner in stack.emulator.webhooks()
    assert "POST 409" not in stack.calls()


def test_without_network_the_preview_goes_on(stack: Stack) -> None:
    """Without network there is one warning for all webhooks, also with `error`."""
    stack.write(TWO)
    warning = (
        "sinch:preflight: the project at Sinch could not be checked. "
        "listing the webhooks failed: no connection could be made (127.0.0.1:9)"
    )
    given = {"SINCH_PREFLIGHT": "error", "SINCH_API_URL": "http://127.0.0.1:9", "SINCH_TIMEOUT": "1"}
    shown = stack.pulumi("preview", "--json", environment=given, warns=[warning]).stdout
    assert list(warnings_in(shown)) == [warning]


REPLACED = """
SinchWebhook("senders", target="https://hooks.example.com/senders", triggers={triggers!r},
    opts=ResourceOptions({options}))
"""


def new_webhooks(count: int) -> str:
    """Return the part of a program that declares so many webhooks."""
    return (
        f"for n in range({count}):\n"
        '    SinchWebhook(f"w{n}", target=f"https://x.example.com/{n}", triggers=["ALL"])'
    )


def test_a_full_project(stack: Stack) -> None:
    """A program that would exceed 15 webhooks fails the preview. One webhook fewer is accepted.

    In the full project, a replacement that deletes first may keep its target.
    """
    for number in range(12):
        stack.emulator.create_webhook(f"https://others.example.com/{number}")
    options = "replacement_trigger='{}', delete_before_replace=True"
    senders = REPLACED.format(triggers=["BUNDLE_DONE"], options=options.format(1))
    stack.write(senders + new_webhooks(3))
    shown = stack.preview("--config", "sinch:preflight=error", fails=True).output
    assert (
        f"project_id: project {stack.emulator.project_id} would have 16 webhooks, but Sinch allows 15"
        in shown
    )
    assert stack.calls() == ["token", "GET 200"]
    assert len(stack.emulator.webhooks()) == 12
    stack.write(senders + new_webhooks(2))
    stack.up()
    assert len(stack.emulator.webhooks()) == 15

    senders = REPLACED.format(triggers=["BUNDLE_DONE"], options=options.format(2))
    stack.write(senders + new_webhooks(2))
    assert stack.preview_steps()["senders"]["op"] == "replace"
    stack.calls()
    stack.up()
    assert sorted(call for call in stack.calls() if "GET" not in call) == ["DELETE 204", "POST 201", "token"]


def test_a_replacement_by_hand_looks_taken(stack: Stack) -> None:
    """With `--replace`, the target looks taken: the message says so, and `warn` accepts it."""
    stack.write(REPLACED.format(triggers=["BUNDLE_DONE"], options="delete_before_replace=True"))
    stack.up("--config", "sinch:preflight=error")
    urn = stack.state()["senders"]["urn"]
    shown = stack.preview("--replace", urn, fails=True).output
    assert "This check is wrong if the target becomes free" in shown
    assert (
        "In both cases, run the command once with sinch:preflight (or SINCH_PREFLIGHT) set to warn." in shown
    )
    (owner,) = stack.emulator.webhooks()
    warning = is_taken(owner, "https://hooks.example.com/senders")
    stack.up("--replace", urn, "--config", "sinch:preflight=warn", warns=[warning])
    assert len(stack.emulator.webhooks()) == 1
