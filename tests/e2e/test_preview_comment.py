"""The review comment against the engine: what it announces is what `pulumi up` then does at Sinch."""

import json
from dataclasses import dataclass

from click.testing import CliRunner
from e2e.harness import Stack
from pulumi_sinch.cli import main

HOST = "https://hooks.example.com"
BY_HAND = "made-by-hand-5b1c"
EXIT_FAIL_ON = 3
KINDS = ("create", "update", "replace", "delete", "adopt")


@dataclass
class Review:
    """A comment, and what `up` did afterwards."""

    comment: str
    stopped_by: set[str]
    deleted: set[str]
    created: set[str]


def review(stack: Stack, program: str) -> Review:
    """Preview the program, comment on the preview, then run `up`."""
    stack.write(program)
    preview = stack.pulumi("preview", "--json", "--show-sames", "--show-replacement-steps").stdout

    def run(*options: str) -> tuple[int, str]:
        result = CliRunner().invoke(main, ["preview-comment", "dev=-", *options], input=preview.encode())
        return result.exit_code, result.stdout

    status, comment = run()
    assert status == 0
    stopped_by = {kind for kind in KINDS if run("--fail-on", kind)[0] == EXIT_FAIL_ON}
    before = ids(stack)
    stack.up()
    return Review(comment, stopped_by, before - ids(stack), ids(stack) - before)


def ids(stack: Stack) -> set[str]:
    return {webhook.id for webhook in stack.emulator.webhooks()}


def by_hand(stack: Stack) -> str:
    """Create a webhook that no stack manages; return its id."""
    webhook = stack.emulator.create_webhook(f"{HOST}/theirs", ["ALL"], BY_HAND)
    stack.note_confidential()
    return webhook.id


def managed(path: str = "ours", kind: str = "SinchWebhook", extra: str = "") -> str:
    return f'senders = {kind}("senders", target="{HOST}/{path}", triggers=["ALL"]{extra})\n'


def lookup(webhook_id: str) -> str:
    return f'senders = SinchWebhook.get("senders", "{webhook_id}")\n'


def test_a_managed_webhook_that_becomes_another_lookup_is_a_deletion(stack: Stack) -> None:
    """`up` deletes the managed webhook, so the comment says so and `--fail-on delete` stops it."""
    theirs = by_hand(stack)
    stack.write(managed())
    stack.up()
    ours = ids(stack) - {theirs}
    seen = review(stack, lookup(theirs))
    assert seen.deleted == ours
    assert seen.stopped_by == {"delete"}
    assert f"**delete**: `{HOST}/ours` with `ALL`" in seen.comment


def test_a_lookup_that_becomes_managed_is_a_create(stack: Stack) -> None:
    """`up` creates a webhook and deletes none."""
    stack.write(lookup(by_hand(stack)))
    stack.up()
    seen = review(stack, managed())
    assert (len(seen.created), seen.deleted) == (1, set())
    assert seen.stopped_by == {"create"}
    assert f"create: `{HOST}/ours` with `ALL`" in seen.comment


def test_a_managed_webhook_that_becomes_its_own_lookup_stays(stack: Stack) -> None:
    """`up` deletes nothing; the stack forgets the secret, and removing the lookup later deletes nothing either."""
    stack.write(managed())
    stack.up()
    (ours,) = ids(stack)
    seen = review(stack, lookup(ours) + "pulumi.export('secret', senders.secret)\n")
    assert (seen.created, seen.deleted, seen.stopped_by) == (set(), set(), set())
    assert "1 no longer managed" in seen.comment
    assert stack.state()["senders"]["external"] is True
    assert stack.secret_outputs() == {"secret": ""}
    removed = review(stack, "")
    assert (removed.deleted, removed.stopped_by) == (set(), set())
    assert "no change" in removed.comment


HOOK = 'class MyHook(SinchWebhook, module="shop", name="Hook"):\n    pass\n\n'


def test_a_subclass_with_its_own_type_is_seen(stack: Stack) -> None:
    """The comment tells its update, replacement and deletion from those of other resources."""
    stack.write(HOOK + managed(kind="MyHook"))
    stack.up()
    updated = review(stack, HOOK + managed("other", kind="MyHook"))
    assert (updated.created, updated.deleted, updated.stopped_by) == (set(), set(), {"update"})
    assert "`senders` (`shop:Hook`): update" in updated.comment
    (ours,) = ids(stack)
    deleted = review(stack, HOOK)
    assert (deleted.deleted, deleted.stopped_by) == ({ours}, {"delete"})
    assert f"`senders` (`shop:Hook`): ⚠️ **delete**: `{HOST}/other`" in deleted.comment


def test_a_webhook_that_becomes_a_subclass_is_deleted_and_created(stack: Stack) -> None:
    """Both are shown, although they have one name."""
    stack.write(managed())
    stack.up()
    (ours,) = ids(stack)
    seen = review(stack, HOOK + managed("other", kind="MyHook"))
    assert seen.deleted == {ours}
    assert len(seen.created) == 1
    assert seen.stopped_by == {"create", "delete"}
    assert "| `senders` | ⚠️ **delete**, create |" in seen.comment


def test_an_adoption_is_announced(stack: Stack) -> None:
    """`up` adopts the webhook by hand and creates none, so `--fail-on adopt` and `--fail-on create` both stop it."""
    theirs = by_hand(stack)
    seen = review(stack, managed("theirs", extra=", adopt=True"))
    assert (seen.created, seen.deleted) == (set(), set())
    assert stack.state()["senders"]["id"] == theirs
    assert seen.stopped_by == {"adopt", "create"}
    assert "**adopt** the existing webhook with this target, or create one" in seen.comment


def test_an_adopting_resource_that_finds_no_webhook_creates_one(stack: Stack) -> None:
    """The preview cannot tell it from an adoption, so the comment is the same; afterwards it says "no change"."""
    program = managed(extra=", adopt=True")
    seen = review(stack, program)
    assert len(seen.created) == 1
    assert seen.stopped_by == {"adopt", "create"}
    again = review(stack, program)
    assert again.stopped_by == set()
    assert "no change" in again.comment


def test_a_deletion_that_an_interrupted_update_left_over_is_seen(stack: Stack) -> None:
    """The state still holds the replaced webhook. The next `up` deletes it, whatever the program changes."""
    old = by_hand(stack)
    stack.write(managed())
    stack.up()
    deployment = json.loads(stack.pulumi("stack", "export").stdout)
    resources = deployment["deployment"]["resources"]
    (webhook,) = [resource for resource in resources if resource["urn"].endswith("::senders")]
    resources.append({**webhook, "id": old, "delete": True})
    exported = stack.folder / "interrupted.json"
    exported.write_text(json.dumps(deployment))
    stack.pulumi("stack", "import", "--file", str(exported))
    seen = review(stack, managed())
    assert seen.deleted == {old}
    assert seen.stopped_by == {"delete"}
    assert "| `senders` | ⚠️ **delete** |" in seen.comment
