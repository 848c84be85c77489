from collections.abc import Iterator

import pytest
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.core import run_state
from pulumi_sinch.core.accounts import Account, open_account
from pulumi_sinch.core.diff import UpdatePlan
from pulumi_sinch.core.operation import Operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
from sent_requests import take_sent_requests
from unit.fakes import FakeTime


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def account(sinch_emulator: Emulator, time: FakeTime) -> Iterator[Account]:
    account = open_account(Settings.read(lambda _: None, sinch_emulator.environment), time.clock)
    yield account
    account.client._transport.close()


def test_a_listing_serves_reads_for_a_minute(
    account: Account, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """One list serves all reads for a minute. A later read requests a new list."""
    webhook = sinch_emulator.create_webhook("https://h.example/")
    lists = []
    for passed in (0, 59, 1):
        time.now += passed
        reading = Operation(account, account.cache(sinch_emulator.project_id), time.deadline())
        assert reading.get(webhook.id).id == webhook.id
        lists.append(sinch_emulator.journal.count("GET"))
    assert lists == [1, 1, 2]


@pytest.fixture
def operation(account: Account, sinch_emulator: Emulator, time: FakeTime) -> Operation:
    run_state.start_run()
    return Operation(account, account.cache(sinch_emulator.project_id), time.deadline())


OLD, LIVE = "https://h.example/old", "https://h.example/live"


def test_a_deletion_sends_one_request(operation: Operation, sinch_emulator: Emulator) -> None:
    """A deletion does not request the list, if no other resource can need the webhook."""
    webhook = sinch_emulator.create_webhook(LIVE)
    operation.delete(webhook.id, OLD)
    assert take_sent_requests(sinch_emulator) == ["token", "DELETE 204"]


@pytest.mark.parametrize("adopted", ["webhook", "target", "target at Sinch"])
def test_an_adoption_that_has_not_succeeded_prevents_the_deletion(
    operation: Operation, sinch_emulator: Emulator, adopted: str
) -> None:
    """A webhook stays if its adoption has started, also if its target has drifted."""
    webhook = sinch_emulator.create_webhook(LIVE)
    run = run_state.current()
    if adopted == "webhook":
        run.claim_adoption(webhook.id)
    else:
        run.begin_adoption(sinch_emulator.project_id, OLD if adopted == "target" else LIVE)
    with pytest.raises(SinchError, match="was kept on purpose"):
        operation.delete(webhook.id, OLD)
    assert sinch_emulator.webhooks() == [webhook]


@pytest.mark.parametrize(
    ("stored", "target"),
    [(OLD, OLD), (OLD, LIVE), ("https://h.example/a", LIVE)],
    ids=["same", "drift", "drift-a"],
)
def test_a_failed_create_prevents_the_deletion(
    operation: Operation, sinch_emulator: Emulator, stored: str, target: str
) -> None:
    """A webhook stays if the create of a resource with its target failed, also if its target has drifted."""
    webhook = sinch_emulator.create_webhook(LIVE)
    run_state.current().record_failed_create(sinch_emulator.project_id, target)
    with pytest.raises(SinchError, match="another resource of this program has the same target"):
        operation.delete(webhook.id, stored)
    assert sinch_emulator.webhooks() == [webhook]


def test_the_failed_create_of_another_target_prevents_nothing(
    operation: Operation, sinch_emulator: Emulator
) -> None:
    """A failed create with another target does not prevent a deletion, also of a webhook that is gone."""
    webhook = sinch_emulator.create_webhook(LIVE)
    run_state.current().record_failed_create(sinch_emulator.project_id, "https://h.example/another")
    operation.delete(webhook.id, LIVE)
    operation.delete(webhook.id, LIVE)
    assert sinch_emulator.webhooks() == []


@pytest.mark.parametrize(
    ("fields", "rotates"), [({"secret": "a-new-secret"}, True), ({"target": OLD}, False)]
)
def test_only_an_ambiguous_rotation_advises_to_send_a_secret_again(
    operation: Operation, sinch_emulator: Emulator, fields: dict[str, str], *, rotates: bool
) -> None:
    """The error of an ambiguous update says how to send the secret again, if the update had a secret."""
    webhook = sinch_emulator.create_webhook(LIVE)
    sinch_emulator.faults.add("reset", method="PATCH", path="*", times=None)
    with pytest.raises(SinchError) as failed:
        operation.update(webhook.id, UpdatePlan(fields, complete=False))
    assert ("this run sends the new secret" in failed.value.hint) == rotates
