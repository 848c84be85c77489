"""The state behind the routes, which the calls use and tests can change."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pulumi_sinch.emulator.authentication import Authentication, Clock
from pulumi_sinch.emulator.delivery import CallbackSender, DeliveryLog
from pulumi_sinch.emulator.faults.schedule import FaultSchedule
from pulumi_sinch.emulator.journal import Journal
from pulumi_sinch.emulator.store import Store, StoredWebhook


@dataclass
class Backend:
    """The parts of one emulator.

    Attributes:
        store: Projects and webhooks.
        authentication: Access keys and tokens.
        clock: Decides when tokens expire.
        journal: The latest requests.
        faults: The scheduled faults.
        deliveries: The latest attempts to deliver callbacks.
        latency: Seconds added to each call.
        seed: The webhooks that a reset restores.
        allowed_hosts: Hosts that requests may name, in addition to loopback. In lower case.
        own_host: The address that the server listens on. Requests to the API may name it, too.
        port: Of the server, 0 before it is started. No callback is delivered to it.
    """

    store: Store
    authentication: Authentication
    clock: Clock
    journal: Journal = field(default_factory=Journal)
    faults: FaultSchedule = field(default_factory=FaultSchedule)
    deliveries: DeliveryLog = field(default_factory=DeliveryLog)
    latency: float = 0.0
    seed: Sequence[StoredWebhook] = ()
    allowed_hosts: set[str] = field(default_factory=set)
    own_host: str = ""
    port: int = 0

    @property
    def callback_sender(self) -> CallbackSender:
        """Delivers callbacks."""
        return CallbackSender(self.store, self.deliveries, own_port=self.port)

    def reset(self) -> None:
        """Restore the seeded webhooks, and clear faults, latency, clock and logs. Tokens stay valid."""
        self.faults.clear()
        self.latency = 0.0
        self.clock.reset()
        self.store.replace_all(self.seed)
        self.journal.clear()
        self.deliveries.clear()
