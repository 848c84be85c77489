"""Deliver callbacks: send a signed event to every webhook with its trigger, retry, and log each attempt."""

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
        number: Number of the attempt in the log, from 1.
        time: Time of the attempt, in seconds since the epoch.
        project_id: Project of the webhook.
        webhook_id: Id of the webhook.
        target: The redacted target.
        trigger: The event.
        attempt: 1 for the first attempt.
        status: HTTP status of the receiver's response. None without a response.
        problem: The reason for a missing response, or an empty string.
        forwarded_to: The redacted URL of the receiver that got the event instead of the target, or an empty
            string.
        milliseconds: Time until the response, or until the attempt failed.
        resend_of: Number of the delivery that was sent again, or None.
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
        """True if the receiver responded with 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success


class DeliveryLog(Log[Delivery]):
    """The latest attempts, oldest first, without secrets.

    Args:
        size: Number of attempts to keep.
    """

    def __init__(self, size: int = DELIVERIES_KEPT) -> None:

        super().__init__(size)

    def add(self, create: Callable[[int], Delivery]) -> Delivery:
        """Add an attempt. `create` gets its number."""
        return self._append(create)

    def entries(
        self,
        trigger: str | None = None,
        *,
        webhook_id: str | None = None,
        status: int | None = None,
        after: int = 0,
    ) -> list[Delivery]:
        """Return the attempts, oldest first.

        Args:
            trigger: Only this event.
            webhook_id: Only this webhook.
            status: Only responses with this status.
            after: Only attempts numbered higher than this.
        """
        return [
            entry
            for entry in self._after(after)
            if trigger in {None, entry.trigger}
            and webhook_id in {None, entry.webhook_id}
            and status in {None, entry.status}
        ]

    def get(self, number: int) -> Delivery:
        """Return one attempt.

        Raises:
            LookupError: The log does not contain the attempt, or no longer contains it.
        """
        for entry in self._after(number - 1):
            if entry.number == number:
                return entry
        raise LookupError("This delivery does not exist, or the emulator no longer keeps it.")


@dataclass(frozen=True)
class CallbackSender:
    """Delivers events to the webhooks of a store.

    Attributes:
        store: The webhooks.
        log: Gets an entry for each attempt.
        send: POSTs a signed event to a URL. Returns the status.
        now: Returns the current time in seconds since the epoch.
        sleep: Waits for a number of seconds.
        own_port: Port of the emulator. Callbacks are never delivered to it.
        forwarding: The receiver that gets the events instead of the targets.
        tell: Called with each attempt.
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
        """Deliver an event to each webhook of a project that has its trigger, or ``ALL``.

        An attempt without a 2xx response is retried, as Sinch does. Sinch does not document how often and
        when it retries, nor whether a retry uses the current secret and target (CONTRACT.md, Callbacks). In
        the emulator, a retry uses the current secret and target.

        Args:
            project_id: Project of the webhooks.
            event: The body of the callback.
            webhook_id: Only this webhook of the project.
            attempts: Maximum number of attempts for each webhook.
            pause: Seconds between two attempts.

        Returns:
            All attempts, oldest first. Empty if no webhook has the trigger.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook does not exist (``webhook_not_found``).
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
        """Send the body of a delivery once more, to the current target, signed with the current secret.

        Args:
            number: The number of the delivery.

        Raises:
            LookupError: The log does not have the delivery.
            RefusedError: The webhook does not exist any more (``webhook_not_found``).
        """
        earlier = self.log.get(number)
        webhook = self.store.find(earlier.webhook_id)
        body = earlier.body.encode("utf-8", "surrogatepass")
        return self._try(webhook, earlier.trigger, body, attempt=1, resend_of=number)

    def check_signature(self, delivery: Delivery) -> SignatureCheck:
        """Check the signature of a delivery with the current secret of the webhook. Ignore its age."""
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
            return None  # deleted in the meantime

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
        """Return the status of the receiver's response, or the reason for a missing response."""
        if reaches_port(url, self.own_port):
            return None, f"{redact_target(url)} is the URL of the emulator, which receives no callbacks"
        try:
            return self.send(url, signed), ""
        except DeliveryError as error:
            return None, str(error)
