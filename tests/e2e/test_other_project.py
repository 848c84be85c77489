"""Webhooks that move to another Sinch project with another access key."""

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack

OLD, NEW = "old-project", "new-project"
NEW_KEY = "key-secret-of-the-new-project"
PROGRAM = 'SinchWebhook("senders", target="https://hooks.example.com/senders", triggers=["ALL"]OPTS)\n'
URN = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::senders"


@pytest.fixture
def moving(stack: Stack) -> Stack:
    """A stack with a webhook in the old project."""
    stack.emulator.add_key("old-key", "key-secret-of-the-old-project", [OLD])
    stack.emulator.add_key("new-key", NEW_KEY, [NEW])
    stack.environment |= {"SINCH_KEY_ID": "old-key", "SINCH_KEY_SECRET": "key-secret-of-the-old-project"}
    stack.write(PROGRAM.replace("OPTS", ""))
    stack.up("--config", f"sinch:projectId={OLD}")
    return stack


def ids(stack: Stack, project_id: str) -> list[str]:
    return [webhook.id for webhook in stack.emulator.webhooks(project_id)]


def test_project_and_key_changed_together(moving: Stack) -> None:
    """If project and key change together, the error names the old project. One run with the old key helps.

    If the webhook was deleted by hand, it leaves the state with `pulumi state delete`.
    """
    (old,) = ids(moving, OLD)
    new_key = {"SINCH_KEY_ID": "new-key", "SINCH_KEY_SECRET": NEW_KEY}
    for _ in range(2):
        shown = moving.up("--config", f"sinch:projectId={NEW}", fails=True, environment=new_key).output
        assert "deleting the webhook failed (HTTP 401 unauthorized_error)" in shown
        assert (
            f"but the key has no access to project {OLD}. According to the state, webhook {old} is in that "
            "project" in shown
        )
        assert f"Restore the credentials of project {OLD} for one run" in shown
        assert "pulumi state delete URN" in shown
    (new,) = ids(moving, NEW)
    assert ids(moving, OLD) == [old]
    moving.calls()
    moving.up()
    assert [call for call in moving.calls() if call != "token"] == ["DELETE 204"]
    assert (ids(moving, OLD), ids(moving, NEW)) == ([], [new])
    moving.up("--expect-no-changes", environment=new_key)
    assert moving.state()["senders"]["id"] == new

    moving.write("")
    assert "pulumi state delete URN" in moving.up(fails=True).output  # with the old key
    moving.emulator.delete_webhook(new)
    moving.pulumi("state", "delete", URN, "--yes")
    moving.up("--expect-no-changes")
    assert moving.state() == {}


def test_a_provider_for_the_new_project_moves_in_one_run(moving: Stack) -> None:
    """With a provider for the new project, one run creates with the new key and deletes with the old one."""
    provider = f'new = Provider("new", project_id="{NEW}", key_id="new-key", key_secret="{NEW_KEY}")\n'
    moving.write(provider + PROGRAM.replace("OPTS", ", opts=ResourceOptions(provider=new)"))
    moving.up()
    assert ids(moving, OLD) == []
    assert ids(moving, NEW) == [moving.state()["senders"]["id"]]
    moving.pulumi("config", "rm", "sinch:projectId")
    for name in ("SINCH_KEY_ID", "SINCH_KEY_SECRET", "SINCH_PROJECT_ID"):
        del moving.environment[name]
    moving.assert_preview_is_empty()
    moving.destroy()
    assert ids(moving, NEW) == []
