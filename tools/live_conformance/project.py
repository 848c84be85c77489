"""A real Sinch project. A run creates webhooks in it, and changes and deletes only these webhooks."""

import base64
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import FrameType
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from pulumi_sinch.api.limits import MAX_WEBHOOKS
from pulumi_sinch.core.settings import Settings
from pulumi_sinch.redaction import sanitize
from pulumi_sinch.urls import is_loopback

HOST_PREFIX = "pulumi-sinch-conformance-"
"""Start of the host of each target. It shows people which webhooks an aborted run left in the project."""
TIMEOUT = 30
"""Seconds after which a request fails."""
_CLEANUP_ROUNDS = 3
_MAX_WAIT = 60.0
"""Maximum seconds to wait after a response with status 429, even if its `Retry-After` is longer."""
_DEFAULT_WAIT = 10.0
"""Seconds to wait after a response with status 429 and without a valid `Retry-After`."""
_SLICE = 0.1
"""Maximum seconds of one sleep. Each sleep is short, because a signal only sets a flag and ends no sleep."""


class StoppedError(Exception):
    """The run ends early. The message says why."""


@dataclass(frozen=True)
class Response:
    """A response of the API.

    Attributes:
        status: HTTP status.
        body: The body as it was received.
        data: The JSON of the body, or None.
        error_code: ``errorCode`` of the body, or an empty string.
    """

    status: int
    body: bytes
    data: Any
    error_code: str = ""

    def __str__(self) -> str:
        """Show the status and the error code."""
        return f"HTTP {self.status} {self.error_code}".rstrip()

    @property
    def fields(self) -> Mapping[str, Any]:
        """The JSON object of the body. Empty if the body does not contain a JSON object."""
        return self.data if isinstance(self.data, dict) else {}


@dataclass
class Project:
    """Sends the requests of one run to a project, one after the other, with a pause between them.

    Attributes:
        settings: Valid settings of the provider, with a project id.
        pause: Seconds between two requests. Sinch does not document rate limits, so the pause is long.
        marker: Label in the host of each target. It is unique, so no webhook of another run has it.
        signal_number: The number of the signal that arrived, or 0.
        sent: Number of requests that were sent.
        clock: Returns the monotonic time in seconds.
        sleep: Sleeps for a number of seconds.
    """

    settings: Settings
    pause: float = 1.0
    marker: str = field(default_factory=lambda: HOST_PREFIX + uuid.uuid4().hex)
    signal_number: int = 0
    sent: int = 0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _created: set[str] = field(default_factory=set)
    _create_is_ambiguous: bool = False
    _last_response: float = 0.0
    _retry_after: float = 0.0

    def __post_init__(self) -> None:
        """Create the HTTP session. The first request gets the token."""
        self._session = requests.Session()
        self._session.trust_env = not is_loopback(urlsplit(self.settings.api_url).hostname or "")
        self._authorization = ""
        project_id = self.settings.project_id or self.settings.environment_project_id
        self._url = f"{self.settings.api_url}/v1/projects/{quote(project_id, safe='')}/webhooks"

    def stop_on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Store the signal. The run stops before its next request, so that it does not lose a response."""
        self.signal_number = number

    def target(self, path: str, *, scheme: str = "https") -> str:
        """Return a target for a webhook of this run. No receiver exists at this URL."""
        return f"{scheme}://{self.marker}.example.com/{path}"

    def request(
        self,
        method: str,
        webhook_id: str = "",
        *,
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        authorized: bool = True,
    ) -> Response:
        """Send a request to the project, or to one of its webhooks.

        Raises:
            StoppedError: A signal arrived, there was no response, or the response has status 429.
            ValueError: The request would change a webhook that this run did not create.
        """
        if webhook_id and method != "GET" and webhook_id not in self._created:
            raise ValueError("this run did not create the webhook")
        self._wait(self.pause)
        if method == "POST":
            self._create_is_ambiguous = True
        response = self._send(method, webhook_id, json, params, authorized=authorized)
        if method == "POST":
            self._create_is_ambiguous = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
            if isinstance(response.fields.get("id"), str):
                self._created.add(response.fields["id"])
        if response.status == HTTPStatus.TOO_MANY_REQUESTS:
            raise StoppedError(f"{method} got {response}: Sinch asks to send less")
        return response

    def entries(self) -> list[Mapping[str, Any]]:
        """Return the webhooks of the project as Sinch lists them.

        Raises:
            StoppedError: The webhooks of the project cannot be listed.
        """
        return _entries(self.request("GET"))

    def has_room_for(self, count: int) -> bool:
        """Return whether the project has room for `count` more webhooks and for one of another product."""
        return len(self.entries()) + count < MAX_WEBHOOKS

    def clean_up(self) -> list[str]:
        """Delete the webhooks of this run, and return the ids of the webhooks that could not be deleted.

        A webhook belongs to this run if the response to a POST contained its id, or if its target contains
        the marker. The marker finds webhooks whose POST got no response. Signals do not end the cleanup.
        """
        for _ in range(_CLEANUP_ROUNDS):
            if self._delete_own() and not self._create_is_ambiguous:
                return []
            # A POST without a usable response may take effect later, so wait before the next round.
            self._wait(5 * self.pause, heed_signals=False)
        try:
            return sorted(self._listed_own())
        except StoppedError:
            return sorted(self._created)

    def _delete_own(self) -> bool:
        """List the webhooks of this run, and delete them. Returns whether the list was empty."""
        try:
            listed = self._listed_own()
            for webhook_id in listed:
                self._wait(self.pause, heed_signals=False)
                self._send("DELETE", webhook_id)
        except StoppedError:
            return False
        return not listed

    def _listed_own(self) -> set[str]:
        self._wait(self.pause, heed_signals=False)
        entries = _entries(self._send("GET"))
        return {
            str(entry["id"])
            for entry in entries
            if entry.get("id") in self._created or self.marker in str(entry.get("target")).lower()
        }

    def _send(
        self,
        method: str,
        webhook_id: str = "",
        json: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        *,
        authorized: bool = True,
    ) -> Response:
        try:
            if authorized and not self._authorization:
                self._authorization = self._authorize()
            return self._exchange(
                method,
                f"{self._url}/{quote(webhook_id, safe='')}" if webhook_id else self._url,
                json=json,
                params=params,
                auth=_header(self._authorization) if authorized else _header(""),
            )
        except requests.RequestException as error:
            raise StoppedError(f"{method} got no response: {type(error).__name__}") from None

    def _exchange(self, method: str, url: str, **options: Any) -> Response:  # noqa: ANN401 - of requests
        self.sent += 1
        received = self._session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
        self._last_response = self.clock()
        is_throttled = received.status_code == HTTPStatus.TOO_MANY_REQUESTS
        self._retry_after = _seconds(received.headers.get("Retry-After", "")) if is_throttled else 0.0
        try:
            data = received.json()
        except ValueError:
            data = None
        code = data.get("errorCode") if isinstance(data, dict) else ""
        return Response(received.status_code, received.content, data, sanitize(code or "")[:60])

    def _authorize(self) -> str:
        """Return the ``Authorization`` header.

        An access key is exchanged for a token, which is valid for longer than the run takes.
        """
        settings = self.settings
        if settings.access_token:
            return f"Bearer {settings.access_token}"
        basic = "Basic " + base64.b64encode(f"{settings.key_id}:{settings.key_secret}".encode()).decode()
        if settings.auth == "basic":
            return basic
        response = self._exchange(
            "POST",
            f"{settings.auth_url}/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=_header(basic),
        )
        token = response.fields.get("access_token")
        if not isinstance(token, str):
            raise StoppedError(
                f"the token endpoint responded with HTTP {response.status} and without a token"
            )
        return f"Bearer {token}"

    def _wait(self, seconds: float, *, heed_signals: bool = True) -> None:
        due = self._last_response + max(seconds, self._retry_after)
        while True:
            if heed_signals and self.signal_number:
                raise StoppedError("interrupted")
            remaining = due - self.clock()
            if remaining <= 0:
                return
            self.sleep(min(remaining, _SLICE))


def _entries(response: Response) -> list[Mapping[str, Any]]:
    listed = response.fields.get("webhooks")
    if response.status != HTTPStatus.OK or not isinstance(listed, list):
        raise StoppedError(f"listing the webhooks got {response}")
    return [entry for entry in listed if isinstance(entry, dict)]


def _header(value: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """Return an `auth` argument that sets the header. With it, requests does not use a .netrc file."""

    def set_header(request: requests.PreparedRequest) -> requests.PreparedRequest:
        if value:
            request.headers["Authorization"] = value
        return request

    return set_header


def _seconds(text: str) -> float:
    return min(float(text), _MAX_WAIT) if text.isascii() and text.isdecimal() else _DEFAULT_WAIT
