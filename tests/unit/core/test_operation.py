from collections.abc import Iterator

import pytest
from pulumi_sinch.core.accounts import Account, open_account
from pulumi_sinch.core.operation import Operation
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
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
