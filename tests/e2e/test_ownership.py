"""A webhook has one owner, for any program and for any failed request."""

import os

import pytest
from e2e.harness import WEBHOOK_TYPE, Stack
from e2e.providers import OTHER_PROJECT, declare_eu

ONE = "https://hooks.example.com/one"
TWO = "https://hooks.example.com/two"


def webhook(name: str, target: str, extra: str = "", options: str = "") -> str:
    """Return the declaration of a webhook."""
    return (
        f'SinchWebhook("{name}", target="{target}", triggers=["ALL"], {extra} '
        f"opts=ResourceOptions({options}))\n"
    )


def left_alone(webhook_id: str) -> list[str]:
    """Return the warning about an old resource whose webhook has a new owner."""
    return [
        (
            f"webhook {webhook_id} was not deleted, because another resource of this program, or the "
            "replacement of this resource, owns the webhook now"
        )
    ]


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


def writes(stack: Stack) -> list[str]:
    return [call for call in stack.calls() if call.startswith(("POST", "PUT", "PATCH", "DELETE"))]


@pytest.mark.parametrize("first", ["mover", "adopter"])
def test_a_preview_refuses_to_adopt_the_webhook_of_another_resource(stack: Stack, first: str) -> None:
    """A preview rejects the adoption of a webhook that another resource owns, in either order."""
    stack.write(webhook("mover", ONE))
    stack.up()
    stack.calls()
    declarations = [webhook("mover", TWO), webhook("adopter", ONE, "adopt=True,", "depends_on=[]")]
    stack.write("".join(declarations if first == "mover" else reversed(declarations)))
    shown = stack.pulumi("up", "--yes", fails=True).output
    assert "A webhook has one owner" in shown
    assert writes(stack) == []
    assert targets(stack) == {ONE}


def test_two_resources_with_one_webhook_end_with_one_owner(stack: Stack) -> None:
    """If an adoption comes first in `up`, the other resource fails, and its advice ends with two webhooks."""
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
    stack.write(adopter.replace(", adopt=True", "") + mover)
    stack.assert_preview_is_empty()
    stack.destroy()
    assert targets(stack) == set()


@pytest.mark.parametrize(
    ("explicit", "fault"),
    [(False, "list"), (True, "request")],
    ids=["same provider, list", "other provider, request"],
)
def test_a_failed_adoption_never_deletes_the_webhook(
    two_providers: Stack, explicit: bool, fault: str
) -> None:
    """A failed adoption under `--continue-on-error` keeps webhook and state. The next run completes it."""
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("old", ONE))
    stack.up()
    (before,) = stack.emulator.webhooks(OTHER_PROJECT)
    if fault == "request":
        stack.emulator.faults.add("status", status=500, method="PATCH", times=None)
    else:
        stack.emulator.faults.add("status", status=500, method="GET", path="*/webhooks", times=None)
    stack.write(head + webhook("new", ONE, "adopt=True,", "provider=eu" if explicit else ""))
    shown = stack.up("--continue-on-error", fails=True).output
    assert [found.id for found in stack.emulator.webhooks(OTHER_PROJECT)] == [before.id]
    assert "so the webhook was kept on purpose" in shown
    stack.emulator.faults.clear()
    stack.up(warns=left_alone(before.id))
    assert [found.id for found in stack.emulator.webhooks(OTHER_PROJECT)] == [before.id]
    managed = [one for one in stack.state().values() if one["type"] == WEBHOOK_TYPE]
    assert [one["id"] for one in managed] == [before.id]


def test_a_rename_to_another_provider_keeps_the_webhook(two_providers: Stack) -> None:
    """In a rename to another provider, one process adopts the webhook, and the other does not delete it."""
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("old", ONE))
    stack.up()
    (before,) = stack.emulator.webhooks(OTHER_PROJECT)
    stack.write(head + webhook("new", ONE, "adopt=True,", "provider=eu"))
    stack.up(warns=left_alone(before.id))
    assert [found.id for found in stack.emulator.webhooks(OTHER_PROJECT)] == [before.id]
    stack.assert_preview_is_empty()


@pytest.mark.parametrize("explicit", [False, True], ids=["same provider", "other provider"])
def test_a_rename_without_an_alias_never_deletes_the_webhook(two_providers: Stack, explicit: bool) -> None:
    """The new name gets a conflict. Under `--continue-on-error` the old name stays. An alias completes it."""
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("old", ONE))
    stack.up()
    (before,) = stack.emulator.webhooks(OTHER_PROJECT)
    stack.write(head + webhook("new", ONE, "", "provider=eu" if explicit else ""))
    shown = stack.up("--continue-on-error", fails=True).output
    assert stack.emulator.webhooks(OTHER_PROJECT) == [before]
    assert f"another resource of this program has the same target as webhook {before.id}" in shown
    assert {*stack.state()} == {"old"}
    stack.write(head + webhook("new", ONE, "", 'aliases=[pulumi.Alias(name="old")]'))
    stack.up()
    assert stack.emulator.webhooks(OTHER_PROJECT) == [before]
    assert {*stack.state()} == {"new"}


def test_a_failed_forced_replacement_keeps_its_webhook(stack: Stack) -> None:
    """If the adoption of a forced replacement fails, the old webhook is not deleted."""
    stack.write(webhook("hook", ONE, "adopt=True,"))
    stack.up()
    (before,) = stack.emulator.webhooks()
    stack.emulator.faults.add("status", status=500, method="PATCH", times=None)
    replace = ("--replace", f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::hook")
    stack.up("--continue-on-error", *replace, fails=True)
    stack.emulator.faults.clear()
    assert [found.id for found in stack.emulator.webhooks()] == [before.id]
    stack.up()
    assert [found.id for found in stack.emulator.webhooks()] == [before.id]


def test_a_removed_webhook_is_deleted_by_a_run_with_refresh(stack: Stack) -> None:
    """A webhook removed from the program is deleted by `up --refresh` and by `destroy --refresh`."""
    stack.write(webhook("one", ONE) + webhook("two", TWO))
    stack.up()
    stack.write(webhook("one", ONE))
    stack.up("--refresh")
    assert targets(stack) == {ONE}
    stack.destroy("--refresh")
    assert targets(stack) == set()


@pytest.mark.parametrize("variable", [OTHER_PROJECT, ""], ids=["another project", "none"])
def test_a_replacement_keeps_the_project(stack: Stack, variable: str) -> None:
    """A replacement keeps its project, with another `SINCH_PROJECT_ID` or without one."""
    stack.emulator.add_key("both", "key-of-both-projects", [stack.emulator.project_id, OTHER_PROJECT])
    key = {"SINCH_KEY_ID": "both", "SINCH_KEY_SECRET": "key-of-both-projects"}
    program = 'SinchWebhook("hook", target="%s", triggers=["%s"], opts=ResourceOptions(%s))\n'
    options = 'replace_on_changes=["triggers"], ignore_changes=["secret_version"]'
    stack.write(program % (ONE, "ALL", options))
    stack.up(environment=key)
    (before,) = stack.emulator.webhooks()
    stack.write(program % (ONE, "BUNDLE_DONE", options))
    stack.pulumi("up", "--yes", environment={**key, "SINCH_PROJECT_ID": variable})
    (after,) = stack.emulator.webhooks()
    assert after.id != before.id
    assert after.triggers == ("BUNDLE_DONE",)
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


def ids(stack: Stack) -> list[str]:
    return [found.id for found in stack.emulator.webhooks(OTHER_PROJECT)]


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


def test_two_providers_never_share_a_webhook(two_providers: Stack) -> None:
    """A preview rejects the adoption, even if the two resources have different providers."""
    stack = two_providers
    head = declare_eu(stack)
    stack.write(head + webhook("a", ONE))
    stack.up()
    (before,) = ids(stack)
    stack.write(head + webhook("a", ONE) + webhook("b", ONE, "adopt=True,", "provider=eu, depends_on=[eu]"))
    shown = stack.pulumi("up", "--yes", fails=True).output
    assert "A webhook has one owner" in shown
    assert ids(stack) == [before]


def test_a_skipped_adoption_never_deletes_the_webhook(stack: Stack) -> None:
    """If an adoption is skipped under `--continue-on-error`, webhook and state stay."""
    stack.write(webhook("old", ONE))
    stack.up()
    stack.write(broken() + webhook("new", ONE, "adopt=True,", "depends_on=[bad]"))
    shown = stack.up("--continue-on-error", fails=True).output
    assert "so the webhook was kept on purpose" in shown
    assert targets(stack) == {ONE}
    assert "old" in stack.state()


def test_a_skipped_update_never_deletes_the_webhook(stack: Stack) -> None:
    """After an incomplete rename, the old name is not deleted while the new one cannot be updated."""
    stack.write(webhook("old", ONE))
    stack.up()
    stack.write("new = " + webhook("new", ONE, "adopt=True,") + broken("ResourceOptions(depends_on=[new])"))
    stack.up(fails=True)
    assert {"old", "new"} <= {*stack.state()}
    changed = webhook("new", ONE, options="depends_on=[bad]").replace("ALL", "BUNDLE_DONE")
    stack.write(broken() + changed)
    stack.up("--continue-on-error", fails=True)
    assert targets(stack) == {ONE}
    assert {"old", "new"} <= {*stack.state()}


def test_a_run_that_leaves_the_new_name_out(stack: Stack) -> None:
    """After an incomplete rename, `--exclude` of the new name deletes the webhook, as the docs warn."""
    urn = f"urn:pulumi:dev::shop::{WEBHOOK_TYPE}::"
    renamed = "new = " + webhook("new", ONE, "adopt=True,")
    stack.write(webhook("old", ONE))
    stack.up()
    stack.write(renamed + broken("ResourceOptions(depends_on=[new])"))
    stack.up(fails=True)
    stack.write(renamed)
    saved = stack.folder / "saved.json"
    stack.pulumi("stack", "export", "--file", str(saved))
    stack.pulumi("state", "delete", f"{urn}old", "--yes")
    stack.pulumi("up", "--yes", "--expect-no-changes")
    assert targets(stack) == {ONE}
    stack.pulumi("stack", "import", "--file", str(saved))
    stack.up("--exclude", f"{urn}new")
    assert targets(stack) == set()


def test_a_replacement_whose_target_is_ignored_keeps_the_project(stack: Stack) -> None:
    """A replacement with an ignored target keeps its project."""
    stack.emulator.add_key("both", "key-of-both-projects", [stack.emulator.project_id, OTHER_PROJECT])
    key = {"SINCH_KEY_ID": "both", "SINCH_KEY_SECRET": "key-of-both-projects"}
    program = 'SinchWebhook("hook", target="%s", triggers=["%s"], opts=ResourceOptions(%s))\n'
    options = 'replace_on_changes=["triggers"], ignore_changes=["target"]'
    stack.write(program % (ONE, "ALL", options))
    stack.up(environment=key)
    stack.write(program % (TWO, "BUNDLE_DONE", options))
    stack.pulumi("up", "--yes", environment={**key, "SINCH_PROJECT_ID": OTHER_PROJECT})
    assert targets(stack) == {TWO}
    assert targets(stack, OTHER_PROJECT) == set()


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
