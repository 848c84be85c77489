"""A cache of one project's webhooks, updated by this process's own writes.

In one process, all operations with the same settings and project share the cache: reading and creating
webhooks, the preflight checks, and the hints in error messages. So one list request is enough for many
webhooks.
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

MAX_AGE_FOR_CREATE = 5.0
"""Maximum age in seconds of the list that a create, an adoption or an error hint uses."""
MAX_AGE_FOR_READ = 60.0
"""Maximum age in seconds of the list that a read uses, so that one list serves a whole refresh."""


@dataclass
class _Listing:
    """The webhooks of a project by id, and the time of the list request."""

    webhooks: dict[str, Webhook]
    taken_at: float


class WebhookCache:
    """Caches the webhooks of one project. Threads may share it."""

    def __init__(self, client: WebhooksClient, project_id: str) -> None:
        """Create an empty cache. The first use fills it."""
        self.client = client
        self.project_id = project_id
        self._listing: _Listing | None = None
        # Webhooks that this process wrote since the last list request began. Its response may lack them.
        self._written: dict[str, Webhook] = {}
        # Ids of deleted webhooks, because a list may still contain a deleted webhook (CONTRACT.md, Fields).
        # Sinch never reuses an id.
        self._gone: set[str] = set()
        self._state = threading.Lock()
        self._fetching = threading.Lock()
        self._targets: dict[str, threading.Lock] = {}

    def webhooks(self, deadline: Deadline, *, max_age: float) -> dict[str, Webhook]:
        """Return the project's webhooks by id.

        Args:
            deadline: The deadline of the operation.
            max_age: Maximum age in seconds of cached webhooks. With 0, the webhooks come from a list request
                that began after this call, in this thread or in another thread.

        Raises:
            SinchError: As `WebhooksClient.list`.
        """
        asked_at = self.client.clock.monotonic()
        cached = self.cached(max_age)
        if cached is not None:
            return cached
        with _held(self._fetching, deadline, "listing the webhooks"):
            # Another thread may have filled the cache while this thread waited.
            cached = self.cached(max(max_age, self.client.clock.monotonic() - asked_at))
            return cached if cached is not None else self._fetch(deadline)

    def cached(self, max_age: float) -> dict[str, Webhook] | None:
        """Return the cached webhooks by id. Sends nothing.

        Returns None if the cache is empty, or if the webhooks are `max_age` seconds old or older.
        """
        with self._state:
            listing = self._listing
            if listing is None or self.client.clock.monotonic() - listing.taken_at >= max_age:
                return None
            return dict(listing.webhooks)

    def _fetch(self, deadline: Deadline) -> dict[str, Webhook]:
        with self._state:
            self._written = {}
        taken_at = self.client.clock.monotonic()
        fetched = {webhook.id: webhook for webhook in self.client.list(self.project_id, deadline)}
        with self._state:
            current = {
                key: webhook for key, webhook in (fetched | self._written).items() if key not in self._gone
            }
            self._listing = _Listing(current, taken_at)
            return dict(current)

    def record(self, webhook: Webhook) -> None:
        """Add or update a webhook that this process has just written."""
        with self._state:
            self._written[webhook.id] = webhook
            if self._listing is not None:
                self._listing.webhooks[webhook.id] = webhook

    def forget(self, webhook_id: str) -> None:
        """Remove a webhook that does not exist any more."""
        with self._state:
            self._gone.add(webhook_id)
            if self._listing is not None:
                self._listing.webhooks.pop(webhook_id, None)

    @contextmanager
    def target_reserved(self, target: str, deadline: Deadline) -> Iterator[None]:
        """Reserve a target while a ``with`` block creates or adopts a webhook. Other threads have to wait.

        Without the reservation, two creates with the same target could run at the same time. If both lost
        their responses, both could find the same new webhook, and each would treat the webhook as its own.
        """
        with self._state:
            lock = self._targets.setdefault(normalised(target), threading.Lock())
        with _held(lock, deadline, "creating the webhook"):
            yield


@contextmanager
def _held(lock: threading.Lock, deadline: Deadline, action: str) -> Iterator[None]:
    """Hold a lock while a ``with`` block runs. Wait for the lock at most until the deadline."""
    if not lock.acquire(timeout=deadline.remaining()):
        raise DeadlineExceededError(f"{action} failed: the timeout of {deadline.seconds:g} seconds is over")
    try:
        yield
    finally:
        lock.release()
