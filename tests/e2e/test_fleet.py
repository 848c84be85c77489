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


def failed(rows: dict[str, str]) -> set[str]:
    return {name for name, row in rows.items() if row.startswith("failed")}


def test_a_fleet_lives_and_ends(six: FleetProject) -> None:
    """Shards are all customers; failures stop no other; drift is found and repaired; destroy ends it."""
    emulator, declared = six.emulator, six.declared_targets()
    taken = emulator.create_webhook(declared["customer-3"][0], project_id=six.project("customer-3"))

    # One comment for all customers. Those that were not previewed count as failed.
    gate = ("--previews", "previews", "--comment", "comment.md", "--fail-on", "delete")
    six.run("preview", "customer-1", "customer-2", *gate)
    comment = (six.folder / "comment.md").read_text()
    assert "### Sinch webhooks: 4 to create\n" in comment
    assert all(name in comment for name in ("customer-1", "customer-2"))
    six.run("comment", *gate, status=3)
    comment = (six.folder / "comment.md").read_text()
    assert "### Sinch webhooks: 4 to create, 4 previews failed\n" in comment
    assert "customer-6: **the preview failed**" in comment
    assert all(not targets for name, targets in six.targets().items() if name != "customer-3")

    # Each customer is in one shard. Two fail: a target is taken, an access key is missing.
    rows = six.rows(six.run("up", "--shard", "1/2", "--parallel", "2", status=1))
    assert [*rows] == ["customer-1", "customer-3", "customer-5"]
    assert failed(rows) == {"customer-3"}
    assert "senders: pulumi_sinch.WebhookExistsError" in rows["customer-3"]
    assert taken.id in rows["customer-3"]
    rows = six.rows(six.run("up", "--shard", "2/2", "--parallel", "2", status=1))
    assert rows == {
        "customer-2": "ok 2 create",
        "customer-4": "ok 2 create",
        "customer-6": "failed set OWN_SINCH_KEY_ID and OWN_SINCH_KEY_SECRET",
    }
    for name in ("customer-1", "customer-2", "customer-4", "customer-5"):
        assert six.targets()[name] == declared[name]

    # customer-1 drifts, and customer-2 does not.
    emulator.delete_webhook(emulator.webhooks(six.project("customer-1"))[0].id)
    rows = six.rows(six.run("check", "customer-1", "customer-2", status=2))
    assert rows == {"customer-1": "ok 1 create", "customer-2": "ok no change"}

    # The same again, in a checkout without the files that the first run left.
    for file in (six.folder / "program").glob("Pulumi.*.yaml"):
        file.unlink()
    emulator.delete_webhook(taken.id)
    six.stack.environment |= {
        "OWN_SINCH_KEY_ID": "own-key",
        "OWN_SINCH_KEY_SECRET": "key-secret-of-the-last-customer",
    }
    rows = six.rows(six.run("up", "--parallel", "2"))
    assert rows["customer-1"] == "ok 1 create"
    assert rows["customer-3"] in {"ok 1 create", "ok 2 create"}  # the engine stops after an error
    assert rows["customer-6"] == "ok 2 create"
    assert {rows[name] for name in ("customer-2", "customer-4", "customer-5")} == {"ok no change"}
    assert six.targets() == declared

    six.run("destroy", "--yes", "customer-1", "customer-6")
    assert six.targets() == {**declared, "customer-1": [], "customer-6": []}
    assert stacks_in(six.stack) == ["customer-2", "customer-3", "customer-4", "customer-5"]
    six.run("destroy", "--yes", "customer-6")  # it has no stack any more

    del six.customers["customer-5"]
    six.write()
    assert "are of no customer in" in six.run("destroy", "--yes", "customer-6").stderr


def test_a_rate_limit_fails_no_customer(stack: Stack) -> None:
    """Two stacks at a time use one access key, which allows 5 requests per second after a burst of 5."""
    fleet = FleetProject(stack, 2)
    fleet.write(
        {f"webhook-{number}": {"path": f"sinch/{number}", "triggers": ["ALL"]} for number in range(15)}
    )
    stack.emulator.limit_rate(per_key=5, burst=5)
    rows = fleet.rows(fleet.run("up", "--parallel", "2"))
    assert rows == {"customer-1": "ok 15 create", "customer-2": "ok 15 create"}
    statuses = [entry.status for entry in stack.emulator.journal.entries()]
    assert 429 in statuses
    assert {*statuses} == {200, 201, 429}
    assert statuses.count(201) == 30
