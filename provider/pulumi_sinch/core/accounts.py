"""What one plugin process shares per account: session, token, listings. The only module-level state.

The provider object itself holds nothing, because Pulumi pickles it into every resource (ENGINE.md, Shape).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pulumi_sinch.api.auth import Auth, FixedAuth, OAuth2Auth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.settings import Settings


class Plan:
    """What the checks of this process have seen of one project's webhooks: the memory of `preflight`."""

    def __init__(self) -> None:
        """Start with nothing seen."""
        self._created: set[object] = set()
        self._unreachable: tuple[str, str] | None = None
        self._lock = threading.Lock()

    def add(self, target: object) -> set[object]:
        """Add a webhook that is about to be created, and return all of them."""
        with self._lock:
            self._created.add(target)
            return {*self._created}

    @contextmanager
    def reachable_once(self) -> Iterator[None]:
        """Let the first look that fails be the last one, so that many webhooks do not wait one after the other.

        Raises:
            SinchError: This look failed, or an earlier one did.
        """
        if self._unreachable is not None:
            sentence, hint = self._unreachable
            raise SinchError(sentence, hint=hint)
        try:
            yield
        except SinchError as error:
            self._unreachable = error.sentence, error.hint  # not the error, whose frames would stay in memory
            raise


@dataclass
class Account:
    """One set of settings and everything that its operations share.

    Attributes:
        settings: What the account was opened with.
        client: Speaks to Sinch.
    """

    settings: Settings
    client: WebhooksClient
    _caches: dict[str, WebhookCache] = field(default_factory=dict)
    _plans: dict[str, Plan] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cache(self, project_id: str) -> WebhookCache:
        """Return the cache of a project's webhooks."""
        with self._lock:
            if project_id not in self._caches:
                self._caches[project_id] = WebhookCache(self.client, project_id)
            return self._caches[project_id]

    def plan(self, project_id: str) -> Plan:
        """Return what the checks of this process have seen of a project."""
        with self._lock:
            return self._plans.setdefault(project_id, Plan())

    def deadline(self) -> Deadline:
        """Start the time of one operation."""
        return self.client.clock.deadline(self.settings.timeout)


_accounts: dict[Settings, Account] = {}
_lock = threading.Lock()


def account(settings: Settings) -> Account:
    """Return the account of these settings, the same one for all threads of the process.

    Raises:
        SettingsError: A setting is missing or cannot be used.
    """
    settings.require_usable()
    with _lock:
        if settings not in _accounts:
            _accounts[settings] = open_account(settings)
        return _accounts[settings]


def share(opened: Account) -> None:
    """Let all threads use an account that was opened by the caller, such as one with a test's own clock."""
    with _lock:
        _accounts[opened.settings] = opened


def open_account(settings: Settings, clock: Clock | None = None) -> Account:
    """Prepare an account; nothing is sent yet.

    Args:
        settings: Usable ones.
        clock: A test passes its own.
    """
    transport = Transport(clock)
    return Account(settings, WebhooksClient(transport, _auth(settings, transport), api_url=settings.api_url))


def _auth(settings: Settings, transport: Transport) -> Auth:
    if settings.access_token:
        return FixedAuth.bearer(settings.access_token)
    if settings.auth == "basic":
        return FixedAuth.basic(settings.key_id, settings.key_secret)
    return OAuth2Auth(
        transport, auth_url=settings.auth_url, key_id=settings.key_id, key_secret=settings.key_secret
    )
