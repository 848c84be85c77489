"""Lookups: one webhook, and the list of a project's webhooks."""

from e2e.harness import Stack
from e2e.providers import OTHER_PROJECT, declare_eu
from pulumi_sinch.emulator.store import StoredWebhook

LOOKUPS = """
theirs = SinchWebhook.get("theirs", "ID", opts=ResourceOptions(provider=eu))
pulumi.export("target", theirs.target)
pulumi.export("triggers", theirs.triggers)
pulumi.export("project", theirs.project_id)
pulumi.export("id", theirs.webhook_id)

found = SinchWebhooks.get("found", opts=ResourceOptions(provider=eu))
pulumi.export("webhooks", found.webhooks)
pulumi.export("listed_project", found.project_id)
"""


def test_webhooks_of_another_team_are_read_and_never_changed(stack: Stack) -> None:
    """At every `up`, `get` shows the live values, and the list has all current webhooks, up to 15, by target.

    Destroying the stack sends no write. This test has an explicit provider.
    tests/e2e/test_preview_comment.py and tests/e2e/test_odd_webhooks.py have lookups with the default one.
    """
    provider = declare_eu(stack)
    theirs, *others = (
        stack.emulator.create_webhook(f"https://hooks.example.com/{n:02}", ["ALL"], project_id=OTHER_PROJECT)
        for n in range(15)
    )
    theirs = stack.emulator.change_webhook(theirs.id, triggers=["RCS_SENDER_COMMENT_ADDED"])
    stack.write(provider + LOOKUPS.replace("ID", theirs.id))
    stack.up()
    assert stack.secret_outputs() == {
        "target": theirs.target,
        "triggers": ["RCS_SENDER_COMMENT_ADDED"],
        "project": OTHER_PROJECT,
        "id": theirs.id,
        "webhooks": [listed(webhook) for webhook in (theirs, *others)],
        "listed_project": OTHER_PROJECT,
    }

    stack.emulator.delete_webhook(others.pop(0).id)
    theirs = stack.emulator.change_webhook(theirs.id, triggers=["ALL"])
    stack.up("--expect-no-changes")
    outputs = stack.secret_outputs()
    assert outputs["triggers"] == ["ALL"]
    assert outputs["webhooks"] == [listed(webhook) for webhook in (theirs, *others)]

    stack.refresh()
    stack.destroy()
    assert stack.emulator.webhooks(OTHER_PROJECT) == [theirs, *others]
    assert not [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


def listed(webhook: StoredWebhook) -> dict[str, object]:
    """Return the webhook as the list has it."""
    return {
        "id": webhook.id,
        "target": webhook.target,
        "triggers": list(webhook.triggers),
        "project_id": webhook.project_id,
    }


def test_a_missing_webhook_is_a_clear_error_in_the_preview(stack: Stack) -> None:
    """A missing webhook fails the preview with an error that names the project, without a traceback."""
    stack.write(f'SinchWebhook.get("theirs", "{"0" * 32}")\n')
    shown = stack.preview(fails=True).output
    assert "reading the webhook failed (HTTP 404 webhook_not_found)" in shown
    assert f"Project {stack.emulator.project_id} has no webhook with the id" in shown
    assert "pulumi-sinch list" in shown
    assert "Traceback" not in shown


def test_a_list_without_a_project_says_where_to_set_one(stack: Stack) -> None:
    """The error of `SinchWebhooks.get` names the config key and the variable, without a traceback."""
    stack.write('SinchWebhooks.get("found")\n')
    shown = stack.preview(fails=True, environment={"SINCH_PROJECT_ID": ""}).output
    assert "project_id is missing" in shown
    assert "sinch:projectId" in shown
    assert "SINCH_PROJECT_ID" in shown
    assert "Traceback" not in shown
