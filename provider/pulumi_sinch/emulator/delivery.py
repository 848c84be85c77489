"""Deliver callbacks: send a signed event to every webhook with its trigger, retry, and log each attempt."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pulumi_sinch.callbacks.sample_events import DeliveryError, deliver
from pulumi_sinch.callbacks.signature import SignatureMismatchError, sign, verify_signature
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.hosts import reaches_port
from pulumi_sinch.emulator.log import Log
from pulumi_sinch.emulator.store import Store, StoredWebhook
from pulumi_sinch.redaction import redact_target

ATTEMPTS = 3
PAUSE = 1.0

SignatureCheck = Literal["verifies", "secret changed", "webhook deleted"]


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver an event to one webhook.

    Attributes:
        number: Counts the attempts from 1.
        time: Seconds since the epoch.
        project_id: Project of the webhook.
        webhook_id: Id of the webhook.
        target: The target, redacted.
        trigger: The event.
        attempt: 1 for the first attempt.
        status: HTTP status of the receiver's response, None if there was no response.
        problem: The reason for a missing response, or an empty string.
        seal: Signature headers for an empty body, made with the secret that signed the attempt. It shows later
            whether the webhook still has this secret, without keeping the secret or the payload.
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
    seal: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    @property
    def accepted(self) -> bool:
        """True if the receiver responded with 2xx."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004 - HTTP's range of success


class DeliveryLog(Log[Delivery]):
    """The latest attempts, oldest first, without secrets and payloads.

    Args:
        size: Number of attempts to keep.
    """

    def add(  # noqa: PLR0913 - the parts of one attempt
        self,
        webhook: StoredWebhook,
        trigger: str,
        *,
        time: float,
        attempt: int,
        status: int | None,
        problem: str,
    ) -> Delivery:
        """Add an attempt and return its entry."""
        return self._append(
            lambda number: Delivery(
                number=number,
                time=time,
                project_id=webhook.project_id,
                webhook_id=webhook.id,
                target=redact_target(webhook.target),
                trigger=trigger,
                attempt=attempt,
                status=status,
                problem=problem,
                seal=sign(b"", webhook.secret),
            )
        )

    def entries(self, trigger: str | None = None, *, after: int = 0) -> list[Delivery]:
        """Return the attempts, oldest first.

        Args:
            trigger: Only this event.
            after: Only attempts numbered higher than this.
        """
        return [entry for entry in self._after(after) if trigger in {None, entry.trigger}]


@dataclass(frozen=True)
class CallbackSender:
    """Delivers events to the webhooks of a store.

    Attributes:
        store: The webhooks.
        log: Gets an entry for each attempt.
        send: POSTs an event to a URL, signed with a secret, and returns the status.
        now: Returns the current time in seconds since the epoch.
        sleep: Waits for a number of seconds.
        own_port: The port of the emulator, which gets no callback, because one could change the emulator itself.
    """

    store: Store
    log: DeliveryLog
    send: Callable[[str, Mapping[str, Any], str], int] = deliver
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    own_port: int = 0

    def deliver(
        self, project_id: str, event: Mapping[str, Any], *, attempts: int = ATTEMPTS, pause: float = PAUSE
    ) -> list[Delivery]:
        """Deliver an event to each webhook of a project that has its trigger, or ``ALL``.

        An attempt without a 2xx response is retried, as Sinch does. Sinch does not document how often and when it
        retries (CONTRACT.md, Callbacks). Nor does it document the secret and the target of a retry. Here, each attempt
        uses the current ones.

        Args:
            project_id: Project of the webhooks.
            event: The body of the callback.
            attempts: Maximum number of attempts for each webhook.
            pause: Seconds between two attempts.

        Returns:
            All attempts, oldest first. Empty if no webhook has the trigger.

        Raises:
            LookupError: The project does not exist.
        """
        if project_id not in self.store.projects:
            raise LookupError("There is no such project.")
        trigger = str(event["type"])
        done: list[Delivery] = []
        waiting = [webhook.id for webhook in self.store.webhooks(project_id)]
        for attempt in range(1, attempts + 1):
            if attempt > 1:
                self.sleep(pause)
            tried = [
                self._try(webhook, event, attempt)
                for webhook in map(self._found, waiting)
                if webhook is not None and {trigger, "ALL"}.intersection(webhook.triggers)
            ]
            done += tried
            waiting = [delivery.webhook_id for delivery in tried if not delivery.accepted]
            if not waiting:
                break
        return done

    def check_signature(self, delivery: Delivery) -> SignatureCheck:
        """Check the signature of a delivery with the current secret of the webhook, whatever its age."""
        webhook = self._found(delivery.webhook_id)
        if webhook is None:
            return "webhook deleted"
        try:
            verify_signature(b"", delivery.seal, webhook.secret, tolerance=math.inf)
        except SignatureMismatchError:
            return "secret changed"
        return "verifies"

    def _found(self, webhook_id: str) -> StoredWebhook | None:
        try:
            return self.store.find(webhook_id)
        except RefusedError:
            return None  # deleted in the meantime

    def _try(self, webhook: StoredWebhook, event: Mapping[str, Any], attempt: int) -> Delivery:
        moment = self.now()
        status, problem = self._send(webhook, event)
        return self.log.add(
            webhook, str(event["type"]), time=moment, attempt=attempt, status=status, problem=problem
        )

    def _send(self, webhook: StoredWebhook, event: Mapping[str, Any]) -> tuple[int | None, str]:
        """Return the status of the receiver's response, or the reason for a missing one."""
        if reaches_port(webhook.target, self.own_port):
            return None, f"{redact_target(webhook.target)} is the emulator itself: it receives no callbacks"
        try:
            return self.send(webhook.target, event, webhook.secret), ""
        except DeliveryError as error:
            return None, str(error)
