"""The documented behavior of Sinch's API, tested at the API itself.

`make live` runs these tests in the project of the `SINCH_…` variables. They need room for two webhooks there,
and delete the webhooks that they create. `make test` runs them against the emulator, which tests the suite,
not Sinch.

Some undocumented facts are visible only to a receiver that Sinch can reach. Look at a real callback by hand:

- the signed text: `raw body + "." + nonce + "." + timestamp` is inferred;
- the characters of a nonce: one with a dot is rejected;
- how often a callback is retried, and whether a retry is signed again.
"""

import uuid

import pytest
from pulumi_sinch.api.create import WebhookDraft, create_webhook
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import (
    InvalidIdFormatError,
    InvalidInputError,
    WebhookExistsError,
    WebhookNotFoundError,
)
from pulumi_sinch.api.triggers import Trigger
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.run_state import Run


def deadline(cache: WebhookCache) -> Deadline:
    return cache.client.clock.deadline(30)


def draft(*triggers: Trigger) -> WebhookDraft:
    target = f"https://pulumi-sinch-{uuid.uuid4().hex}.example.com/webhook"
    return WebhookDraft(target, tuple(trigger.value for trigger in triggers), uuid.uuid4().hex)


def test_a_webhook_lives_and_dies(cache: WebhookCache) -> None:
    """All six requests work as documented, and a second DELETE is `webhook_not_found`."""
    client, project = cache.client, cache.project_id
    wanted = draft(Trigger.WHATSAPP_SENDER_ACTIVE, Trigger.RCS_SENDER_COMMENT_ADDED)
    created = create_webhook(cache, Run(), wanted, deadline(cache))
    assert (created.target, {*created.triggers}) == (wanted.target, {*wanted.triggers})
    assert client.get(project, created.id, deadline(cache)) == created
    assert created in client.list(project, deadline(cache))
    patched = client.update(project, created.id, {"triggers": ["ALL"]}, deadline(cache))
    assert (patched.id, patched.target, patched.triggers) == (created.id, wanted.target, ("ALL",))
    replaced = client.replace(project, created.id, wanted.fields, deadline(cache))
    assert (replaced.id, {*replaced.triggers}) == (created.id, {*wanted.triggers})
    client.delete(project, created.id, deadline(cache))
    with pytest.raises(WebhookNotFoundError):
        client.get(project, created.id, deadline(cache))
    client.delete(project, created.id, deadline(cache))


def test_a_target_is_unique_in_its_project(cache: WebhookCache) -> None:
    """POST and PATCH with the target of another webhook are 409 `webhook_exists`."""
    client, project = cache.client, cache.project_id
    first, second = draft(Trigger.ALL), draft(Trigger.ALL)
    create_webhook(cache, Run(), first, deadline(cache))
    with pytest.raises(WebhookExistsError):
        client.create(project, first.fields, deadline(cache))
    other = create_webhook(cache, Run(), second, deadline(cache))
    with pytest.raises(WebhookExistsError):
        client.update(project, other.id, {"target": first.target}, deadline(cache))


def test_bad_requests_are_refused_with_their_codes(cache: WebhookCache) -> None:
    """An empty list of triggers is `invalid_input`, a malformed id `invalid_id_format`."""
    client, project = cache.client, cache.project_id
    with pytest.raises(InvalidInputError):
        client.create(project, {**draft(Trigger.ALL).fields, "triggers": []}, deadline(cache))
    with pytest.raises(InvalidIdFormatError):
        client.get(project, "not-an-id", deadline(cache))


@pytest.mark.parametrize("trigger", Trigger)
def test_every_known_trigger_is_accepted(cache: WebhookCache, trigger: Trigger) -> None:
    """Sinch accepts every trigger of this release."""
    created = create_webhook(cache, Run(), draft(trigger), deadline(cache))
    assert created.triggers == (trigger.value,)
