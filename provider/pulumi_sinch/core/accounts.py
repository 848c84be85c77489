"""What one plugin process shares per account: session, token, listings. The only module-level state.

The provider object itself holds nothing, because Pulumi pickles it into every resource (ENGINE.md, Shape).
"""

import threading
from dataclasses import dataclass, field

from pulumi_sinch.api.auth import Auth, FixedAuth, OAuth2Auth
from pulumi_sinch.api.client import WebhooksClient
from pulumi_sinch.api.deadline import Deadline, Timing
from pulumi_sinch.api.transport import Transport
from pulumi_sinch.api.webhook_cache import Directory
from pulumi_sinch.core.settings import Settings


@dataclass
class Account:
    """One set of settings and everything that its operations share.

    Attributes:
        settings: What the account was opened with.
        client: Speaks to Sinch.
    """

    settings: Settings
    client: WebhooksClient
    _directories: dict[str, Directory] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def directory(self, project_id: str) -> Directory:
        """Return the listing of a project."""
        with self._lock:
            if project_id not in self._directories:
                self._directories[project_id] = Directory(self.client, project_id)
            return self._directories[project_id]

    def deadline(self) -> Deadline:
        """Start the time of one operation."""
        return self.client.timing.deadline(self.settings.timeout)


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
    """Let all threads use an account that was opened by the caller, such as one with a test's own timing."""
    with _lock:
        _accounts[opened.settings] = opened


def open_account(settings: Settings, timing: Timing | None = None) -> Account:
    """Prepare an account; nothing is sent yet.

    Args:
        settings: Usable ones.
        timing: Clock, sleep and randomness; tests hand in their own.
    """
    transport = Transport(timing)
    return Account(settings, WebhooksClient(transport, _auth(settings, transport), api_url=settings.api_url))


def _auth(settings: Settings, transport: Transport) -> Auth:
    if settings.access_token:
        return FixedAuth.bearer(settings.access_token)
    if settings.auth == "basic":
        return FixedAuth.basic(settings.key_id, settings.key_secret)
    return OAuth2Auth(
        transport, auth_url=settings.auth_url, key_id=settings.key_id, key_secret=settings.key_secret
    )
