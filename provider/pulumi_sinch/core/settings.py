"""Stack config and environment -> `Settings`.

Config wins over the environment. Reading never fails and never asks the network: what is wrong or missing is told
when it matters, by `check` in a preview or just before the first call.
"""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.urls import is_loopback

DEFAULT_API_URL = "https://provisioning.api.sinch.com"
DEFAULT_AUTH_URL = "https://auth.sinch.com"
DEFAULT_TIMEOUT = 30.0
"""Seconds one operation may take, retries included."""
MAX_TIMEOUT = 3600.0

ENVIRONMENT = {
    "projectId": "SINCH_PROJECT_ID",
    "keyId": "SINCH_KEY_ID",
    "keySecret": "SINCH_KEY_SECRET",
    "accessToken": "SINCH_ACCESS_TOKEN",
    "auth": "SINCH_AUTH",
    "apiUrl": "SINCH_API_URL",
    "authUrl": "SINCH_AUTH_URL",
    "timeout": "SINCH_TIMEOUT",
    "preflight": "SINCH_PREFLIGHT",
}
"""The environment variable of each config key of the namespace ``sinch``."""

# No user, query, fragment or dot segments: what follows is put behind it.
_PLAIN_URL = re.compile(r"(?i:https?)://[^\s@?#\\/]+(?:/(?!\.\.?(?:/|$))[^\s@?#\\/]*)*")
_REFERENCE = re.compile(r"\$\{[^}]*\}|\$[A-Z][A-Z0-9_]+")

Preflight = Literal["off", "warn", "error"]


@dataclass(frozen=True)
class Settings:
    """What one process needs to know about one Sinch account.

    Attributes:
        project_id: From the config; decides where webhooks live.
        environment_project_id: From the environment; serves only webhooks that are about to be created.
        key_id: Access key.
        key_secret: Its secret.
        access_token: A ready bearer token instead of a key.
        auth: How a key is used: ``oauth2``, or ``basic`` (test use only, says Sinch).
        api_url: Base URL of the API, without a slash at its end.
        auth_url: Base URL of the token endpoint, without a slash at its end.
        timeout: Seconds one operation may take, retries included.
        preflight: Whether a preview looks at the live project, and what it does with what it finds.
        problems: What is wrong with values that were given, as sentences.
        misplaced: Keys that were found in the Pulumi project's own namespace, where they have no effect.
    """

    project_id: str = ""
    environment_project_id: str = ""
    key_id: str = ""
    key_secret: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)
    auth: str = "oauth2"
    api_url: str = DEFAULT_API_URL
    auth_url: str = DEFAULT_AUTH_URL
    timeout: float = DEFAULT_TIMEOUT
    preflight: str = "off"
    problems: tuple[str, ...] = ()
    misplaced: tuple[str, ...] = ()

    @classmethod
    def read(cls, config: Callable[[str], Any], environment: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings of one provider instance.

        Args:
            config: Gives a config value by its full key, such as ``sinch:keyId``, `None` where it is not set. A key
                without a namespace is looked up in that of the Pulumi project.
            environment: Defaults to ``os.environ``.
        """
        reader = _Reader(config, os.environ if environment is None else environment)
        credentials = reader.credentials()
        return cls(
            project_id=reader.checked("projectId", reader.configured("projectId")),
            environment_project_id=reader.from_environment("projectId"),
            **credentials,
            auth=reader.choice("auth", ("oauth2", "basic")),
            api_url=reader.url("apiUrl", DEFAULT_API_URL),
            auth_url=reader.url("authUrl", DEFAULT_AUTH_URL),
            timeout=reader.seconds("timeout", DEFAULT_TIMEOUT),
            preflight=reader.choice("preflight", ("off", "warn", "error")),
            misplaced=tuple(key for key in ENVIRONMENT if config(key) is not None),
            problems=tuple(reader.problems),
        )

    def require_usable(self) -> None:
        """Refuse values that no call can be made with.

        Raises:
            SettingsError: Names every one of them, or what is missing of the credentials.
        """
        if self.problems:
            raise SettingsError("; ".join(self.problems))
        if self.access_token or (self.key_id and self.key_secret):
            return
        missing = [
            key for key, value in (("keyId", self.key_id), ("keySecret", self.key_secret)) if not value
        ]
        wanted = " and ".join(f"sinch:{key} ({ENVIRONMENT[key]})" for key in missing)
        raise SettingsError(
            f"Sinch credentials are missing: set {wanted}",
            hint=self.misplaced_hint(*missing)
            or "Use `pulumi config set sinch:keyId …` and `pulumi config set --secret sinch:keySecret …`, or the "
            "environment variables. `pulumi refresh` and `pulumi destroy` use the config of the last `up` unless "
            "`--run-program` is given; the environment is always today's.",
        )

    def misplaced_hint(self, *keys: str) -> str:
        """Return a hint for keys that were set without ``sinch:``, empty where none was."""
        found = [key for key in keys if key in self.misplaced]
        if not found:
            return ""
        names = " and ".join(f"`{key}`" for key in found)
        return f"The config has {names} in the project's own namespace. " + " ".join(
            f"Set `pulumi config set sinch:{key} …` instead." for key in found
        )

    @property
    def can_authenticate(self) -> bool:
        """Whether there is something to authenticate with."""
        return bool(not self.problems and (self.access_token or (self.key_id and self.key_secret)))


class _Reader:
    """Collects values and what is wrong with them."""

    def __init__(self, config: Callable[[str], Any], environment: Mapping[str, str]) -> None:
        self._config = config
        self._environment = environment
        self.problems: list[str] = []

    def configured(self, key: str) -> str:
        value = self._config(f"sinch:{key}")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return "" if value is None else str(value).strip()

    def from_environment(self, key: str) -> str:
        return self._environment.get(ENVIRONMENT[key], "").strip()

    def text(self, key: str) -> str:
        return self.configured(key) or self.from_environment(key)

    def credentials(self) -> dict[str, Any]:
        """Take the kind of credential from the first source that has any part of one."""
        sources = (self.configured, self.from_environment)
        for source in sources:
            parts = {key: source(key) for key in ("accessToken", "keyId", "keySecret")}
            if any(parts.values()):
                break
        if parts["accessToken"]:
            return {"access_token": self.checked("accessToken", parts["accessToken"])}
        if parts["keyId"]:
            parts["keySecret"] = parts["keySecret"] or self.from_environment("keySecret")
        return {
            "key_id": self.checked("keyId", parts["keyId"]),
            "key_secret": self.checked("keySecret", parts["keySecret"]),
        }

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key) or allowed[0]
        if value in allowed:
            return value
        self._problem(key, f"must be one of {', '.join(allowed)}")
        return allowed[0]

    def seconds(self, key: str, default: float) -> float:
        text = self.text(key)
        if not text:
            return default
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if 0 < value <= MAX_TIMEOUT:
            return value
        self._problem(key, f"must be a number of seconds above 0, at most {MAX_TIMEOUT:g}")
        return default

    def url(self, key: str, default: str) -> str:
        value = self.text(key) or default
        try:
            parts = urlsplit(value)
            port_is_valid = parts.port is None or parts.port > 0
        except ValueError:
            port_is_valid = False
        if not (_PLAIN_URL.fullmatch(value) and port_is_valid and parts.hostname):
            self._problem(key, "must be a URL such as " + default)
        elif parts.scheme == "http" and not is_loopback(parts.hostname):
            self._problem(key, "must begin with https:// (http:// is for loopback addresses only)")
        else:
            return value.rstrip("/")
        return default

    def checked(self, key: str, value: str) -> str:
        """Note what keeps a text from being sent, and return it."""
        configured = self._config(f"sinch:{key}")
        if isinstance(configured, bool) or not isinstance(configured, str | int | float | None):
            self._problem(key, "must be a text")
        elif _REFERENCE.fullmatch(value):
            self._problem(key, "is a reference to a variable that was not resolved")
        elif not (value.isascii() and value.isprintable()) or " " in value:
            self._problem(key, "holds characters that cannot be sent in an HTTP header")
        return value

    def _problem(self, key: str, sentence: str) -> None:
        self.problems.append(f"sinch:{key} ({ENVIRONMENT[key]}) {sentence}")
