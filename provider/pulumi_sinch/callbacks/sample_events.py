"""Send a signed sample event to a receiver, to test the receiver before the first real event."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_auth_from_url
from urllib3.exceptions import HTTPError

from pulumi_sinch.api.attempt import Attempt, AttemptAdapter, AttemptTimeoutError
from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.callbacks.signature import sign
from pulumi_sinch.redaction import redact_target, sanitize
from pulumi_sinch.urls import bypasses_proxies, is_http_url

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
_LONGEST_LINE = 500
"""Maximum bytes of a response that are read."""

SAMPLE_PAYLOADS = Path(__file__).with_name("sample_payloads.json")

_NOTE = "A sample sent by pulumi-sinch. The fields are documented by Sinch, the values are made up."
_PLACEHOLDER = "A sample sent by pulumi-sinch. What Sinch puts here for each event is in its documentation."


class DeliveryError(SinchError):
    """A callback could not be delivered: the target cannot be reached, or sends no valid response in time."""


def sample_event(trigger: str) -> dict[str, Any]:
    """Return the body of a sample callback: ``type`` and ``payload`` (CONTRACT.md, Callbacks).

    For common events, the payload has the fields that Sinch documents, with invented values
    (``sample_payloads.json``). For all other events, the payload is a placeholder, because Sinch does not
    document the fields of these events. Every payload has ``"sample": true``. An event whose name ends with
    ``_COMMENT_ADDED`` also has the field ``comment``, next to ``type`` and ``payload``.

    Args:
        trigger: The event, such as ``WHATSAPP_SENDER_ACTIVE`` or a `Trigger`. Unknown triggers are accepted.

    Raises:
        ValueError: The trigger is empty, or ``ALL``, which is not an event.
    """
    name = str(trigger)
    if name in {"", "ALL"}:
        raise ValueError("ALL is not an event: it is the trigger for all events. Choose one event")
    event: dict[str, Any] = {"type": name, "payload": _sample_payload(name)}
    if name.endswith("_COMMENT_ADDED"):
        event["comment"] = "A sample comment"
    return event


def _sample_payload(name: str) -> dict[str, Any]:
    samples = json.loads(SAMPLE_PAYLOADS.read_text(encoding="utf-8"))
    event = samples["events"].get(name)
    if event is None:
        return {"sample": True, "note": _PLACEHOLDER}
    fields = samples["resources"][event["resource"]]["fields"]
    return {**fields, **event["changes"], "sample": True, "note": _NOTE}


@dataclass(frozen=True)
class SignedEvent:
    """A signed callback, ready to send.

    Attributes:
        body: The JSON of the event.
        headers: The headers of the request, including the four signature headers.
    """

    body: bytes
    headers: Mapping[str, str]


def encode_event(event: Mapping[str, Any]) -> bytes:
    """Return the body of a callback as JSON bytes."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def signed_event(body: bytes, secret: str, *, timestamp: int | None = None) -> SignedEvent:
    """Sign the body of a callback as Sinch does.

    Args:
        body: The JSON of the event, as `encode_event` returns it.
        secret: The webhook's secret.
        timestamp: Time of signing in unix seconds. Default: now.

    Raises:
        SettingsError: The secret is empty.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "pulumi-sinch"}
    return SignedEvent(body, {**headers, **sign(body, secret, timestamp=timestamp)})


def deliver(  # noqa: PLR0913 - the event, and parameters for tests
    url: str,
    event: Mapping[str, Any],
    secret: str,
    *,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    timestamp: int | None = None,
) -> int:
    """Sign an event as Sinch does, and POST it to a receiver with `send`.

    Args:
        url: The webhook's target, http or https.
        event: The callback's body, for example from `sample_event`.
        secret: The webhook's secret. Errors never contain it.
        session: A session to send the request with. The function does not close it.
        timeout: Two numbers: maximum seconds to connect, and maximum seconds to wait for the response. The
            whole delivery takes at most their sum.
        timestamp: Time of signing in unix seconds. Default: now.

    Returns:
        The HTTP status. With 2xx, Sinch would count the callback as delivered.

    Raises:
        DeliveryError: The target is not an http(s) URL, cannot be reached, or does not respond in time.
        SettingsError: The secret is empty.
    """
    signed = signed_event(encode_event(event), secret, timestamp=timestamp)
    return send(url, signed, session=session, timeout=timeout)


def deliver_and_read(url: str, event: Mapping[str, Any], secret: str) -> tuple[int, str]:
    """Sign and POST an event as `deliver` does, and also read the first line of the response.

    Returns:
        The HTTP status, and the first line of the response's body. The line has at most 500 characters, and
        the secret is hidden in it.

    Raises:
        DeliveryError: As `deliver`.
        SettingsError: As `deliver`.
    """
    status, start = _send(
        url, signed_event(encode_event(event), secret), None, (CONNECT_TIMEOUT, READ_TIMEOUT), _LONGEST_LINE
    )
    lines = start.decode(errors="replace").strip().splitlines()
    return status, sanitize(lines[0], hide=[secret]) if lines else ""


def send(
    url: str,
    signed: SignedEvent,
    *,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
) -> int:
    """POST a signed event to a receiver.

    The function makes one attempt, and follows no redirects. It does not read the body of the response,
    because Sinch ignores the body too. Requests to this machine and to the hosts in
    ``SINCH_ALLOW_HTTP_HOSTS`` bypass proxies.

    Args:
        url: The webhook's target, http or https.
        signed: The signed callback.
        session: A session to send the request with. The function does not close it.
        timeout: Two numbers: maximum seconds to connect, and maximum seconds to wait for the response. The
            whole delivery takes at most their sum.

    Returns:
        The HTTP status.

    Raises:
        DeliveryError: The target is not an http(s) URL, cannot be reached, or does not respond in time.
    """
    return _send(url, signed, session, timeout)[0]


def _send(
    url: str,
    signed: SignedEvent,
    session: requests.Session | None,
    timeout: tuple[float, float],
    read: int = 0,
) -> tuple[int, bytes]:
    """POST a signed event. Returns the status and up to `read` bytes of the response's body."""
    shown = redact_target(url)
    if not is_http_url(url):
        raise DeliveryError(f"{shown or 'an empty target'} is not an http or https URL")
    own = session or _new_session()
    try:
        return Attempt(lambda: _exchange(own, url, signed, timeout, read)).run(sum(timeout))
    except AttemptTimeoutError:
        raise DeliveryError(f"{shown} did not respond within {sum(timeout):g} s") from None
    # The messages of these exceptions contain the URL with its query, so the messages are not shown.
    except requests.exceptions.SSLError:
        raise DeliveryError(f"the TLS certificate of {shown} is not accepted") from None
    except requests.exceptions.ReadTimeout:
        raise DeliveryError(f"{shown} did not respond within {timeout[1]:g} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout):
        raise DeliveryError(
            f"no connection to {shown}", hint="Is the receiver running, and reachable from here?"
        ) from None
    except (requests.exceptions.RequestException, ValueError):
        raise DeliveryError(
            f"the event could not be delivered to {shown}: the URL is invalid, or the response is not HTTP"
        ) from None
    finally:
        if session is None:
            own.close()


def _new_session() -> requests.Session:
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, AttemptAdapter())
    return session


def _exchange(
    session: requests.Session,
    url: str,
    signed: SignedEvent,
    timeout: tuple[float, float],
    read: int,
) -> tuple[int, bytes]:
    """POST the event. Call this function in an `Attempt`, which limits the total time.

    Without an `Attempt`, a receiver that responds byte by byte could delay this function without limit.
    """
    with session.post(
        url,
        data=signed.body,
        headers=dict(signed.headers),
        auth=_authentication(url),
        timeout=timeout,
        allow_redirects=False,
        stream=True,
        proxies={"no_proxy": urlsplit(url).hostname or ""} if bypasses_proxies(url) else None,
    ) as response:
        start = b""
        if read:
            with suppress(HTTPError):  # the status is already known
                start = response.raw.read1(read, decode_content=True)
        return response.status_code, start


class _NoAuthentication(requests.auth.AuthBase):
    """Prevents the `requests` library from sending credentials of a .netrc file.

    A real callback from Sinch does not contain such credentials.
    """

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:

        return request


def _authentication(url: str) -> tuple[str, str] | _NoAuthentication:
    user, password = get_auth_from_url(url)
    return (user, password) if user or password else _NoAuthentication()
