"""Access keys, and the tokens that clients get for them (CONTRACT.md, Authentication)."""

import base64
import hmac
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from pulumi_sinch.emulator import errors

_TOKENS_KEPT = 10_000


class Clock:
    """A clock that tests can change, for example to make tokens expire.

    Args:
        now: Function that returns the real time in seconds since the epoch.
    """

    def __init__(self, now: Callable[[], float]) -> None:

        self._now = now
        self._offset = 0.0

    def now(self) -> float:
        """Return the time of this clock in seconds since the epoch."""
        return self._now() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward, or back if `seconds` is negative."""
        self._offset += seconds

    def set(self, epoch_seconds: float) -> None:
        """Set the clock to a time. The clock continues to run from this time."""
        self._offset = epoch_seconds - self._now()

    def reset(self) -> None:
        """Undo `advance` and `set`: the clock shows the real time again."""
        self._offset = 0.0


@dataclass(frozen=True)
class AccessKey:
    """An access key and the projects that it can access."""

    key_id: str
    key_secret: str = field(repr=False)
    project_ids: frozenset[str]


@dataclass
class _Token:
    key_id: str
    expires_at: float


class Authentication:
    """Checks access keys and issues tokens for them.

    Args:
        clock: The clock that decides when tokens expire.
        lifetime: Lifetime of a token in seconds.
        any_project: Whether every access key can access all projects.
    """

    def __init__(self, clock: Clock, lifetime: float, *, any_project: bool = False) -> None:

        self.lifetime = lifetime
        self._any_project = any_project
        self._clock = clock
        self._keys: dict[str, AccessKey] = {}
        self._tokens: OrderedDict[str, _Token] = OrderedDict()
        self._lock = threading.Lock()

    def add_key(self, key_id: str, key_secret: str, project_ids: Iterable[str]) -> None:
        """Add an access key. If a key with this id exists, replace it.

        Tokens of the replaced key stay valid.
        """
        self._keys[key_id] = AccessKey(key_id, key_secret, frozenset(project_ids))

    def remove_key(self, key_id: str) -> None:
        """Revoke an access key and its tokens."""
        self._keys.pop(key_id, None)

    def is_key(self, key_id: str, key_secret: str) -> bool:
        """Return whether an access key with this id and this secret exists."""
        key = self._keys.get(key_id)
        known = key.key_secret if key else ""
        right = hmac.compare_digest(known.encode(), key_secret.encode(errors="surrogateescape"))
        return right and key is not None

    def issue(self, key_id: str) -> str:
        """Issue a token for an access key."""
        now = self._clock.now()
        token = _jwt({"sub": key_id, "iat": int(now), "exp": int(now + self.lifetime)})
        with self._lock:
            self._tokens[token] = _Token(key_id, now + self.lifetime)
            while len(self._tokens) > _TOKENS_KEPT:
                self._tokens.popitem(last=False)
        return token

    def expire_tokens(self) -> None:
        """Expire all tokens that the emulator issued so far."""
        with self._lock:
            for token in self._tokens.values():
                token.expires_at = float("-inf")

    def check_token(self, token: str, project_id: str) -> str:
        """Check that a token gives access to a project. Returns the id of the token's access key.

        Raises:
            RefusedError: The token is unknown or expired, or the access key of the token cannot access the
                project (``unauthorized_error``).
        """
        known = self._tokens.get(token)
        if known is None:
            raise errors.unauthorized()
        if known.expires_at <= self._clock.now():
            raise errors.unauthorized(expired=True)
        self._check_project(known.key_id, project_id)
        return known.key_id

    def check_key(self, key_id: str, key_secret: str, project_id: str) -> str:
        """Check that an access key is valid and gives access to a project. Returns the id of the key.

        Raises:
            RefusedError: The access key is unknown, the secret is wrong, or the key cannot access the project
                (``unauthorized_error``).
        """
        if not self.is_key(key_id, key_secret):
            raise errors.unauthorized()
        self._check_project(key_id, project_id)
        return key_id

    def _check_project(self, key_id: str, project_id: str) -> None:
        key = self._keys.get(key_id)
        if key is None or not (self._any_project or project_id in key.project_ids):
            raise errors.unauthorized()


def _jwt(claims: dict[str, object]) -> str:
    """Return a token in JWT format. Its signature is random, because nobody checks it."""
    parts = [json.dumps({"alg": "RS256", "typ": "JWT"}).encode(), json.dumps(claims).encode()]
    encoded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(32)])
