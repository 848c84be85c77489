"""The class `Emulator`: a local emulator of Sinch's API as a Python object."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulumi_sinch.emulator.app import create_app
from pulumi_sinch.emulator.authentication import Authentication, Clock
from pulumi_sinch.emulator.backend import Backend, Observer
from pulumi_sinch.emulator.delivery import ATTEMPTS, PAUSE, Delivery, DeliveryLog
from pulumi_sinch.emulator.faults.schedule import FaultSchedule
from pulumi_sinch.emulator.forwarding import Forwarding
from pulumi_sinch.emulator.http_server import Server
from pulumi_sinch.emulator.journal import Journal
from pulumi_sinch.emulator.rate_limits import RateLimiter, checked_limits
from pulumi_sinch.emulator.state_file import open_store, reload_store
from pulumi_sinch.emulator.state_lock import StateLock
from pulumi_sinch.emulator.store import StoredWebhook
from pulumi_sinch.emulator.validation import Behavior, TriggerOrder
from pulumi_sinch.urls import ALLOW_HTTP_HOSTS, is_http_url, is_loopback

if TYPE_CHECKING:
    from typing_extensions import Self

SAMPLE_KEY_ID = "e2b7d9c4-18f3-4a60-b5d7-90c1fa3e8264"
SAMPLE_KEY_SECRET = "sample-key-secret-of-the-emulator"  # noqa: S105 - a sample


class Emulator:
    """A local emulator of Sinch's API. Use it as a context manager, or call `start` and `stop`.

    Args:
        host: Address to listen on.
        port: Port to listen on; 0 picks a free one.
        projects: Projects that exist and that the key can access, in addition to those of the files. The
            first one becomes the attribute `project_id`. Without any, one sample project exists.
        key_id: Id of the access key. Default: a sample.
        key_secret: Secret of the access key. Default: a sample.
        state_file: JSON file that stores the webhooks, including secrets, so that they survive restarts.
        seed_file: JSON file with the webhooks at the first start, and after a reset.
        advertise_url: URL under which clients reach the emulator, such as ``http://sinch:4010``.
            `environment` contains this URL instead of `url`. Call `allow_host` with the host of this URL.
        any_project: Create projects on demand. All keys can access them.
        forward_to: URL of a receiver that gets all events instead of the targets.
        forward_path: Append the path and the query of the target to `forward_to`.
        https_only: Reject targets with ``http``.
        all_with_others: Accept ``ALL`` together with other triggers.
        trigger_order: Order of triggers in responses: ``sent``, ``alphabetical`` or ``reversed``.
        extra_triggers: Triggers that are accepted in addition to the documented ones.
        token_lifetime: Lifetime of a token in seconds.
        rate_per_project: Requests per second to one project. Default: no limit.
        rate_per_key: Requests per second with one access key, token requests included. Default: no limit.
        burst: Number of requests that may arrive at once before these rates apply.
        clock: Returns seconds since the epoch, for the expiry of tokens and the rate limits.

    Raises:
        StateFileError: The state or seed file cannot be used, or another emulator uses the state file.
        ValueError: `advertise_url` or `forward_to` is not an http(s) URL, or a rate limit is not above 0.

    Attributes:
        project_id: The first project.
        key_id: Id of the access key for all projects.
        key_secret: Secret of the access key.
        clock: The clock for the expiry of tokens: ``advance(seconds)``, ``set(epoch_seconds)``.
    """

    def __init__(  # noqa: PLR0913 - keyword arguments with defaults
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        projects: Iterable[str] = (),
        key_id: str | None = None,
        key_secret: str | None = None,
        state_file: str | PathLike[str] | None = None,
        seed_file: str | PathLike[str] | None = None,
        advertise_url: str | None = None,
        any_project: bool = False,
        forward_to: str | None = None,
        forward_path: bool = False,
        https_only: bool = False,
        all_with_others: bool = True,
        trigger_order: TriggerOrder = "sent",
        extra_triggers: Iterable[str] = (),
        token_lifetime: float = 3600,
        rate_per_project: float | None = None,
        rate_per_key: float | None = None,
        burst: int = 10,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Create a stopped emulator."""
        if advertise_url is not None and not is_http_url(advertise_url):
            raise ValueError("advertise_url must be an http or https URL, such as http://sinch:4010")
        behavior = Behavior(https_only, all_with_others, trigger_order, frozenset(extra_triggers))
        forwarding = None if forward_to is None else Forwarding(forward_to, keep_path=forward_path)
        self._state_file = _path(state_file)
        self._state_lock = None if self._state_file is None else StateLock(self._state_file)
        with self._locked_state():
            store, seeded = open_store(
                projects, behavior, self._state_file, _path(seed_file), any_project=any_project
            )
        self.project_id: str = store.projects[0]
        self.key_id: str = key_id or SAMPLE_KEY_ID
        self.key_secret: str = key_secret or SAMPLE_KEY_SECRET
        self.clock: Clock = Clock(clock)
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._connections = itertools.count(1)
        limits = checked_limits(per_project=rate_per_project, per_key=rate_per_key, burst=burst)
        self._backend = Backend(
            store,
            Authentication(self.clock, token_lifetime, any_project=any_project),
            self.clock,
            RateLimiter(self.clock.now, limits),
            seed=seeded,
            forwarding=forwarding,
            state_lock=self._state_lock,
        )
        self._backend.own_host = host.lower()
        self._advertised_url = (advertise_url or "").rstrip("/")
        self._backend.authentication.add_key(self.key_id, self.key_secret, store.projects)

    def __repr__(self) -> str:
        """Return the URL, without the key."""
        return f"<Emulator {self.url if self._server else 'stopped'}>"

    def __enter__(self) -> "Self":
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Start the server. After a `stop`, it has the same port and the same webhooks.

        Raises:
            OSError: The address cannot be used, for example because the port is in use.
            StateFileError: Another emulator uses the state file, or the file cannot be used any more.
        """
        if self._server is not None:
            return
        with self._locked_state() as state:
            if self._state_file is not None:
                reload_store(self._backend.store, self._state_file)
            self._server = Server(self._host, self._port, create_app(self._backend), self._connections)
            self._port = self._backend.port = self._server.port
            self._server.start()
            state.pop_all()  # the lock is kept until `stop`

    def stop(self) -> None:
        """Close open connections and stop listening.

        Takes at most a few seconds, even if clients do not respond.
        """
        if self._server is not None:
            self._server.stop()
            self._server = None
            if self._state_lock is not None:
                self._state_lock.release()

    @contextmanager
    def _locked_state(self) -> Iterator[ExitStack]:
        """Hold the lock on the state file while the block runs. The block can keep it with ``pop_all``."""
        with ExitStack() as held:
            if self._state_lock is not None:
                self._state_lock.acquire()
                held.callback(self._state_lock.release)
            yield held

    @property
    def url(self) -> str:
        """The base URL of the API and of the token endpoint.

        Raises:
            RuntimeError: The emulator was never started, so it has no port yet.
        """
        if not self._port:
            raise RuntimeError("The emulator has no URL before it is started.")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point the provider at the emulator.

        By default the provider rejects a URL with ``http`` that is not loopback. If the advertised URL is
        such a URL, the variables make the provider accept it.
        """
        url = self._advertised_url or self.url
        parts = urlsplit(url)
        host = parts.hostname or ""
        return {
            "SINCH_PROJECT_ID": self.project_id,
            "SINCH_KEY_ID": self.key_id,
            "SINCH_KEY_SECRET": self.key_secret,
            "SINCH_API_URL": url,
            "SINCH_AUTH_URL": url,
            **({ALLOW_HTTP_HOSTS: host} if parts.scheme == "http" and not is_loopback(host) else {}),
        }

    @property
    def journal(self) -> Journal:
        """The latest requests."""
        return self._backend.journal

    @property
    def faults(self) -> FaultSchedule:
        """The scheduled faults."""
        return self._backend.faults

    @property
    def deliveries(self) -> DeliveryLog:
        """The latest attempts to deliver callbacks."""
        return self._backend.deliveries

    @property
    def latency(self) -> float:
        """Seconds added to each request. Can be set."""
        return self._backend.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._backend.latency = seconds

    def limit_rate(
        self, *, per_project: float | None = None, per_key: float | None = None, burst: int = 10
    ) -> None:
        """Reject requests beyond these rates with 429 and ``Retry-After``.

        Without arguments, remove all limits.

        Args:
            per_project: Requests per second to one project.
            per_key: Requests per second with one access key, token requests included.
            burst: Number of requests that may arrive at once before these rates apply.

        Raises:
            ValueError: A value is not above 0.
        """
        limits = checked_limits(per_project=per_project, per_key=per_key, burst=burst)
        self._backend.rate_limiter.set(limits)

    def webhooks(self, project_id: str | None = None) -> list[StoredWebhook]:
        """Return the webhooks of a project, ordered by target. Default: the first project."""
        return self._backend.store.webhooks(project_id or self.project_id)

    def webhook(self, webhook_id: str) -> StoredWebhook:
        """Return one webhook of any project.

        Raises:
            RefusedError: The webhook does not exist (``webhook_not_found``).
        """
        return self._backend.store.find(webhook_id)

    def create_webhook(
        self,
        target: str,
        triggers: Iterable[str] = ("ALL",),
        secret: str = "created-behind-the-scenes",  # noqa: S107 - a sample
        project_id: str | None = None,
    ) -> StoredWebhook:
        """Create a webhook directly, without a request to the API. Unknown triggers are accepted.

        Raises:
            RefusedError: The API would reject the webhook.
        """
        body = {"target": target, "triggers": [str(trigger) for trigger in triggers], "secret": secret}
        return self._backend.store.create(project_id or self.project_id, body, any_trigger=True)

    def change_webhook(
        self,
        webhook_id: str,
        *,
        target: str | None = None,
        triggers: Iterable[str] | None = None,
        secret: str | None = None,
    ) -> StoredWebhook:
        """Change a webhook of any project directly, without a request to the API.

        Unknown triggers are accepted.

        Raises:
            RefusedError: The webhook does not exist, or the API would reject the change.
        """
        fields: Mapping[str, object] = {
            "target": target,
            "triggers": None if triggers is None else [str(trigger) for trigger in triggers],
            "secret": secret,
        }
        sent = {name: value for name, value in fields.items() if value is not None}
        project_id = self._backend.store.find(webhook_id).project_id
        return self._backend.store.update(project_id, webhook_id, sent, any_trigger=True)

    def delete_webhook(self, webhook_id: str) -> None:
        """Delete a webhook of any project directly, without a request to the API.

        Raises:
            RefusedError: The webhook does not exist.
        """
        self._backend.store.delete(self._backend.store.find(webhook_id).project_id, webhook_id)

    def deliver(  # noqa: PLR0913 - keyword arguments with defaults
        self,
        trigger: str,
        *,
        payload: object = None,
        project_id: str | None = None,
        webhook_id: str | None = None,
        attempts: int = ATTEMPTS,
        pause: float = PAUSE,
    ) -> list[Delivery]:
        """Send a signed event to the targets of the webhooks that have its trigger, or ``ALL``.

        The requests go to the real targets, or to the receiver of `forward_to`. The event has sample values
        and a signature that `verify_signature` accepts. Both are inferred, because Sinch does not document
        them.

        Args:
            trigger: The event, such as ``WHATSAPP_SENDER_ACTIVE`` or a `Trigger`.
            payload: A payload to send instead of the placeholder.
            project_id: Project of the webhooks. Default: the project of `webhook_id`, or the first project.
            webhook_id: Only this webhook.
            attempts: Maximum number of attempts, if the receiver does not respond with 2xx.
            pause: Seconds between two attempts.

        Returns:
            All attempts, oldest first. They are in `deliveries` too.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook does not exist (``webhook_not_found``).
            ValueError: The trigger is ``ALL``, which is not an event, or is not known.
        """
        return self._backend.deliver(
            trigger,
            payload=payload,
            project_id=project_id,
            webhook_id=webhook_id,
            attempts=attempts,
            pause=pause,
        )

    def resend(self, number: int) -> Delivery:
        """Send the event of one delivery again, to the current target and signed with the current secret.

        Args:
            number: The number of the delivery.

        Raises:
            LookupError: `deliveries` does not have the delivery.
            RefusedError: The webhook does not exist any more (``webhook_not_found``).
        """
        return self._backend.callback_sender.resend(number)

    def observe(self, observer: Observer) -> None:
        """Call a function with each finished request and each delivery, in the thread that served it.

        Args:
            observer: A function that gets an entry of `journal` or of `deliveries`.
        """
        self._backend.observers.append(observer)

    def add_project(self, project_id: str) -> None:
        """Add a project that no key can access yet."""
        self._backend.store.add_project(project_id)

    def add_key(self, key_id: str, key_secret: str, project_ids: Iterable[str]) -> None:
        """Add an access key, or replace the key with this id. Missing projects are added."""
        accessible = list(project_ids)
        for project_id in accessible:
            self._backend.store.add_project(project_id)
        self._backend.authentication.add_key(key_id, key_secret, accessible)

    def remove_key(self, key_id: str) -> None:
        """Revoke an access key. Its tokens are then rejected as invalid, not as expired."""
        self._backend.authentication.remove_key(key_id)

    def allow_host(self, name: str) -> None:
        """Accept requests whose ``Host`` header has this name, in addition to loopback.

        They may come from other machines, and may use the API, the control API and the page.

        Args:
            name: A host name or address, without a port.
        """
        self._backend.allowed_hosts.add(name.lower())

    def expire_tokens(self) -> None:
        """Expire all tokens that exist."""
        self._backend.authentication.expire_tokens()

    def reset(self) -> None:
        """Restore seeded webhooks and rate limits. Clear faults, latency, clock and logs. Keep tokens."""
        self._backend.reset()


def _path(path: str | PathLike[str] | None) -> Path | None:
    return None if path is None else Path(path)
