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
        port: Port to listen on. With 0, the emulator picks a free port.
        projects: Ids of projects to create. The state file and the seed file can contain more projects. The
            access key can access the projects from the argument and from both files. If neither the argument
            nor the files contain a project, the emulator creates a sample project.
        key_id: Id of the access key. Default: a sample id.
        key_secret: Secret of the access key. Default: a sample secret.
        state_file: JSON file that stores the webhooks with their secrets, so that the webhooks survive a
            restart of the emulator.
        seed_file: JSON file with the webhooks that exist at the first start and after `reset`.
        advertise_url: URL under which clients reach the emulator, such as ``http://sinch:4010``.
            `environment` contains this URL instead of `url`. Also call `allow_host` with the host of this
            URL. Without this call, the emulator rejects requests to this URL.
        any_project: Whether every access key can access every project. If true, the emulator also creates a
            missing project when a request names the project.
        forward_to: URL to which the emulator sends all events, instead of to the targets of the webhooks.
        forward_path: Whether to append the path and the query of the target to `forward_to`.
        https_only: Whether to reject targets with ``http``.
        all_with_others: Whether to accept ``ALL`` together with other triggers.
        trigger_order: Order of the triggers in responses. ``sent`` is the order in the request. ``reversed``
            is the opposite of the order in the request. ``alphabetical`` is the alphabetical order.
        extra_triggers: Triggers to accept in addition to the triggers that Sinch documents.
        token_lifetime: Lifetime of an access token in seconds.
        rate_per_project: Maximum number of requests per second to one project. Default: no limit.
        rate_per_key: Maximum number of requests per second with one access key. Token requests count too.
            Default: no limit.
        burst: Number of requests that may arrive at once before `rate_per_project` and `rate_per_key` apply.
        clock: Function that returns the time in seconds since the epoch. The expiry of tokens and the rate
            limits use this time.

    Raises:
        StateFileError: The state file or the seed file cannot be used, or another emulator uses the state
            file.
        ValueError: `advertise_url`, `forward_to`, a rate or `burst` is invalid. `advertise_url` and
            `forward_to` must be http(s) URLs. With `forward_path`, the URL in `forward_to` must have no query
            and no fragment. `limit_rate` describes the valid values for rates and `burst`.

    Attributes:
        project_id: Id of the first project.
        key_id: Id of the access key. The key can access all projects that exist when the emulator is created.
        key_secret: Secret of the access key.
        clock: The emulator's clock. Token expiry and rate limits use its time. A test can change the time
            with ``clock.advance(seconds)`` and ``clock.set(epoch_seconds)``.
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
        """Create the emulator without starting its server."""
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
        """Return a text that contains the URL, but not the access key."""
        return f"<Emulator {self.url if self._server else 'stopped'}>"

    def __enter__(self) -> "Self":
        """Start the server."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the server."""
        self.stop()

    def start(self) -> None:
        """Start the server.

        A stopped emulator can be started again, and then uses its previous port. Without a state file, the
        emulator keeps its webhooks while it is stopped. With a state file, `start` reads the webhooks from
        the file again, because another emulator possibly changed the file in the meantime.

        Raises:
            OSError: The server cannot listen on the address, for example because the port is in use.
            StateFileError: Another emulator uses the state file, or the file is no longer usable.
        """
        if self._server is not None:
            return
        with self._locked_state() as state:
            if self._state_file is not None:
                reload_store(self._backend.store, self._state_file)
            self._server = Server(self._host, self._port, create_app(self._backend), self._connections)
            self._port = self._backend.port = self._server.port
            self._server.start()
            state.pop_all()  # keep the lock until `stop`

    def stop(self) -> None:
        """Close open connections and stop listening.

        `stop` takes at most a few seconds, even if clients do not respond.
        """
        if self._server is not None:
            self._server.stop()
            self._server = None
            if self._state_lock is not None:
                self._state_lock.release()

    @contextmanager
    def _locked_state(self) -> Iterator[ExitStack]:
        """Hold the lock on the state file during a ``with`` block.

        If the block calls ``pop_all`` of the yielded `ExitStack`, the lock stays acquired after the block.
        """
        with ExitStack() as held:
            if self._state_lock is not None:
                self._state_lock.acquire()
                held.callback(self._state_lock.release)
            yield held

    @property
    def url(self) -> str:
        """The base URL of the API and of the token endpoint.

        Raises:
            RuntimeError: The port is not known yet, because `port` is 0 and the emulator was never started.
        """
        if not self._port:
            raise RuntimeError("The emulator has no URL before it is started.")
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self._host, self._host)
        return f"http://[{host}]:{self._port}" if ":" in host else f"http://{host}:{self._port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that point the provider at the emulator.

        The variables contain the URL `advertise_url`, or `url` if `advertise_url` is not set. By default, the
        provider accepts ``http`` URLs only for loopback hosts. For an ``http`` URL with another host, the
        variables include ``SINCH_ALLOW_HTTP_HOSTS``, so that the provider accepts the URL.
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
        """The log of the latest requests to the emulator."""
        return self._backend.journal

    @property
    def faults(self) -> FaultSchedule:
        """The scheduled faults. Tests add and remove faults here."""
        return self._backend.faults

    @property
    def deliveries(self) -> DeliveryLog:
        """The log of the latest attempts to deliver callbacks."""
        return self._backend.deliveries

    @property
    def latency(self) -> float:
        """Seconds that each request waits before the emulator handles it. Tests can change this number."""
        return self._backend.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._backend.latency = seconds

    def limit_rate(
        self, *, per_project: float | None = None, per_key: float | None = None, burst: int = 10
    ) -> None:
        """Set rate limits. The emulator rejects requests beyond the limits with 429 and ``Retry-After``.

        Without arguments, `limit_rate` removes all rate limits.

        Args:
            per_project: Maximum number of requests per second to one project. Default: no limit.
            per_key: Maximum number of requests per second with one access key. Token requests count too.
                Default: no limit.
            burst: Number of requests that may arrive at once before `per_project` and `per_key` apply.

        Raises:
            ValueError: A rate is below 0.001, or `burst` is not between 1 and 1,000,000.
        """
        limits = checked_limits(per_project=per_project, per_key=per_key, burst=burst)
        self._backend.rate_limiter.set(limits)

    def webhooks(self, project_id: str | None = None) -> list[StoredWebhook]:
        """Return the webhooks of a project, ordered by target. Default: the webhooks of the first project."""
        return self._backend.store.webhooks(project_id or self.project_id)

    def webhook(self, webhook_id: str) -> StoredWebhook:
        """Return the webhook with this id, from any project.

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
        """Create a webhook directly, without a request to the API.

        Unknown triggers are accepted, although the API rejects them. Default of `project_id`: the first
        project.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook breaks a rule of the API. Unknown triggers do not cause this error.
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

        Unknown triggers are accepted, although the API rejects them.

        Raises:
            RefusedError: The webhook does not exist, or the change breaks a rule of the API. Unknown triggers
                do not cause this error.
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
        """Send a signed event to the target of each webhook that has the event's trigger or ``ALL``.

        The emulator sends real HTTP requests to the targets. If `forward_to` is set, the requests go to
        `forward_to` instead. By default, the payload has sample values. `verify_signature` accepts the
        signature. Sinch does not document the signature format of these callbacks, so the emulator uses the
        format of another Sinch API (CONTRACT.md, Callbacks).

        Args:
            trigger: The event: a string such as ``WHATSAPP_SENDER_ACTIVE``, or a `Trigger`.
            payload: A payload to send instead of the sample.
            project_id: Project of the webhooks. Default: the project of `webhook_id`, or the first project.
            webhook_id: Send the event only to this webhook. If the webhook has neither the event's trigger
                nor ``ALL``, the emulator sends nothing.
            attempts: Maximum number of attempts for each webhook. The emulator retries if the receiver does
                not respond with 2xx.
            pause: Seconds to wait before each retry.

        Returns:
            All attempts, oldest first. The log `deliveries` also contains these attempts. The list is empty
            if no webhook has the trigger or ``ALL``.

        Raises:
            LookupError: The project does not exist.
            RefusedError: The webhook does not exist, or `project_id` is the id of another project.
            ValueError: The trigger is unknown, empty or ``ALL``. ``ALL`` is the trigger for all events, so
                it is not an event.
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
        """Send the event of an earlier delivery again, in one new attempt.

        The attempt uses the current target and the current secret of the webhook.

        Args:
            number: The `number` of the earlier delivery.

        Raises:
            LookupError: The log `deliveries` does not contain a delivery with this number.
            RefusedError: The webhook no longer exists (``webhook_not_found``).
        """
        return self._backend.callback_sender.resend(number)

    def observe(self, observer: Observer) -> None:
        """Register a function that the emulator calls after each request to the API and each delivery.

        The emulator also calls the function after a request that it rejected because of the ``Host`` header.
        Each call runs in the thread that handled the request or sent the delivery.

        Args:
            observer: The function. Its argument is the `Entry` of the request, or the `Delivery`.
        """
        self._backend.observers.append(observer)

    def add_project(self, project_id: str) -> None:
        """Add a project.

        Call `add_key` to give an access key access to the project. With `any_project`, this is not necessary,
        because every access key can access every project.
        """
        self._backend.store.add_project(project_id)

    def add_key(self, key_id: str, key_secret: str, project_ids: Iterable[str]) -> None:
        """Add an access key. If a key with this id exists, replace it.

        The emulator creates the projects in `project_ids` that do not exist.
        """
        accessible = list(project_ids)
        for project_id in accessible:
            self._backend.store.add_project(project_id)
        self._backend.authentication.add_key(key_id, key_secret, accessible)

    def remove_key(self, key_id: str) -> None:
        """Revoke an access key. The emulator then rejects the key's tokens as invalid, not as expired."""
        self._backend.authentication.remove_key(key_id)

    def allow_host(self, name: str) -> None:
        """Accept requests whose ``Host`` header has this name. Loopback hosts are always accepted.

        Requests with this ``Host`` header may come from other machines. These requests may use the API, the
        control API and the page.

        Args:
            name: A host name or address, without a port.
        """
        self._backend.allowed_hosts.add(name.lower())

    def expire_tokens(self) -> None:
        """Expire all tokens that the emulator issued so far."""
        self._backend.authentication.expire_tokens()

    def reset(self) -> None:
        """Reset the emulator to its initial state, but keep projects, access keys and tokens.

        The webhooks of the seed file replace all webhooks. Without a seed file, all webhooks are deleted. The
        rate limits and the latency return to their initial values. The clock shows the real time again. All
        faults, journal entries and logged deliveries are removed.
        """
        self._backend.reset()


def _path(path: str | PathLike[str] | None) -> Path | None:
    return None if path is None else Path(path)
