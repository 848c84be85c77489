"""`adopt=True`: a resource adopts the webhook with its target, and the webhook is never deleted by it."""

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack
from e2e.providers import OTHER_PROJECT, declare_eu

TARGET = "https://hooks.example.com/sinch"
BY_HAND = "made-by-hand-5b1c"
GIVEN = "given-secret-93ee"
LEFT_ALONE = (
    "was not deleted, because another resource of this program, or the replacement of this resource, owns "
    "the webhook now"
)


class Project:
    """A webhook created by hand, and a stack with the default or an explicit provider."""

    def __init__(self, stack: Stack, *, explicit: bool) -> None:
        """Create the webhook."""
        self.stack = stack
        self.explicit = explicit
        self.project_id = OTHER_PROJECT if explicit else stack.emulator.project_id
        self.head = declare_eu(stack) if explicit else ""
        self.id = stack.emulator.create_webhook(TARGET, ["ALL"], BY_HAND, self.project_id).id
        stack.note_confidential()

    def write(
        self, name: str = "senders", triggers: str = '["ALL"]', extra: str = "adopt=True", options: str = ""
    ) -> None:
        provider = "provider=eu," if self.explicit else ""
        self.stack.write(f"""{self.head}
webhook = SinchWebhook(
    "{name}",
    target="{TARGET}",
    triggers={triggers},
    opts=ResourceOptions({provider}{options}),
    {extra}
)
pulumi.export("secret", webhook.secret)
""")

    @property
    def ids(self) -> list[str]:
        return [webhook.id for webhook in self.stack.emulator.webhooks(self.project_id)]

    @property
    def secret(self) -> str:
        return self.stack.emulator.webhook(self.id).secret

    @property
    def triggers(self) -> tuple[str, ...]:
        return self.stack.emulator.webhook(self.id).triggers

    def writes(self) -> list[str]:
        calls = self.stack.calls()
        return [call for call in calls if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


@pytest.fixture
def project(stack: Stack) -> Project:
    return Project(stack, explicit=False)


def test_a_webhook_with_other_triggers_and_another_secret_is_taken_over(project: Project) -> None:
    """Adoption sets triggers and secret with one PUT. Without `adopt`, the next preview is empty."""
    project.write(triggers='["BUNDLE_DONE"]', extra=f'adopt=True, secret="{GIVEN}"')
    shown = project.stack.up().output
    assert f"adopted webhook {project.id} of project {project.project_id}; its secret was replaced" in shown
    assert project.writes() == ["PUT 200"]
    assert project.ids == [project.id]
    assert (project.secret, project.triggers) == (GIVEN, ("BUNDLE_DONE",))
    project.write(triggers='["BUNDLE_DONE"]', extra=f'secret="{GIVEN}"')
    project.stack.assert_preview_is_empty()
    assert project.stack.secret_outputs() == {"secret": GIVEN}
    project.stack.refresh("--expect-no-changes")
    project.stack.destroy()
    assert project.ids == []


def test_without_a_secret_the_one_at_sinch_stays(project: Project) -> None:
    """Without a secret, adoption keeps the secret at Sinch. One that is given later is sent with a PUT."""
    project.write(triggers='["BUNDLE_DONE"]')
    shown = project.stack.up().output
    assert "its secret is unchanged" in shown
    assert project.writes() == ["PATCH 200"]
    assert (project.secret, project.triggers) == (BY_HAND, ("BUNDLE_DONE",))
    assert project.stack.secret_outputs() == {"secret": ""}
    project.write(triggers='["BUNDLE_DONE"]', extra="")
    project.stack.assert_preview_is_empty()
    project.write(triggers='["BUNDLE_DONE"]', extra=f'secret="{GIVEN}"')
    project.stack.up()
    assert project.writes() == ["PUT 200"]
    assert project.secret == GIVEN


@pytest.mark.parametrize("explicit", [False, True], ids=["default", "explicit"])
def test_a_renamed_resource_keeps_the_webhook(stack: Stack, *, explicit: bool) -> None:
    """After a rename, the new name adopts the webhook, and the old name does not delete it."""
    project = Project(stack, explicit=explicit)
    project.write("senders")
    project.stack.up()
    project.write("renamed")
    project.stack.up(warns=[f"webhook {project.id} {LEFT_ALONE}"])
    assert project.ids == [project.id]
    assert [*project.stack.state()] == ["renamed"]
    project.stack.assert_preview_is_empty("--refresh")


def test_a_forced_replacement_keeps_the_webhook(project: Project) -> None:
    """`--replace` with `adopt` keeps the webhook, because it is created before it is deleted."""
    project.write()
    project.stack.up()
    urn = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::senders"
    project.stack.up("--replace", urn, warns=[f"webhook {project.id} {LEFT_ALONE}"])
    assert project.ids == [project.id]
    project.stack.assert_preview_is_empty("--refresh")


def test_a_forced_replacement_that_deletes_first_keeps_the_webhook(project: Project) -> None:
    """A forced replacement that deletes first fails without a deletion, and its advice completes it."""
    urn = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::senders"
    project.write(options="delete_before_replace=True")
    project.stack.up()
    project.stack.pulumi("state", "taint", urn, "--yes")
    shown = project.stack.up(fails=True).output
    assert "so the webhook was kept on purpose" in shown
    assert "remove either adopt=True or delete_before_replace" in shown
    assert project.ids == [project.id]
    project.write(extra="", options="delete_before_replace=True")
    project.stack.up()
    (created,) = project.ids
    assert created != project.id
    project.stack.assert_preview_is_empty()


def test_a_replacement_on_changes_ends_with_a_webhook(project: Project) -> None:
    """`replace_on_changes` with the same target deletes the old webhook first and creates a new one."""
    project.write(options='replace_on_changes=["triggers"]')
    project.stack.up()
    project.write(options='replace_on_changes=["triggers"]', triggers='["BUNDLE_DONE"]')
    project.stack.up()
    (webhook,) = project.stack.emulator.webhooks(project.project_id)
    assert webhook.triggers == ("BUNDLE_DONE",)
    project.stack.assert_preview_is_empty("--refresh")


def test_moving_to_another_provider_leaves_the_webhook_alone(stack: Stack) -> None:
    """Moving to another provider with `adopt` left on sends nothing."""
    project = Project(stack, explicit=True)
    stack.emulator.add_key("default", "key-of-the-default-provider", [OTHER_PROJECT])
    environment = {
        "SINCH_KEY_ID": "default",
        "SINCH_KEY_SECRET": "key-of-the-default-provider",
        "SINCH_PROJECT_ID": OTHER_PROJECT,
    }
    project.explicit = False
    project.write()
    stack.up(environment=environment)
    project.writes()
    project.explicit = True
    project.write()
    stack.up(environment=environment)
    assert project.writes() == []
    stack.destroy()
    assert project.ids == []


def test_two_resources_cannot_take_over_one_webhook(project: Project) -> None:
    """If two resources adopt one webhook, one gets it and the other is rejected in the same run.

    Only one of them names its project, so that the constructor cannot detect the conflict.
    """
    declare = f'SinchWebhook(name, target="{TARGET}", triggers=["ALL"], adopt=True, project_id=at)'
    named = f"('one', None), ('two', '{project.project_id}')"
    project.stack.write(f"for name, at in ({named}):\n    {declare}\n")
    shown = project.stack.up(fails=True).output
    assert "another resource of this stack owns the webhook with this target" in shown
    assert project.ids == [project.id]
    managed = [resource for resource in project.stack.state().values() if resource["type"] == WEBHOOK_TYPE]
    assert [resource["id"] for resource in managed] == [project.id]


def test_switching_adopt_on_is_no_update(stack: Stack) -> None:
    """Switching `adopt` on for an existing webhook changes nothing."""
    program = f'SinchWebhook("senders", target="{TARGET}", triggers=["ALL"], FLAG)\n'
    stack.write(program.replace("FLAG", ""))
    stack.up()
    stack.write(program.replace("FLAG", "adopt=True"))
    stack.calls()
    stack.up("--expect-no-changes")
    assert stack.calls() == []
