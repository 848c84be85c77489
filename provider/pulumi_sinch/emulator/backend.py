"""The state behind the routes. Tests can change it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pulumi_sinch.callbacks.sample_events import sample_event
from pulumi_sinch.emulator.authentication import Authentication, Clock
from pulumi_sinch.emulator.delivery import CallbackSender, Delivery, DeliveryLog
from pulumi_sinch.emulator.faults.schedule import FaultSchedule
from pulumi_sinch.emulator.forwarding import Forwarding
from pulumi_sinch.emulator.journal import Entry, Journal
from pulumi_sinch.emulator.known_triggers import check_event
from pulumi_sinch.emulator.rate_limits import RateLimiter
from pulumi_sinch.emulator.state_lock import StateLock
from pulumi_sinch.emulator.store import Store, StoredWebhook

Observer = Callable[[Entry | Delivery], None]


@dataclass
class Backend:
    """The parts of one emulator.

    Attributes:
        store: Projects and webhooks.
        authentication: Access keys and tokens.
        clock: The clock for the expiry of tokens.
        rate_limiter: The limits for projects and access keys.
        journal: The latest requests.
        faults: The scheduled faults.
        deliveries: The latest attempts to deliver callbacks.
        latency: Seconds added to each request.
        seed: The webhooks that a reset restores.
        allowed_hosts: Hosts that a ``Host`` header may name, in addition to loopback. In lower case.
        own_host: The address that the server listens on. The ``Host`` header of API requests may name it too.
        forwarding: The receiver that gets all events instead of the targets.
        observers: Called with each finished request and each delivery.
        state_lock: The lock on the state file. The server must not lose it, even if nobody refers to the
            `Emulator`.
        port: The port of the server, 0 before it is started. Callbacks are never delivered to it.
    """

    store: Store
    authentication: Authentication
    clock: Clock
    rate_limiter: RateLimiter
    journal: Journal = field(default_factory=Journal)
    faults: FaultSchedule = field(default_factory=FaultSchedule)
    deliveries: DeliveryLog = field(default_factory=DeliveryLog)
    latency: float = 0.0
    seed: Sequence[StoredWebhook] = ()
    allowed_hosts: set[str] = field(default_factory=set)
    own_host: str = ""
    forwarding: Forwarding | None = None
    observers: list[Observer] = field(default_factory=list)
    state_lock: StateLock | None = None
    port: int = 0

    @property
    def callback_sender(self) -> CallbackSender:
        """The sender of callbacks."""
        return CallbackSender(
            self.store, self.deliveries, own_port=self.port, forwarding=self.forwarding, tell=self.tell
        )

    def deliver(  # noqa: PLR0913 - see Emulator.deliver
        self,
        trigger: str,
        *,
        payload: object,
        project_id: str | None,
        webhook_id: str | None,
        attempts: int,
        pause: float,
    ) -> list[Delivery]:
        """Deliver an event. See `Emulator.deliver`.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook does not exist.
            ValueError: The trigger is not an event, or is not known.
        """
        check_event(str(trigger), self.store)
        event = sample_event(trigger)
        if payload is not None:
            event["payload"] = payload
        if project_id is None:
            project_id = self.store.find(webhook_id).project_id if webhook_id else self.store.projects[0]
        return self.callback_sender.deliver(
            project_id, event, webhook_id=webhook_id, attempts=attempts, pause=pause
        )

    def tell(self, event: Entry | Delivery) -> None:
        """Tell all observers about a finished request or a delivery."""
        for observer in self.observers:
            observer(event)

    def reset(self) -> None:
        """Restore seeded webhooks and rate limits. Clear faults, latency, clock and logs. Keep tokens."""
        self.faults.clear()
        self.latency = 0.0
        self.clock.reset()
        self.rate_limiter.reset()
        self.store.replace_all(self.seed)
        self.journal.clear()
        self.deliveries.clear()
