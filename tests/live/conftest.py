"""The Sinch project of the live suite: a real one for `make live`, otherwise the emulator's."""

import os
from collections.abc import Iterator

import pytest
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.accounts import open_account
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator


@pytest.fixture
def cache(sinch_emulator: Emulator) -> Iterator[WebhookCache]:
    """The cache of the project's webhooks. Webhooks that a test leaves behind are deleted."""
    is_live = os.environ.get("SINCH_LIVE") == "1"
    environment = dict(os.environ) if is_live else sinch_emulator.environment
    settings = Settings.read(lambda _: None, environment)
    settings.require_usable()
    account = open_account(settings)
    cache = account.cache(settings.environment_project_id)
    before = {*cache.webhooks(account.deadline(), max_age=0)}
    yield cache
    for webhook_id in cache.webhooks(account.deadline(), max_age=0).keys() - before:
        cache.client.delete(cache.project_id, webhook_id, account.deadline())
