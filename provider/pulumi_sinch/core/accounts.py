"""The `Account` objects: all operations with the same settings share one `Account`.

An `Account` holds the settings, the HTTP client with its access token, and the webhook caches.

This module stores the `Account` objects in a module-level variable. The provider object cannot hold them,
because Pulumi pickles the provider object into every resource (ENGINE.md, Shape).
"""

import threading
from dataclasses import dataclass, field

from pulumi_sinch.api.auth import Auth, FixedAuth, OAuth2Auth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Clock, Deadline
from pulumi_sinch.api.request_log import RequestLog
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.api.webhook_cache import WebhookCache
from pulumi_sinch.core.diagnostics import log_debug, log_info
from pulumi_sinch.core.settings import Settings


@dataclass
class Account:
    """The settings of a Sinch account, and the objects that all operations with these settings share.

    Attributes:
        settings: The settings of the account.
        client: The HTTP client, which sends requests with the credentials of the account.
    """

    settings: Settings
    client: WebhooksClient
    _caches: dict[str, WebhookCache] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cache(self, project_id: str) -> WebhookCache:
        """Return the webhook cache of a project. Creates the cache on first use."""
        with self._lock:
            if project_id not in self._caches:
                self._caches[project_id] = WebhookCache(self.client, project_id)
            return self._caches[project_id]

    def deadline(self) -> Deadline:
        """Return the deadline of an operation that starts now."""
        return self.client.clock.deadline(self.settings.timeout)


_accounts: dict[Settings, Account] = {}
_lock = threading.Lock()


def get_account(settings: Settings) -> Account:
    """Return the account for these settings. All threads of the process share the account.

    Raises:
        SettingsError: A setting is missing or invalid.
    """
    settings.require_usable()
    with _lock:
        if settings not in _accounts:
            _accounts[settings] = open_account(settings)
        return _accounts[settings]


def share_account(opened: Account) -> None:
    """Store an account, so that `get_account` returns it. Tests store an account with a fake clock."""
    with _lock:
        _accounts[opened.settings] = opened


def open_account(settings: Settings, clock: Clock | None = None) -> Account:
    """Create an account without sending a request.

    Args:
        settings: The settings of the account, which must be valid.
        clock: The source of time, sleep and randomness. Defaults to the real clock. Tests pass a fake clock.
    """
    transport = Transport(clock, RequestLog(debug=log_debug, info=log_info))
    return Account(settings, WebhooksClient(transport, _auth(settings, transport), api_url=settings.api_url))


def _auth(settings: Settings, transport: Transport) -> Auth:
    if settings.access_token:
        return FixedAuth.bearer(settings.access_token)
    if settings.auth == "basic":
        return FixedAuth.basic(settings.key_id, settings.key_secret)
    return OAuth2Auth(
        transport, auth_url=settings.auth_url, key_id=settings.key_id, key_secret=settings.key_secret
    )
