import json
from collections.abc import Iterator
from typing import Any

import pytest
from pulumi_sinch.api.create import WebhookDraft, create_or_adopt_webhook, create_webhook
from pulumi_sinch.api.errors import AnswerLostError, ApiError, WebhookExistsError, WebhookLimitReachedError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.accounts import open_account
from pulumi_sinch.core.run_state import Run
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.emulator import Emulator
from unit.fakes import FakeTime, in_threads

TARGET = "https://hooks.example.com/a"
DRAFT = WebhookDraft(TARGET, ("ALL",), "a-secret")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def cache(sinch_emulator: Emulator, time: FakeTime) -> Iterator[WebhookCache]:
    account = open_account(Settings.read(lambda _: None, sinch_emulator.environment), time.clock)
    yield account.cache(sinch_emulator.project_id)
    account.client._transport.close()


def calls(emulator: Emulator) -> list[str]:
    return [f"{entry.method} {entry.status}" for entry in emulator.journal.entries(path_contains="/webhooks")]


def test_create(cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime) -> None:
    """The first create sends one list request and one POST. The next create uses the cached list."""
    webhook = create_webhook(cache, Run(), DRAFT, time.deadline())
    create_webhook(cache, Run(), WebhookDraft("https://h.example/", ("ALL",), "s"), time.deadline())
    assert calls(sinch_emulator) == ["GET 200", "POST 201", "POST 201"]
    assert sinch_emulator.webhook(webhook.id).secret == "a-secret"


def test_a_listing_serves_creates_for_five_seconds(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """A list is used by creates for five seconds. A later create requests a new list."""
    for number, passed in enumerate([0, 4.5, 0.5]):
        time.now += passed
        create_webhook(
            cache, Run(), WebhookDraft(f"https://h.example/{number}", ("ALL",), "s"), time.deadline()
        )
    assert calls(sinch_emulator) == ["GET 200", "POST 201", "POST 201", "GET 200", "POST 201"]


def test_a_taken_target(cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime) -> None:
    """A target that another webhook has is an error, and that webhook is not changed."""
    existing = sinch_emulator.create_webhook(TARGET, secret="its-own")
    with pytest.raises(WebhookExistsError):
        create_webhook(cache, Run(), DRAFT, time.deadline())
    assert sinch_emulator.webhook(existing.id).secret == "its-own"


def test_a_full_project(cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime) -> None:
    """If a project has 15 webhooks, a create fails without a retry."""
    for number in range(15):
        sinch_emulator.create_webhook(f"https://h.example/{number}")
    with pytest.raises(WebhookLimitReachedError):
        create_webhook(cache, Run(), DRAFT, time.deadline())
    assert calls(sinch_emulator) == ["GET 200", "POST 424"]


@pytest.mark.parametrize(
    ("secret", "sent", "kept"), [("", "PATCH 200", "its-own"), ("mine", "PUT 200", "mine")]
)
def test_adopt(
    secret: str, sent: str, kept: str, cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """The webhook with the target is adopted. Its secret changes only if one is given."""
    existing = sinch_emulator.create_webhook(TARGET, triggers=["BUNDLE_DONE"], secret="its-own")
    draft = WebhookDraft(TARGET, ("ALL",), secret)
    webhook, adopted = create_or_adopt_webhook(cache, Run(), draft, "new", time.deadline())
    assert (webhook.id, webhook.triggers, adopted) == (existing.id, ("ALL",), True)
    assert calls(sinch_emulator) == ["GET 200", sent]
    assert sinch_emulator.webhook(existing.id).secret == kept


def test_nothing_to_adopt(cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime) -> None:
    """If there is no webhook to adopt, one is created with a new secret."""
    webhook, adopted = create_or_adopt_webhook(
        cache, Run(), WebhookDraft(TARGET, ("ALL",)), "new", time.deadline()
    )
    assert (adopted, sinch_emulator.webhook(webhook.id).secret) == (False, "new")


def test_a_webhook_made_between_the_look_and_the_post_is_adopted(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """A webhook that is created between the list and the POST is adopted after another lookup."""
    cache.webhooks(time.deadline(), max_age=0)
    existing = sinch_emulator.create_webhook(TARGET)
    webhook, adopted = create_or_adopt_webhook(cache, Run(), DRAFT, "new", time.deadline())
    assert (webhook.id, adopted) == (existing.id, True)
    assert calls(sinch_emulator) == ["GET 200", "POST 409", "GET 200", "PUT 200"]


def test_a_conflict_without_a_webhook_to_adopt_stays_one(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """A conflict with a webhook that no list contains is an error."""
    sinch_emulator.faults.add("status", status=409, method="POST", path="*/webhooks", times=None)
    with pytest.raises(WebhookExistsError):
        create_or_adopt_webhook(cache, Run(), DRAFT, "new", time.deadline())
    assert calls(sinch_emulator) == ["GET 200", "POST 409", "GET 200"]


@pytest.mark.parametrize(
    "triggers",
    [
        ["BUNDLE_DONE"],
        ["BUNDLE_DONE", "RCS_ACCOUNT_COMMENT_ADDED", "RCS_SENDER_COMMENT_ADDED"],
        ["WHATSAPP_SENDER_ACTIVE", "WHATSAPP_SENDER_ERROR"],
    ],
)
def test_other_triggers_distinguish_a_foreign_webhook_from_ours(
    triggers: list[str], cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """After a lost POST, a webhook with the target but other triggers does not count as ours."""
    cache.webhooks(time.deadline(), max_age=0)
    foreign_webhook = sinch_emulator.create_webhook(TARGET, triggers=triggers, secret="its-own")
    sinch_emulator.faults.add("reset", method="POST", path="*/webhooks")
    draft = WebhookDraft(TARGET, ("BUNDLE_DONE", "RCS_ACCOUNT_COMMENT_ADDED"), "a-secret")
    with pytest.raises(WebhookExistsError):
        create_webhook(cache, Run(), draft, time.deadline())
    assert sinch_emulator.webhooks() == [foreign_webhook]


@pytest.mark.parametrize("is_listed", [True, False])
def test_the_response_about_another_webhook_is_not_ours(
    is_listed: bool,
    cache: WebhookCache,
    sinch_emulator: Emulator,
    time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An existing id in the response to a POST is not accepted. A gateway may mix up responses."""
    run, post = Run(), cache.client.create
    if is_listed:
        sinch_emulator.create_webhook("https://h.example/existing")
        (other,) = cache.client.list(cache.project_id, time.deadline())
    else:
        other = Webhook(id="of-this-run", target="https://h.example/other")
        run.claim(other.id)

    def mix_up(*request: Any) -> Webhook:
        post(*request)
        return other

    monkeypatch.setattr(cache.client, "create", mix_up)
    webhook = create_webhook(cache, run, DRAFT, time.deadline())
    assert (webhook.id != other.id, webhook.target) == (True, TARGET)
    assert sinch_emulator.webhook(webhook.id).secret == "a-secret"
    assert calls(sinch_emulator)[-3:] == ["POST 201", "GET 200", "PUT 200"]


def test_two_resources_never_adopt_one_webhook(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """If two resources adopt the same target, one gets the webhook and the other one an error."""
    sinch_emulator.create_webhook(TARGET)
    run = Run()
    results = in_threads(2, lambda: create_or_adopt_webhook(cache, run, DRAFT, "new", time.deadline()))
    assert [type(result) for result in results if isinstance(result, Exception)] == [WebhookExistsError]


@pytest.mark.parametrize("kind", ["reset", "truncated_body", "truncated_json"])
def test_a_lost_answer(kind: str, cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime) -> None:
    """A POST that took effect but lost its response leaves exactly one webhook, and it is ours."""
    sinch_emulator.faults.add(kind, method="POST", path="*/webhooks", after_commit=True)  # type: ignore[arg-type]
    webhook = create_webhook(cache, Run(), DRAFT, time.deadline())
    assert [found.id for found in sinch_emulator.webhooks()] == [webhook.id]


@pytest.mark.parametrize(("retry_after", "waits"), [("7", [7.0]), ("86400", [10.0]), (None, [0.25])])
def test_retry_after_counts_between_the_attempts_of_a_create(
    retry_after: str | None,
    waits: list[float],
    cache: WebhookCache,
    sinch_emulator: Emulator,
    time: FakeTime,
) -> None:
    """After a POST with 503, the list is requested at once, and the next POST after `Retry-After`."""
    sinch_emulator.faults.add("status", status=503, method="POST", path="*/webhooks", retry_after=retry_after)
    create_webhook(cache, Run(), DRAFT, time.deadline())
    assert calls(sinch_emulator) == ["GET 200", "POST 503", "GET 200", "POST 201"]
    assert time.slept == waits


def test_a_lost_post_beside_other_webhooks_is_sent_again(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """If no webhook of the project has the target, a lost POST is sent again."""
    for host in ("a.example", "z.example"):
        sinch_emulator.create_webhook(f"https://{host}/")
    sinch_emulator.faults.add("reset", method="POST", path="*/webhooks")
    webhook = create_webhook(cache, Run(), DRAFT, time.deadline())
    assert sinch_emulator.webhook(webhook.id).target == TARGET
    assert [call.split(" ")[0] for call in calls(sinch_emulator)] == ["GET", "POST", "GET", "POST"]


def test_no_wait_for_another_post_uses_up_the_time(sinch_emulator: Emulator) -> None:
    """If the next wait would exceed the deadline, the error of the first lost POST is raised."""
    time = FakeTime(random=1.0)
    account = open_account(Settings.read(lambda _: None, sinch_emulator.environment), time.clock)
    sinch_emulator.faults.add("reset", method="POST", path="*/webhooks", times=None)
    with pytest.raises(AnswerLostError):
        create_webhook(account.cache(sinch_emulator.project_id), Run(), DRAFT, time.deadline(3.5))
    account.client._transport.close()
    assert time.slept == [0.5, 1.0]


def test_a_draft_does_not_show_its_secret() -> None:
    """The repr of a draft does not contain the secret."""
    assert "a-secret" not in repr(DRAFT)


@pytest.mark.parametrize(
    ("status", "body"),
    [(303, ""), (403, "{}"), (404, "<html>"), (409, "<html>"), (413, ""), (424, "{}"), (499, ""), (501, "")],
)
def test_a_post_behind_an_undocumented_response_is_recovered(
    status: int, body: str, cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """A gateway carries the POST out and sends a response of its own: the webhook is found and completed."""
    sinch_emulator.faults.add(
        "status", status=status, body=body, method="POST", path="*/webhooks", after_commit=True
    )
    webhook = create_webhook(cache, Run(), DRAFT, time.deadline())
    assert calls(sinch_emulator) == ["GET 200", f"POST {status}", "GET 200", "PUT 200"]
    assert [found.id for found in sinch_emulator.webhooks()] == [webhook.id]


def test_a_response_to_a_post_about_another_webhook_is_recovered(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """A gateway mixes up the responses to two POSTs: each resource gets the webhook with its own target."""
    body = json.dumps({"id": "f" * 32, "target": "https://hooks.example.com/b", "triggers": ["ALL"]})
    sinch_emulator.faults.add(
        "status", status=201, body=body, method="POST", path="*/webhooks", after_commit=True
    )
    webhook = create_webhook(cache, Run(), DRAFT, time.deadline())
    assert calls(sinch_emulator) == ["GET 200", "POST 201", "GET 200", "PUT 200"]
    assert [found.id for found in sinch_emulator.webhooks()] == [webhook.id]


def test_a_post_is_not_sent_again_after_a_response_that_a_retry_cannot_change(
    cache: WebhookCache, sinch_emulator: Emulator, time: FakeTime
) -> None:
    """The list does not show the webhook, but it may be created a moment later: the error is ambiguous."""
    sinch_emulator.faults.add("status", status=499, method="POST", path="*/webhooks", times=None)
    with pytest.raises(ApiError) as refused:
        create_webhook(cache, Run(), DRAFT, time.deadline())
    assert refused.value.ambiguous
    assert calls(sinch_emulator) == ["GET 200", "POST 499", "GET 200"]
