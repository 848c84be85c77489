import threading
from typing import TYPE_CHECKING

import pytest
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import ConnectionFailedError, DeadlineExceededError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.webhook_cache import WebhookCache
from unit.fakes import FakeTime, in_threads

if TYPE_CHECKING:
    from collections.abc import Callable


def webhook(id_: str, target: str = "https://h.example/") -> Webhook:
    return Webhook(id=id_, target=target, triggers=("ALL",))


class Lister:
    """A fake client that returns given lists, and can be paused during a request."""

    def __init__(self, time: FakeTime) -> None:
        self.clock = time.clock
        self.calls = 0
        self.webhooks = [webhook("a")]
        self.error: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None

    def list(self, project_id: str, deadline: Deadline) -> list[Webhook]:
        self.calls += 1
        assert project_id == "p"
        listed = [*self.webhooks]
        self.meanwhile()
        if self.error is not None:
            raise self.error
        return listed


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def lister(time: FakeTime) -> Lister:
    return Lister(time)


@pytest.fixture
def cache(lister: Lister) -> WebhookCache:
    return WebhookCache(lister, "p")  # type: ignore[arg-type]


def test_many_ask_once(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """If many threads ask at once, one list request is sent."""
    lister.meanwhile = lambda: threading.Event().wait(0.05)
    results = in_threads(8, lambda: [*cache.webhooks(time.deadline(), max_age=60)])
    assert results == [["a"]] * 8
    assert lister.calls == 1


def test_the_age_of_a_listing(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """A list is used up to the maximum age that the caller accepts. 0 always sends a request."""
    cache.webhooks(time.deadline(), max_age=5)
    time.now += 4.9
    cache.webhooks(time.deadline(), max_age=5)
    assert lister.calls == 1
    time.now += 0.1
    assert cache.cached(5) is None
    assert cache.cached(60) is not None
    cache.webhooks(time.deadline(), max_age=5)
    assert lister.calls == 2
    cache.webhooks(time.deadline(), max_age=0)
    assert lister.calls == 3


def test_a_listing_that_began_before_the_question_is_no_answer_to_it(
    cache: WebhookCache, lister: Lister, time: FakeTime
) -> None:
    """A caller that needs a fresh list does not get one whose request began earlier."""
    under_way, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        under_way.set()
        assert go_on.wait(20)

    lister.meanwhile = hold
    first = threading.Thread(target=lambda: cache.webhooks(time.deadline(), max_age=0), daemon=True)
    first.start()
    assert under_way.wait(20)
    time.now += 1
    later: list[list[str]] = []
    second = threading.Thread(
        target=lambda: later.append([*cache.webhooks(time.deadline(), max_age=0)]), daemon=True
    )
    second.start()
    lister.webhooks = [webhook("a"), webhook("b")]
    go_on.set()
    first.join(20)
    second.join(20)
    assert later == [["a", "b"]]


def test_own_writes_are_known_at_once(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """Webhooks that this process wrote are in the cache without a new list request."""
    cache.webhooks(time.deadline(), max_age=60)
    cache.record(webhook("b"))
    cache.record(webhook("a", "https://h.example/changed"))
    cache.forget("a")
    cache.forget("never-there")
    assert [*cache.webhooks(time.deadline(), max_age=60)] == ["b"]
    assert lister.calls == 1


def test_own_writes_during_a_list_call_win(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """A write during a list request is kept when the response arrives."""
    lister.webhooks = [webhook("a"), webhook("gone")]

    def write() -> None:
        cache.record(webhook("new"))
        cache.record(webhook("a", "https://h.example/changed"))
        cache.forget("gone")

    lister.meanwhile = write
    listed = cache.webhooks(time.deadline(), max_age=0)
    assert {id_: found.target for id_, found in listed.items()} == {
        "a": "https://h.example/changed",
        "new": "https://h.example/",
    }
    lister.meanwhile = lambda: None
    lister.webhooks = [webhook("a")]
    assert [*cache.webhooks(time.deadline(), max_age=0)] == ["a"]


def test_a_failed_listing_is_not_kept(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """An error is not cached. The next call sends a request, and an older list stays available."""
    cache.webhooks(time.deadline(), max_age=0)
    lister.error = ConnectionFailedError("no connection")
    with pytest.raises(ConnectionFailedError):
        cache.webhooks(time.deadline(), max_age=0)
    assert cache.cached(60) is not None
    lister.error = None
    assert [*cache.webhooks(time.deadline(), max_age=0)] == ["a"]


def test_callers_cannot_change_the_listing(cache: WebhookCache, time: FakeTime) -> None:
    """Every caller gets its own copy."""
    cache.webhooks(time.deadline(), max_age=60).clear()
    assert [*cache.webhooks(time.deadline(), max_age=60)] == ["a"]


def test_one_create_per_target(cache: WebhookCache, time: FakeTime) -> None:
    """A second create of the same target waits until its deadline at most. Other targets do not wait."""
    with cache.target_reserved("https://h.example/", time.deadline()):
        with (
            pytest.raises(DeadlineExceededError, match="creating the webhook failed"),
            cache.target_reserved("https://h.example/", time.deadline(0.02)),
        ):
            pass
        with cache.target_reserved("https://other.example/", time.deadline(0.02)):
            pass
    with cache.target_reserved("https://h.example/", time.deadline(0.02)):
        pass


def test_waiting_for_a_listing_ends(cache: WebhookCache, lister: Lister, time: FakeTime) -> None:
    """A thread waits for another thread's list request no longer than its own operation may take."""
    under_way, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        under_way.set()
        assert go_on.wait(20)

    lister.meanwhile = hold
    first = threading.Thread(target=lambda: cache.webhooks(time.deadline(), max_age=0), daemon=True)
    first.start()
    assert under_way.wait(20)
    with pytest.raises(DeadlineExceededError, match="listing the webhooks failed"):
        cache.webhooks(time.deadline(0.02), max_age=60)
    go_on.set()
    first.join(20)
