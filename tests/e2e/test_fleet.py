"""The fleet example on the real engine: six customers, each with a Sinch project and a stack."""

import pytest
from e2e.fleets import FleetProject, stacks_in
from e2e.harness import Stack


@pytest.fixture
def six(stack: Stack) -> FleetProject:
    """Six customers. Only its own access key opens the project of the last one."""
    fleet = FleetProject(stack, 6)
    fleet.customers["customer-6"]["credentials"] = "OWN"
    fleet.write()
    emulator = stack.emulator
    emulator.add_key(emulator.key_id, emulator.key_secret, [fleet.project(name) for name in fleet.names[:-1]])
    emulator.add_key("own-key", "key-secret-of-the-last-customer", [fleet.project("customer-6")])
    return fleet


def test_a_fleet_lives_and_ends(six: FleetProject) -> None:
    """A failure stops no other customer. Drift is repaired. Destroy ends it."""
    emulator, declared = six.emulator, six.declared_targets()
    taken = emulator.create_webhook(declared["customer-3"][0], project_id=six.project("customer-3"))

    # One comment for all customers. Those that were not previewed count as failed.
    gate = ("--previews", "previews", "--comment", "comment.md", "--fail-on", "delete")
    six.run("preview", "customer-1", *gate)
    comment = (six.folder / "comment.md").read_text()
    assert "### Sinch webhooks: 2 to create\n" in comment
    assert "customer-1" in comment
    six.run("comment", *gate, status=3)
    comment = (six.folder / "comment.md").read_text()
    assert "### Sinch webhooks: 2 to create, 5 previews failed\n" in comment
    assert "customer-6: **the preview failed**" in comment
    assert all(not targets for name, targets in six.targets().items() if name != "customer-3")

    # Two of these customers fail: a target is taken, an access key is missing.
    some = ("customer-1", "customer-3", "customer-5", "customer-6")
    rows = six.rows(six.run("up", *some, "--parallel", "2", status=1))
    assert {name for name, row in rows.items() if row.startswith("failed")} == {"customer-3", "customer-6"}
    assert rows["customer-6"] == "failed set OWN_SINCH_KEY_ID and OWN_SINCH_KEY_SECRET"
    assert "senders: pulumi_sinch.WebhookExistsError" in rows["customer-3"]
    assert taken.id in rows["customer-3"]
    for name in ("customer-1", "customer-5"):
        assert rows[name] == "ok 2 create"
        assert six.targets()[name] == declared[name]

    # All customers, in a checkout without the files that the first run left. customer-1 drifted.
    emulator.delete_webhook(emulator.webhooks(six.project("customer-1"))[0].id)
    emulator.delete_webhook(taken.id)
    for file in (six.folder / "program").glob("Pulumi.*.yaml"):
        file.unlink()
    six.stack.environment |= {
        "OWN_SINCH_KEY_ID": "own-key",
        "OWN_SINCH_KEY_SECRET": "key-secret-of-the-last-customer",
    }
    rows = six.rows(six.run("up", "--parallel", "2"))
    assert rows.pop("customer-3") in {"ok 1 create", "ok 2 create"}  # the engine stops after an error
    assert rows == {
        "customer-1": "ok 1 create",
        "customer-5": "ok no change",
        **dict.fromkeys(("customer-2", "customer-4", "customer-6"), "ok 2 create"),
    }
    assert six.targets() == declared

    six.run("destroy", "--yes", "customer-1", "customer-6")
    assert six.targets() == {**declared, "customer-1": [], "customer-6": []}
    assert stacks_in(six.stack) == ["customer-2", "customer-3", "customer-4", "customer-5"]

    del six.customers["customer-5"]
    six.write()
    ran = six.run("destroy", "--yes", "customer-6")  # it has no stack any more
    assert "are of no customer in" in ran.stderr
