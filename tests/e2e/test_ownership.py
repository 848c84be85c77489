"""A webhook has one owner, for any program and for any failed request."""

import os

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack
from e2e.providers import OTHER_PROJECT, declare_eu

ONE = "https://hooks.example.com/one"
TWO = "https://hooks.example.com/two"
THREE = "https://hooks.example.com/three"


def webhook(name: str, target: str, extra: str = "", options: str = "") -> str:
    """Return the declaration of a webhook."""
    return (
        f'SinchWebhook("{name}", target="{target}", triggers=["ALL"], {extra} '
        f"opts=ResourceOptions({options}))\n"
    )


def left_alone(*webhook_ids: str) -> list[str]:
    """Return the warnings about old resources whose webhooks have a new owner."""
    return [
        (
            f"webhook {webhook_id} was not deleted, because another resource of this program, or the "
            "replacement of this resource, owns the webhook now"
        )
        for webhook_id in webhook_ids
    ]


def ids(stack: Stack) -> list[str]:
    """Return the ids of the webhooks in the project of `two_providers`."""
    return [found.id for found in stack.emulator.webhooks(OTHER_PROJECT)]


def managed(stack: Stack) -> dict[str, str]:
    """Return the names of the state's webhooks with their ids."""
    return {
        name: resource["id"] for name, resource in stack.state().items() if resource["type"] == WEBHOOK_TYPE
    }


def targets(stack: Stack, project_id: str | None = None) -> set[str]:
    return {found.target for found in stack.emulator.webhooks(project_id or stack.emulator.project_id)}


@pytest.fixture
def two_providers(stack: Stack) -> Stack:
    """A stack whose default provider and `eu` use the same Sinch project."""
    stack.emulator.add_key("default", "key-of-the-default-provider", [OTHER_PROJECT])
    stack.environment |= {
        "SINCH_KEY_ID": "default",
        "SINCH_KEY_SECRET": "key-of-the-default-provider",
        "SINCH_PROJECT_ID": OTHER_PROJECT,
    }
    return stack


BROKEN = """
class Broken(pulumi.dynamic.ResourceProvider):
    def create(self, props):
        raise Exception("it never works")

class Bad(pulumi.dynamic.Resource):
    pass

bad = Bad(Broken(), "bad", {}, OPTIONS)
"""


def broken(options: str = "None") -> str:
    """Return a resource whose create fails."""
    return BROKEN.replace("OPTIONS", options)


def writes(stack: Stack) -> list[str]:
    return [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


def test_a_preview_refuses_to_adopt_the_webhook_of_another_resource(two_providers: Stack) -> None:
    """A preview rejects the adoption of a webhook that another resource owns.

    This holds in either order of the two resources, and if they have different providers.
    """
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("owner", ONE))
    stack.up()
    before = stack.emulator.webhooks(OTHER_PROJECT)
    stack.calls()
    mover = webhook("owner", TWO)
    adopter = webhook("adopter", ONE, "adopt=True,", "depends_on=[]")
    elsewhere = webhook("adopter", ONE, "adopt=True,", "provider=eu, depends_on=[eu]")
    for program in (mover + adopter, adopter + mover, webhook("owner", ONE) + elsewhere):
        stack.write(head + program)
        shown = stack.pulumi("up", "--yes", fails=True).output
        assert "A webhook has one owner" in shown
        assert writes(stack) == []
        assert stack.emulator.webhooks(OTHER_PROJECT) == before


def test_two_resources_with_one_webhook_end_with_one_owner(stack: Stack) -> None:
    """If an adoption comes first in `up`, the other resource fails, and its advice ends with two webhooks.

    After that, `up --refresh` and `destroy --refresh` delete the webhooks that are removed.
    """
    stack.write(webhook("mover", ONE))
    stack.up()
    (before,) = stack.emulator.webhooks()
    adopter = f'adopter = SinchWebhook("adopter", target="{ONE}", triggers=["BUNDLE_DONE"], adopt=True)\n'
    # The target of the other resource is known only after the adoption.
    mover = f'SinchWebhook("mover", target=adopter.id.apply(lambda _: "{TWO}"), triggers=["ALL"])\n'
    stack.write(adopter + mover)
    shown = stack.up(fails=True).output
    assert f"webhook {before.id} also belongs to another resource" in shown
    assert targets(stack) == {ONE}
    urn = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::mover"
    assert urn in stack.pulumi("stack", "--show-urns", "--show-ids").output
    # A run that ignores the advice fails again, and changes nothing.
    stack.calls()
    stack.up(fails=True)
    assert writes(stack) == []
    stack.pulumi("state", "delete", urn, "--yes")
    stack.up("--refresh")
    assert targets(stack) == {ONE, TWO}
    assert stack.emulator.webhook(before.id).triggers == ("BUNDLE_DONE",)
    adopter = adopter.replace(", adopt=True", "")
    stack.write(adopter + mover)
    stack.assert_preview_is_empty()
    stack.write(adopter)
    stack.up("--refresh")
    assert targets(stack) == {ONE}
    stack.destroy("--refresh")
    assert targets(stack) == set()


def test_a_failed_or_skipped_adoption_never_deletes_the_webhook(two_providers: Stack) -> None:
    """A failed or skipped adoption under `--continue-on-error` keeps webhook and state.

    This holds for renames, also to another provider, and for a forced replacement. The next run completes
    the renames: one process adopts the webhook, and the other one does not delete it.
    """
    stack = two_providers
    head = declare_eu(stack)
    forced = webhook("forced", THREE, "adopt=True,")
    stack.write(head + webhook("old", ONE) + webhook("old_elsewhere", TWO) + forced)
    stack.up()
    before, owners = ids(stack), managed(stack)
    old_ids = [owners["old"], owners["old_elsewhere"]]

    def fail(program: str, *arguments: str) -> None:
        """Run a program whose adoptions fail, and check that no webhook is deleted."""
        stack.write(head + program + forced)
        shown = stack.up("--continue-on-error", *arguments, fails=True).output
        for old in old_ids:
            reason = f"webhook {old}. That step failed or did not run, so the webhook was kept on purpose"
            assert reason in shown
        assert ids(stack) == before
        assert managed(stack) == owners

    renamed = webhook("new", ONE, "adopt=True,") + webhook("new_elsewhere", TWO, "adopt=True,", "provider=eu")
    stack.emulator.faults.add("status", status=500, method="GET", path="*/webhooks", times=None)
    fail(renamed)
    stack.emulator.faults.clear()
    stack.emulator.faults.add("status", status=500, method="PATCH", times=None)
    fail(renamed, "--replace", f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::forced")
    assert stack.emulator.journal.entries("PATCH", owners["forced"])
    stack.emulator.faults.clear()
    fail(
        broken()
        + webhook("new", ONE, "adopt=True,", "depends_on=[bad]")
        + webhook("new_elsewhere", TWO, "adopt=True,", "provider=eu, depends_on=[bad]")
    )

    stack.write(head + renamed + forced)
    stack.up(warns=left_alone(*old_ids))
    assert ids(stack) == before
    assert managed(stack) == {
        "new": owners["old"],
        "new_elsewhere": owners["old_elsewhere"],
        "forced": owners["forced"],
    }
    stack.assert_preview_is_empty()


def test_a_rename_without_an_alias_never_deletes_the_webhook(two_providers: Stack) -> None:
    """The new name gets a conflict, also with another provider, and an alias completes the rename.

    Under `--continue-on-error` the old name stays.
    """
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("old", ONE) + webhook("old_elsewhere", TWO))
    stack.up()
    before = stack.emulator.webhooks(OTHER_PROJECT)
    stack.write(head + webhook("new", ONE) + webhook("new_elsewhere", TWO, options="provider=eu"))
    shown = stack.up("--continue-on-error", fails=True).output
    assert stack.emulator.webhooks(OTHER_PROJECT) == before
    for found in before:
        assert f"another resource of this program has the same target as webhook {found.id}" in shown
    assert {*stack.state()} == {"old", "old_elsewhere"}
    stack.write(
        head
        + webhook("new", ONE, options='aliases=[pulumi.Alias(name="old")]')
        + webhook("new_elsewhere", TWO, options='aliases=[pulumi.Alias(name="old_elsewhere")]')
    )
    stack.up()
    assert stack.emulator.webhooks(OTHER_PROJECT) == before
    assert {*stack.state()} == {"new", "new_elsewhere"}


def test_a_run_leaves_no_files(stack: Stack) -> None:
    """The processes of a run share facts in the temporary folder, and delete them when they end."""
    temporary = stack.folder / "temporary"
    temporary.mkdir()
    stack.environment["TMPDIR"] = str(temporary)
    stack.write(declare_eu(stack) + webhook("one", ONE) + webhook("two", TWO, options="provider=eu"))
    stack.pulumi("up", "--yes")
    stack.pulumi("up", "--yes")
    assert (temporary / f"pulumi-sinch-{os.getuid()}").exists()
    stack.destroy()
    assert [path for path in temporary.rglob("*") if path.is_file()] == []
    assert [*temporary.glob("pulumi-sinch-*/*")] == []


def test_a_replacement_keeps_the_project(stack: Stack) -> None:
    """A replacement keeps its project, with another `SINCH_PROJECT_ID` or without one.

    This holds also for a replacement whose target is ignored.
    """
    stack.emulator.add_key("both", "key-of-both-projects", [stack.emulator.project_id, OTHER_PROJECT])
    key = {"SINCH_KEY_ID": "both", "SINCH_KEY_SECRET": "key-of-both-projects"}
    replace = 'replace_on_changes=["triggers"]'

    def write(trigger: str, target: str) -> None:
        """Write a program with two replacements. The second one ignores its new target."""
        hooks = webhook("hook", ONE, options=f'{replace}, ignore_changes=["secret_version"]')
        hooks += webhook("ignored", target, options=f'{replace}, ignore_changes=["target"]')
        stack.write(hooks.replace("ALL", trigger))

    write("ALL", TWO)
    stack.up(environment=key)
    for target, trigger, variable in ((THREE, "BUNDLE_DONE", OTHER_PROJECT), (TWO, "ALL", "")):
        before = {found.id for found in stack.emulator.webhooks()}
        write(trigger, target)
        stack.pulumi("up", "--yes", environment={**key, "SINCH_PROJECT_ID": variable})
        after = stack.emulator.webhooks()
        assert before.isdisjoint(found.id for found in after)
        assert {found.target: found.triggers for found in after} == {ONE: (trigger,), target: (trigger,)}
        assert stack.emulator.webhooks(OTHER_PROJECT) == []


def test_a_project_that_only_the_environment_chose_is_warned_of(stack: Stack) -> None:
    """With `--replace`, a preview warns if only the environment chose a project other than the stack's."""
    stack.write(webhook("one", ONE) + webhook("two", TWO))
    stack.up()
    replace = ("--replace", f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::one")
    there = stack.emulator.project_id
    warning = (
        f"a new webhook would be created in project {OTHER_PROJECT}, but other webhooks of this stack are in "
        f"project {there}. Project {OTHER_PROJECT} comes only from SINCH_PROJECT_ID: neither the program nor "
        f"the stack's config sets it. If the new webhook belongs in project {there}, like the other "
        f"webhooks, run `pulumi config set sinch:projectId {there}`. If it belongs in project "
        f"{OTHER_PROJECT}, set its project_id to {OTHER_PROJECT}."
    )
    stack.preview(*replace, environment={"SINCH_PROJECT_ID": OTHER_PROJECT}, warns=[warning])
    stack.preview(*replace)


def test_an_incomplete_rename_to_another_provider_is_completed(two_providers: Stack) -> None:
    """An incomplete rename leaves one webhook with two names. The next full run completes it."""
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("old", ONE))
    stack.up()
    (before,) = ids(stack)
    renamed = "new = " + webhook("new", ONE, "adopt=True,", "provider=eu")
    stack.write(head + renamed + broken("ResourceOptions(depends_on=[new])"))
    stack.up(fails=True)
    assert {"old", "new"} <= {*stack.state()}
    stack.write(head + renamed)
    stack.pulumi("up", "--yes", warns=left_alone(before))
    assert ids(stack) == [before]
    stack.assert_preview_is_empty()


def test_a_partial_run_after_an_incomplete_rename(stack: Stack) -> None:
    """After an incomplete rename, the old name is not deleted while the new one cannot be updated.

    `pulumi state delete` of the old name completes the rename. As the docs warn, `--exclude` of the new name
    deletes the webhook.
    """
    urn = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::"
    renamed = f"new = {webhook('new', ONE, 'adopt=True,')}lost = {webhook('lost', TWO, 'adopt=True,')}"
    stack.write(webhook("old", ONE) + webhook("old_lost", TWO))
    stack.up()
    stack.write(renamed + broken("ResourceOptions(depends_on=[new, lost])"))
    stack.up(fails=True)
    names = {"old", "old_lost", "new", "lost"}
    assert names <= {*stack.state()}

    options = "depends_on=[bad]"
    changed = webhook("new", ONE, options=options) + webhook("lost", TWO, options=options)
    stack.write(broken() + changed.replace("ALL", "BUNDLE_DONE"))
    stack.up("--continue-on-error", fails=True)
    assert targets(stack) == {ONE, TWO}
    assert names <= {*stack.state()}

    stack.write(renamed)
    stack.pulumi("state", "delete", f"{urn}old", "--yes")
    stack.calls()
    shown = stack.pulumi("up", "--yes", "--exclude", f"{urn}lost").output
    assert "\nResources:\n    - 1 deleted\n    3 unchanged\n" in shown
    assert targets(stack) == {ONE}
    assert writes(stack) == ["DELETE 204"]
