"""Read the settings from the stack config and the environment.

Config takes precedence over environment variables. The source of each value is chosen before the value is
validated. So an invalid config value is a problem even if the environment variable is valid. Reading the
settings never fails and sends no request. Problems are reported later: `check` reports them in a preview, and
other operations report them just before their first request.
"""

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pulumi_sinch.api.errors import SettingsError
from pulumi_sinch.core.misspelt_settings import misspelt_settings
from pulumi_sinch.urls import ALLOW_HTTP_HOSTS, may_use_http

DEFAULT_API_URL = "https://provisioning.api.sinch.com"
DEFAULT_AUTH_URL = "https://auth.sinch.com"
DEFAULT_TIMEOUT = 30.0
"""Maximum seconds of one operation, retries included."""
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
"""The config keys of the namespace ``sinch``, each with its environment variable."""

SECRET_SETTINGS = ("keySecret", "accessToken")
"""The settings that must be marked as Pulumi secrets."""

_CREDENTIALS = ("accessToken", "keyId", "keySecret")
_CHOICES = {"auth": ("oauth2", "basic"), "preflight": ("off", "warn", "error")}
"""The allowed values of a setting. The first one is the default."""
_VALIDATED = (*_CREDENTIALS, "projectId", "auth", "apiUrl", "authUrl", "timeout", "preflight")
"""All keys, in the order in which their problems are reported."""

# A base URL without user, query, fragment and dot segments, because each request appends its path.
_PLAIN_URL = re.compile(r"(?i:https?)://[^\s@?#\\/]+(?:/(?!\.\.?(?:/|$))[^\s@?#\\/]*)*")
_REFERENCE = re.compile(r"\$\{[^}]*\}|\$[A-Z][A-Z0-9_]+")


@dataclass(frozen=True)
class Settings:
    """The settings of one Sinch account.

    Attributes:
        project_id: The project in the config.
        environment_project_id: The project in ``SINCH_PROJECT_ID``. It applies only to webhooks that will be
            created, and to lookups.
        key_id: Id of the access key.
        key_secret: Secret of the access key.
        access_token: A bearer token to use instead of an access key.
        auth: ``oauth2`` or ``basic``. Sinch recommends ``basic`` for tests only.
        api_url: Base URL of the API, without a slash at its end.
        auth_url: Base URL of the token endpoint, without a slash at its end.
        timeout: Maximum seconds of one operation, retries included.
        preflight: How a preview reports conflicts with the webhooks that exist at Sinch: ``off``, ``warn`` or
            ``error``.
        problems: One sentence for each invalid value.
        misplaced: The keys that the user set in the Pulumi project's own namespace instead of ``sinch``. In
            the project's own namespace, these keys have no effect.
        misspelt: One sentence for each key of the namespace ``sinch`` that seems to be a misspelt setting.
            Such a key makes a preview fail.
        maybe_misspelt: The sentences about misspelt keys if the Pulumi project itself is named ``sinch``. In
            this case, `misspelt` is empty. The provider logs these sentences only as warnings, because the
            keys possibly belong to the Pulumi project.
        has_config: Whether a config was read. If not, errors name only environment variables.
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
    misspelt: tuple[str, ...] = ()
    maybe_misspelt: tuple[str, ...] = ()
    has_config: bool = True

    @classmethod
    def read(
        cls,
        config: Callable[[str], Any] | None,
        environment: Mapping[str, str] | None = None,
        *,
        keys: Iterable[str] = (),
    ) -> "Settings":
        """Read the settings of one provider instance. Never fails: invalid values are listed in `problems`.

        Args:
            config: A function that returns the value of a config key, or `None` if the key is not set. Its
                argument is the full key, such as ``sinch:keyId``. A key without a namespace belongs to the
                namespace of the Pulumi project. If `config` is `None`, only environment variables are read.
            environment: The environment variables. Defaults to ``os.environ``.
            keys: All keys of the config, with their namespaces. Needed to find misspelt settings.
        """
        environment = os.environ if environment is None else environment
        has_config = config is not None
        config = config or _no_config
        given = {key: config(f"sinch:{key}") for key in ENVIRONMENT}
        exported = {key: environment.get(variable, "").strip() for key, variable in ENVIRONMENT.items()}
        resolved = _resolve({key: _as_text(value) for key, value in given.items()}, exported)
        problems = {key: _problem(key, resolved[key], given[key], environment) for key in _VALIDATED}
        # Replace each invalid value with its default. `require_usable` then prevents all requests.
        usable = {key: "" if problems[key] else value for key, value in resolved.items()}
        misspelt = dict(misspelt_settings(keys, ENVIRONMENT))
        own_keys = {key for key in misspelt if config(key) is not None}
        return cls(
            project_id=resolved["projectId"],
            environment_project_id=exported["projectId"],
            key_id=resolved["keyId"],
            key_secret=resolved["keySecret"],
            access_token=resolved["accessToken"],
            auth=usable["auth"] or _CHOICES["auth"][0],
            api_url=(usable["apiUrl"] or DEFAULT_API_URL).rstrip("/"),
            auth_url=(usable["authUrl"] or DEFAULT_AUTH_URL).rstrip("/"),
            timeout=float(usable["timeout"] or DEFAULT_TIMEOUT),
            preflight=usable["preflight"] or _CHOICES["preflight"][0],
            misplaced=tuple(key for key in ENVIRONMENT if config(key) is not None),
            misspelt=tuple(sentence for key, sentence in misspelt.items() if key not in own_keys),
            maybe_misspelt=tuple(sentence for key, sentence in misspelt.items() if key in own_keys),
            problems=tuple(
                f"{_name(key, has_config)} {problem}" for key, problem in problems.items() if problem
            ),
            has_config=has_config,
        )

    def name(self, key: str) -> str:
        """Return the name of a setting for messages: its config key and its environment variable.

        If no config was read, the name is only the environment variable.
        """
        return _name(key, self.has_config)

    def require_usable(self) -> None:
        """Validate that requests can be sent with these settings.

        Raises:
            SettingsError: A value is invalid, or credentials are missing. The error names all invalid values,
                or all missing credentials.
        """
        if self.problems:
            raise SettingsError("; ".join(self.problems))
        if self.access_token or (self.key_id and self.key_secret):
            return
        missing = [
            key for key, value in (("keyId", self.key_id), ("keySecret", self.key_secret)) if not value
        ]
        wanted = " and ".join(map(self.name, missing))
        raise SettingsError(
            f"Sinch credentials are missing: set {wanted}",
            hint=self.misplaced_hint(*missing)
            or " ".join(self.misspelt)
            or "Run `pulumi config set sinch:keyId …` and `pulumi config set --secret sinch:keySecret …`, or "
            "set the environment variables. `pulumi refresh` and `pulumi destroy` use the config of the last "
            "`pulumi up` unless you give `--run-program`. Environment variables are always read fresh.",
        )

    def misplaced_hint(self, *keys: str) -> str:
        """Return a hint for the keys that the user set without ``sinch:``. Empty if no such keys exist."""
        found = [key for key in keys if key in self.misplaced]
        if not found:
            return ""
        names = " and ".join(f"`{key}`" for key in found)
        return (
            f"The config has {names} in the namespace of the Pulumi project, not in the namespace sinch. "
            + " ".join(f"Run `pulumi config set sinch:{key} …` instead." for key in found)
        )

    def default_project(self, stored: Mapping[str, Any]) -> str:
        """Return the default project of a webhook, or an empty string.

        ``SINCH_PROJECT_ID`` never applies to an existing webhook of the stack. Otherwise a user who forgot to
        unset this variable could by mistake move existing webhooks to another project, which replaces them.

        Args:
            stored: The inputs in the state. Empty for a lookup, or if the webhook does not exist yet.
        """
        return self.project_id or stored.get("project_id") or ("" if stored else self.environment_project_id)

    def missing_project_text(self) -> str:
        """Return one line with the error message and the hint for a webhook without a project."""
        missing = self.missing_project("the webhook")
        return ". ".join(filter(None, (missing.sentence, missing.hint)))

    def missing_project(self, receiver: str) -> SettingsError:
        """Return the error for a project that neither the program nor a setting names.

        Args:
            receiver: The place in the program where the user can set the project, such as ``the webhook``.
                The error message contains this text.
        """
        return SettingsError(
            f"project_id is missing: set it for {receiver}, or set {self.name('projectId')}",
            hint=self.misplaced_hint("projectId") or " ".join(self.misspelt),
        )

    @property
    def can_authenticate(self) -> bool:
        """True if the settings are valid and have complete credentials."""
        return bool(not self.problems and (self.access_token or (self.key_id and self.key_secret)))


def _no_config(_key: str) -> None:
    return None


def _name(key: str, has_config: bool) -> str:
    return f"sinch:{key} ({ENVIRONMENT[key]})" if has_config else ENVIRONMENT[key]


def _as_text(value: object) -> str:
    """Return a config value as a string. The engine sends a number such as 30 as 30.0, which becomes "30"."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _resolve(configured: Mapping[str, str], exported: Mapping[str, str]) -> dict[str, str]:
    """Choose each value from the config or the environment, without validating the value.

    If neither the config nor the environment contains a value, the chosen value is an empty string.
    """
    resolved = {key: configured[key] or exported[key] for key in ENVIRONMENT}
    # `environment_project_id` has the project of the environment, which does not apply to existing webhooks.
    resolved["projectId"] = configured["projectId"]
    # Do not mix credentials of config and environment: use the config if it has any part of a credential.
    # One exception: the secret of a key id in the config may be in the environment.
    source = configured if any(configured[key] for key in _CREDENTIALS) else exported
    resolved |= {key: source[key] for key in _CREDENTIALS}
    if source["accessToken"]:
        resolved |= {"keyId": "", "keySecret": ""}
    elif source["keyId"] and not source["keySecret"]:
        resolved["keySecret"] = exported["keySecret"]
    return resolved


def _problem(key: str, value: str, given: object, environment: Mapping[str, str]) -> str:
    """Return why a value cannot be used, or an empty string.

    Args:
        key: The key of the setting.
        value: The value from the config or the environment. Empty if the setting is not set, which is valid.
        given: The value in the config, before it was converted to a string.
        environment: The environment variables. ``SINCH_ALLOW_HTTP_HOSTS`` lists the hosts that may use
            ``http``.
    """
    if not value:
        return ""
    match key:
        case "auth" | "preflight":
            return "" if value in _CHOICES[key] else f"must be one of {', '.join(_CHOICES[key])}"
        case "timeout":
            return _timeout_problem(value)
        case "apiUrl" | "authUrl":
            example = DEFAULT_API_URL if key == "apiUrl" else DEFAULT_AUTH_URL
            return _url_problem(value, example, environment)
        case _:
            return _text_problem(value, given)


def _timeout_problem(value: str) -> str:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if 0 < seconds <= MAX_TIMEOUT:
        return ""
    return f"must be a number of seconds above 0, at most {MAX_TIMEOUT:g}"


def _url_problem(value: str, example: str, environment: Mapping[str, str]) -> str:
    try:
        parts = urlsplit(value)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        port_is_valid = False
    if not (_PLAIN_URL.fullmatch(value) and port_is_valid and parts.hostname):
        return "must be a URL such as " + example
    if parts.scheme == "http" and not may_use_http(parts.hostname, environment):
        return (
            "must begin with https:// (http:// is allowed only for loopback addresses, and for the test "
            f"hosts in {ALLOW_HTTP_HOSTS})"
        )
    return ""


def _text_problem(value: str, given: object) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | float | None):
        return "must be a string: quote it in Pulumi.<stack>.yaml"
    if _REFERENCE.fullmatch(value):
        return "is a reference to a variable that was not resolved"
    if not (value.isascii() and value.isprintable()) or " " in value:
        return "contains characters that cannot be sent in an HTTP header"
    return ""
