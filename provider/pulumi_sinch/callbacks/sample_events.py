"""Send a signed sample event to a receiver, to try it before the first real event."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_auth_from_url
from urllib3.exceptions import HTTPError

from pulumi_sinch.api.errors import SinchError
from pulumi_sinch.callbacks.signature import sign
from pulumi_sinch.redaction import redact_target, sanitize
from pulumi_sinch.urls import bypasses_proxies, is_http_url

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 10.0
_LONGEST_LINE = 500
"""Bytes."""

_NOTE = "A sample sent by pulumi-sinch. What Sinch puts here for each event is in its documentation."


class DeliveryError(SinchError):
    """A callback could not be delivered: the target cannot be reached, or sends no valid response in time."""


def sample_event(trigger: str) -> dict[str, Any]:
    """Return the body of a sample callback: ``type`` and ``payload`` (CONTRACT.md, Callbacks).

    The payload is a placeholder and says so. It has none of the fields that Sinch sends, so that nobody relies on
    invented ones. Events about comments have a ``comment`` too.

    Args:
        trigger: The event, such as ``WHATSAPP_SENDER_ACTIVE`` or a `Trigger`. Unknown triggers are accepted.

    Raises:
        ValueError: The trigger is empty, or ``ALL``, which is not an event.
    """
    name = str(trigger)
    if name in {"", "ALL"}:
        raise ValueError("choose one event: ALL subscribes to every event and is none itself")
    event: dict[str, Any] = {"type": name, "payload": {"sample": True, "note": _NOTE}}
    if name.endswith("_COMMENT_ADDED"):
        event["comment"] = "A sample comment"
    return event


def deliver(  # noqa: PLR0913 - the event, and parameters for tests
    url: str,
    event: Mapping[str, Any],
    secret: str,
    *,
    session: requests.Session | None = None,
    timeout: tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
    timestamp: int | None = None,
) -> int:
    """POST an event to a receiver, signed as Sinch signs it.

    There is one attempt, and redirects are not followed. The body of the response is not read, because Sinch
    ignores it.

    Args:
        url: The webhook's target, http or https.
        event: The body, such as `sample_event` returns.
        secret: The webhook's secret. Errors never contain it.
        session: Used if given, and not closed.
        timeout: Seconds to wait for the connection, and for the response.
        timestamp: Time of signing in unix seconds. Default: now.

    Returns:
        The HTTP status. With 2xx, Sinch would count the callback as delivered.

    Raises:
        DeliveryError: The target is not an http(s) URL, cannot be reached, or does not respond in time.
        SettingsError: The secret is empty.
    """
    with _posted(url, event, secret, session, timeout, timestamp) as response:
        return response.status_code


def deliver_and_read(url: str, event: Mapping[str, Any], secret: str) -> tuple[int, str]:
    """POST an event to a receiver as `deliver` does.

    Returns:
        The HTTP status, and the first line of the response, at most 500 characters and without the secret.

    Raises:
        DeliveryError: As `deliver`.
        SettingsError: As `deliver`.
    """
    with _posted(url, event, secret, None, (CONNECT_TIMEOUT, READ_TIMEOUT), None) as response:
        start = b""
        with suppress(HTTPError):  # the status is known
            # One read, so that a slow response does not take longer than the timeout.
            start = response.raw.read1(_LONGEST_LINE, decode_content=True)
        lines = start.decode(errors="replace").strip().splitlines()
        return response.status_code, sanitize(lines[0], hide=[secret]) if lines else ""


@contextmanager
def _posted(  # noqa: PLR0913, PLR0917 - those of `deliver`
    url: str,
    event: Mapping[str, Any],
    secret: str,
    session: requests.Session | None,
    timeout: tuple[float, float],
    timestamp: int | None,
) -> Iterator[requests.Response]:
    """POST an event, and yield the response with its body unread."""
    body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "pulumi-sinch",
        **sign(body, secret, timestamp=timestamp),
    }
    shown = redact_target(url)
    if not is_http_url(url):
        raise DeliveryError(f"{shown or 'an empty target'} is no http or https URL")
    own = session or requests.Session()
    try:
        with own.post(
            url,
            data=body,
            headers=headers,
            auth=_authentication(url),
            timeout=timeout,
            allow_redirects=False,
            stream=True,
            proxies={"no_proxy": urlsplit(url).hostname or ""} if bypasses_proxies(url) else None,
        ) as response:
            yield response
    # The messages of these exceptions contain the URL with its query, so they are not shown.
    except requests.exceptions.SSLError:
        raise DeliveryError(f"the TLS certificate of {shown} is not accepted") from None
    except requests.exceptions.ReadTimeout:
        raise DeliveryError(f"{shown} did not answer within {timeout[1]:g} s") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.Timeout):
        raise DeliveryError(
            f"no connection to {shown}", hint="Is the receiver running, and reachable from here?"
        ) from None
    except (requests.exceptions.RequestException, ValueError):
        raise DeliveryError(
            f"nothing can be sent to {shown}: it is no usable URL, or its answer is no HTTP"
        ) from None
    finally:
        if session is None:
            own.close()


class _NoAuthentication(requests.auth.AuthBase):
    """Keeps requests from reading a .netrc file, because Sinch sends no credentials of this machine."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return the request unchanged."""
        return request


def _authentication(url: str) -> tuple[str, str] | _NoAuthentication:
    user, password = get_auth_from_url(url)
    return (user, password) if user or password else _NoAuthentication()
