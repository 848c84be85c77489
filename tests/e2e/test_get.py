"""Lookups: one webhook, and the list of a project's webhooks."""

from e2e.harness import Stack
from e2e.providers import OTHER_PROJECT, declare_eu

GET = """
theirs = SinchWebhook.get("theirs", "ID", opts=ResourceOptions(provider=eu))
pulumi.export("target", theirs.target)
pulumi.export("triggers", theirs.triggers)
pulumi.export("project", theirs.project_id)
pulumi.export("id", theirs.webhook_id)
"""


def test_a_webhook_of_another_team_is_read_and_never_changed(stack: Stack) -> None:
    """`get` shows the live values at every `up`. Removing it or destroying the stack sends no write.

    This test has an explicit provider. tests/e2e/test_preview_comment.py has lookups with the default one.
    """
    provider = declare_eu(stack)
    theirs = stack.emulator.create_webhook(
        "https://hooks.example.com/theirs", ["RCS_SENDER_COMMENT_ADDED"], project_id=OTHER_PROJECT
    )
    stack.write(provider + GET.replace("ID", theirs.id))
    stack.up()
    assert stack.secret_outputs() == {
        "target": theirs.target,
        "triggers": ["RCS_SENDER_COMMENT_ADDED"],
        "project": theirs.project_id,
        "id": theirs.id,
    }
    stack.emulator.change_webhook(theirs.id, triggers=["ALL"])
    stack.up()
    assert stack.secret_outputs()["triggers"] == ["ALL"]
    stack.refresh()
    stack.destroy()
    assert stack.emulator.webhook(theirs.id).triggers == ("ALL",)
    assert not [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


def test_a_webhook_that_does_not_exist_is_a_clear_error_in_the_preview(stack: Stack) -> None:
    """A missing webhook fails the preview with an error that names the project, without a traceback."""
    stack.write(f'SinchWebhook.get("theirs", "{"0" * 32}")\n')
    shown = stack.preview(fails=True).output
    assert "reading the webhook failed (HTTP 404 webhook_not_found)" in shown
    assert f"Project {stack.emulator.project_id} has no webhook with the id" in shown
    assert "pulumi-sinch list" in shown
    assert "Traceback" not in shown


LIST = """
found = SinchWebhooks.get("found", opts=ResourceOptions(provider=eu))
pulumi.export("webhooks", found.webhooks)
pulumi.export("project", found.project_id)
"""


def test_the_list_of_a_project_is_read_to_the_end(stack: Stack) -> None:
    """`SinchWebhooks.get` lists 15 current webhooks by target at every `up`. Refresh and destroy work.

    This test has an explicit provider. tests/e2e/test_odd_webhooks.py has a list with the default one.
    """
    provider = declare_eu(stack)
    project_id = OTHER_PROJECT
    for number in range(15):
        stack.emulator.create_webhook(f"https://hooks.example.com/{number:02}", project_id=project_id)
    stack.write(provider + LIST)
    stack.up()
    outputs = stack.secret_outputs()
    assert outputs["project"] == project_id
    assert outputs["webhooks"] == [
        {
            "id": webhook.id,
            "target": webhook.target,
            "triggers": ["ALL"],
            "project_id": project_id,
        }
        for webhook in stack.emulator.webhooks(project_id)
    ]
    stack.emulator.delete_webhook(outputs["webhooks"][0]["id"])
    stack.preview("--expect-no-changes")
    stack.up()
    assert len(stack.secret_outputs()["webhooks"]) == 14
    stack.refresh()
    stack.destroy()
    assert len(stack.emulator.webhooks(project_id)) == 14


def test_a_list_without_a_project_says_where_to_set_one(stack: Stack) -> None:
    """The error of `SinchWebhooks.get` names the config key and the variable, without a traceback."""
    stack.write('SinchWebhooks.get("found")\n')
    shown = stack.preview(fails=True, environment={"SINCH_PROJECT_ID": ""}).output
    assert "project_id is missing" in shown
    assert "sinch:projectId" in shown
    assert "SINCH_PROJECT_ID" in shown
    assert "Traceback" not in shown
