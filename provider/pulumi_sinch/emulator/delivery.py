"""Deliver callbacks: send signed events to the targets of webhooks, retry, and log each attempt."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi_sinch.callbacks.sample_events import (
    DeliveryError,
    SignedEvent,
    encode_event,
    send,
    signed_event,
)
from pulumi_sinch.callbacks.signature import SignatureMismatchError, verify_signature
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.forwarding import Forwarding
from pulumi_sinch.emulator.hosts import reaches_port
from pulumi_sinch.emulator.log import Log
from pulumi_sinch.emulator.store import Store, StoredWebhook
from pulumi_sinch.redaction import redact_target

ATTEMPTS = 3
PAUSE = 1.0
DELIVERIES_KEPT = 1000

SignatureCheck = Literal["verifies", "secret changed", "webhook deleted"]


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event to one webhook.

    Attributes:
        number: Number of the attempt in the log. The first attempt has the number 1.
        time: Time of the attempt, in seconds since the epoch.
        project_id: Project of the webhook.
        webhook_id: Id of the webhook.
        target: Target of the webhook, redacted.
        trigger: The event, such as ``BUNDLE_DONE``.
        attempt: 1 for the first attempt to deliver the event to this webhook, 2 for the first retry.
        status: HTTP status of the receiver's response. None if no response arrived.
        problem: The reason why no response arrived. An empty string if a response arrived.
        forwarded_to: Redacted URL to which the event was sent instead of to the target. An empty string if
            the event was sent to the target.
        milliseconds: Time until the response arrived or the attempt failed.
        resend_of: For an attempt that `resend` made: the `number` of the earlier attempt. Otherwise None.
        headers: The headers of the request, including the signature.
        body: The body of the request, exactly as it was signed.
    """

    number: int
    time: float
    project_id: str
    webhook_id: str
    target: str
    trigger: str
    attempt: int
    status: int | None
    problem: str = ""
    forwarded_to: str = ""
    milliseconds: float = 0.0
    resend_of: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: str = field(default="", repr=False)

    @property
    def accepted(self) -> bool:
        """True if the receiver responded with a 2xx status."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success


class DeliveryLog(Log[Delivery]):
    """A log of the latest attempts to deliver events, oldest first. It contains no secrets.

    Args:
        size: Maximum number of attempts to keep.
    """

    def __init__(self, size: int = DELIVERIES_KEPT) -> None:

        super().__init__(size)

    def add(self, create: Callable[[int], Delivery]) -> Delivery:
        """Call `create` with the number of the new attempt, and add the attempt that `create` returns."""
        return self._append(create)

    def entries(
        self,
        trigger: str | None = None,
        *,
        webhook_id: str | None = None,
        status: int | None = None,
        after: int = 0,
    ) -> list[Delivery]:
        """Return the attempts that match all arguments, oldest first.

        Args:
            trigger: Return only attempts to deliver this event.
            webhook_id: Return only attempts for this webhook.
            status: Return only attempts whose response had this HTTP status.
            after: Return only attempts whose number is higher than this number.
        """
        return [
            entry
            for entry in self._after(after)
            if trigger in {None, entry.trigger}
            and webhook_id in {None, entry.webhook_id}
            and status in {None, entry.status}
        ]

    def get(self, number: int) -> Delivery:
        """Return the attempt with this number.

        Raises:
            LookupError: No attempt ever had this number, or the log no longer contains the attempt.
        """
        for entry in self._after(number - 1):
            if entry.number == number:
                return entry
        raise LookupError("This delivery does not exist, or the emulator no longer keeps it.")


@dataclass(frozen=True)
class CallbackSender:
    """Delivers events to the webhooks of a store.

    Attributes:
        store: The store with the webhooks.
        log: The log that gets an entry for each attempt.
        send: Function that POSTs a signed event to a URL and returns the HTTP status of the response.
        now: Function that returns the current time in seconds since the epoch.
        sleep: Function that waits for a number of seconds.
        own_port: Port of the emulator. The sender never delivers a callback to this port of this machine.
        forwarding: The receiver to which all events go instead of to the targets, or None.
        tell: Function to call with each attempt.
    """

    store: Store
    log: DeliveryLog
    send: Callable[[str, SignedEvent], int] = send
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    own_port: int = 0
    forwarding: Forwarding | None = None
    tell: Callable[[Delivery], None] = lambda _: None

    def deliver(
        self,
        project_id: str,
        event: Mapping[str, Any],
        *,
        webhook_id: str | None = None,
        attempts: int = ATTEMPTS,
        pause: float = PAUSE,
    ) -> list[Delivery]:
        """Deliver an event to each webhook of a project that has the event's trigger or ``ALL``.

        If an attempt gets no 2xx response, the sender retries, as Sinch does. Sinch does not document how
        often and when it retries (CONTRACT.md, Callbacks). Sinch also does not document which secret and
        which target a retry uses if the webhook changed. In the emulator, a retry uses the current secret and
        the current target.

        Args:
            project_id: Project of the webhooks.
            event: The body of the callback. Its ``type`` is the trigger.
            webhook_id: Deliver the event only to this webhook of the project. If the webhook has neither the
                event's trigger nor ``ALL``, the sender sends nothing.
            attempts: Maximum number of attempts for each webhook.
            pause: Seconds to wait before each retry.

        Returns:
            All attempts, oldest first. The list is empty if no webhook has the trigger or ``ALL``.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The project does not have the webhook (``webhook_not_found``), or `webhook_id` is
                malformed (``invalid_id_format``).
        """
        self.store.require_project(project_id)
        trigger, body = str(event["type"]), encode_event(event)
        done: list[Delivery] = []
        waiting = self._webhook_ids(project_id, webhook_id)
        for attempt in range(1, attempts + 1):
            if attempt > 1:
                self.sleep(pause)
            tried = [
                self._try(webhook, trigger, body, attempt=attempt)
                for webhook in map(self._found, waiting)
                if webhook is not None and {trigger, "ALL"}.intersection(webhook.triggers)
            ]
            done += tried
            waiting = [delivery.webhook_id for delivery in tried if not delivery.accepted]
            if not waiting:
                break
        return done

    def resend(self, number: int) -> Delivery:
        """Send the body of an earlier delivery again, in one new attempt.

        The attempt uses the current target and the current secret of the webhook.

        Args:
            number: The `number` of the earlier delivery.

        Raises:
            LookupError: The log does not contain a delivery with this number.
            RefusedError: The webhook no longer exists (``webhook_not_found``).
        """
        earlier = self.log.get(number)
        webhook = self.store.find(earlier.webhook_id)
        body = earlier.body.encode("utf-8", "surrogatepass")
        return self._try(webhook, earlier.trigger, body, attempt=1, resend_of=number)

    def check_signature(self, delivery: Delivery) -> SignatureCheck:
        """Check whether the signature of a delivery matches the current secret of the webhook.

        The age of the signature does not matter.
        """
        webhook = self._found(delivery.webhook_id)
        if webhook is None:
            return "webhook deleted"
        try:
            verify_signature(delivery.body, delivery.headers, webhook.secret, tolerance=math.inf)
        except SignatureMismatchError:
            return "secret changed"
        return "verifies"

    def _webhook_ids(self, project_id: str, webhook_id: str | None) -> Iterable[str]:
        if webhook_id is None:
            return [webhook.id for webhook in self.store.webhooks(project_id)]
        return [self.store.get(project_id, webhook_id).id]

    def _found(self, webhook_id: str) -> StoredWebhook | None:
        try:
            return self.store.find(webhook_id)
        except RefusedError:
            return None  # the webhook was deleted in the meantime

    def _try(
        self,
        webhook: StoredWebhook,
        trigger: str,
        body: bytes,
        *,
        attempt: int,
        resend_of: int | None = None,
    ) -> Delivery:
        moment, began = self.now(), time.monotonic()
        url = self.forwarding.url_for(webhook.target) if self.forwarding else webhook.target
        signed = signed_event(body, webhook.secret, timestamp=int(moment))
        status, problem = self._send(url, signed)
        milliseconds = (time.monotonic() - began) * 1000
        delivery = self.log.add(
            lambda number: Delivery(
                number=number,
                time=moment,
                project_id=webhook.project_id,
                webhook_id=webhook.id,
                target=redact_target(webhook.target),
                trigger=trigger,
                attempt=attempt,
                status=status,
                problem=problem,
                forwarded_to=redact_target(url) if self.forwarding else "",
                milliseconds=round(milliseconds, 1),
                resend_of=resend_of,
                headers=signed.headers,
                body=body.decode("utf-8", "surrogatepass"),
            )
        )
        self.tell(delivery)
        return delivery

    def _send(self, url: str, signed: SignedEvent) -> tuple[int | None, str]:
        """Send an event.

        Returns:
            A tuple of a status and a problem. If a response arrived, the status is the HTTP status of the
            response, and the problem is an empty string. If no response arrived, the status is None, and the
            problem is the reason.
        """
        if reaches_port(url, self.own_port):
            return None, f"{redact_target(url)} is the URL of the emulator, which receives no callbacks"
        try:
            return self.send(url, signed), ""
        except DeliveryError as error:
            return None, str(error)
