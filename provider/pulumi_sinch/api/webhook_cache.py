"""The cached listing of one project's webhooks, kept right by this process's own writes.

Shared by read, create, preflight and the hints of errors, so that many webhooks cost one list call.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Deadline
from pulumi_sinch.api.errors import DeadlineExceededError
from pulumi_sinch.api.models import Webhook
from pulumi_sinch.api.targets import normalised

FRESH = 5.0
"""Seconds that a listing counts as taken just now: what a create compares with."""
RECENT = 60.0
"""Seconds that a listing serves the reads of one refresh."""


@dataclass
class _Listing:
    """A project's webhooks by id, and when they were asked for."""

    webhooks: dict[str, Webhook]
    taken_at: float


class Directory:
    """Knows a project's webhooks; several threads may share it."""

    def __init__(self, client: WebhooksClient, project_id: str) -> None:
        """Bind to a project; nothing is fetched before it is needed."""
        self.client = client
        self.project_id = project_id
        self._listing: _Listing | None = None
        # Written while a list call is under way, which may not show it yet.
        self._written: dict[str, Webhook] = {}
        # Ids are never used again, and a list may lag behind a deletion (CONTRACT.md, Undocumented).
        self._gone: set[str] = set()
        self._state = threading.Lock()
        self._fetching = threading.Lock()
        self._targets: dict[str, threading.Lock] = {}

    def webhooks(self, deadline: Deadline, *, max_age: float) -> dict[str, Webhook]:
        """Return the project's webhooks by id.

        Args:
            deadline: Of the operation that asks.
            max_age: Seconds that a cached listing may be old; 0 asks Sinch.

        Raises:
            SinchError: As `WebhooksClient.list`.
        """
        asked_at = self.client.timing.clock()
        cached = self.cached(max_age)
        if cached is not None:
            return cached
        with _held(self._fetching, deadline, "listing the webhooks"):
            # Another thread may have fetched while this one waited: as good as asking now.
            cached = self.cached(max(max_age, self.client.timing.clock() - asked_at))
            return cached if cached is not None else self._fetch(deadline)

    def cached(self, max_age: float) -> dict[str, Webhook] | None:
        """Return the cached webhooks by id, `None` where there are none of that age; never asks Sinch."""
        with self._state:
            listing = self._listing
            if listing is None or self.client.timing.clock() - listing.taken_at >= max_age:
                return None
            return dict(listing.webhooks)

    def _fetch(self, deadline: Deadline) -> dict[str, Webhook]:
        with self._state:
            self._written = {}
        taken_at = self.client.timing.clock()
        fetched = {webhook.id: webhook for webhook in self.client.list(self.project_id, deadline)}
        with self._state:
            current = {
                key: webhook for key, webhook in (fetched | self._written).items() if key not in self._gone
            }
            self._listing = _Listing(current, taken_at)
            return dict(current)

    def record(self, webhook: Webhook) -> None:
        """Take in a webhook as this process just wrote it."""
        with self._state:
            self._written[webhook.id] = webhook
            if self._listing is not None:
                self._listing.webhooks[webhook.id] = webhook

    def forget(self, webhook_id: str) -> None:
        """Remove a webhook that is gone."""
        with self._state:
            self._gone.add(webhook_id)
            if self._listing is not None:
                self._listing.webhooks.pop(webhook_id, None)

    @contextmanager
    def target_reserved(self, target: str, deadline: Deadline) -> Iterator[None]:
        """Let one create at a time work on a target, so that two resources never take one webhook for theirs."""
        with self._state:
            lock = self._targets.setdefault(normalised(target), threading.Lock())
        with _held(lock, deadline, "creating the webhook"):
            yield


@contextmanager
def _held(lock: threading.Lock, deadline: Deadline, action: str) -> Iterator[None]:
    """Hold a lock, waiting for it no longer than the deadline."""
    if not lock.acquire(timeout=deadline.remaining()):
        raise DeadlineExceededError(f"{action} failed: the {deadline.seconds:g} seconds are used up")
    try:
        yield
    finally:
        lock.release()
