"""The state of one emulator, which the routes read and change."""

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
    """The state of one emulator.

    Attributes:
        store: The projects and their webhooks.
        authentication: The access keys and the tokens.
        clock: The emulator's clock. Token expiry, rate limits and journal entries use its time.
        rate_limiter: The rate limits for projects and access keys.
        journal: The log of the latest requests.
        faults: The faults that tests scheduled.
        deliveries: The log of the latest attempts to deliver callbacks.
        latency: Seconds that each request waits before the emulator handles it.
        seed: The webhooks that a reset restores.
        allowed_hosts: Names and addresses of hosts, in lower case. The emulator accepts requests whose
            ``Host`` header names one of these hosts. Loopback hosts are always accepted.
        own_host: The address that the server listens on. Requests to the API may also have this address in
            the ``Host`` header.
        forwarding: The receiver to which all events go instead of to the targets, or None.
        observers: Functions to call with each finished request and each delivery.
        state_lock: The lock on the state file, or None. This attribute prevents the garbage collection of
            the lock while the server runs.
        port: The port of the server, or 0 before the first start. The emulator never delivers callbacks to
            this port.
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
        """A sender that delivers callbacks to the webhooks of this backend."""
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
        """Deliver an event to webhooks. `Emulator.deliver` describes the arguments and the result.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook does not exist.
            ValueError: The trigger is unknown, empty or ``ALL``. ``ALL`` is the trigger for all events, so
                it is not an event.
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
        """Call each observer with the given request or delivery."""
        for observer in self.observers:
            observer(event)

    def reset(self) -> None:
        """Reset the emulator to its initial state, but keep projects, access keys and tokens.

        The webhooks of the seed file replace all webhooks. Without a seed file, all webhooks are deleted. The
        rate limits and the latency return to their initial values. The clock shows the real time again. All
        faults, journal entries and logged deliveries are removed.
        """
        self.faults.clear()
        self.latency = 0.0
        self.clock.reset()
        self.rate_limiter.reset()
        self.store.replace_all(self.seed)
        self.journal.clear()
        self.deliveries.clear()
