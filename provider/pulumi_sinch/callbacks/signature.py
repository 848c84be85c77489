"""Verify that a callback comes from Sinch, and sign sample callbacks.

The documentation of the Provisioning API does not say how its callbacks are signed. But these callbacks have
the same four signature headers as the callbacks of Sinch's Conversation API. The Conversation API signs ``raw
body + "." + nonce + "." + timestamp`` with HMAC-SHA256. The key is the secret in UTF-8, and the signature is
sent in base64. This module assumes that the Provisioning API does the same (CONTRACT.md, Callbacks).
"""

import base64
import hmac
import re
import secrets as random_secrets
import time
from collections.abc import Callable, Iterable
from typing import Protocol

from pulumi_sinch.api.errors import SettingsError, SinchError
from pulumi_sinch.redaction import sanitize

SIGNATURE_HEADER = "x-sinch-webhook-signature"
ALGORITHM_HEADER = "x-sinch-webhook-signature-algorithm"
NONCE_HEADER = "x-sinch-webhook-signature-nonce"
TIMESTAMP_HEADER = "x-sinch-webhook-signature-timestamp"
ALGORITHM = "HmacSHA256"

_HEADERS = (SIGNATURE_HEADER, ALGORITHM_HEADER, NONCE_HEADER, TIMESTAMP_HEADER)
_UNIX_SECONDS = re.compile(r"[0-9]{1,15}")


class SupportsItems(Protocol):
    """Request headers: a dict, or ``headers`` of Flask, Django, Starlette, http.server or requests."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Return names and values, in any order. Names may be in upper or lower case."""


class SignatureError(SinchError):
    """The callback must not be trusted. Respond with 401. The error messages contain no secret."""


class MissingSignatureHeaderError(SignatureError):
    """One of the four signature headers is missing or empty.

    Attributes:
        header: Name of the header, in lower case.
    """

    def __init__(self, header: str) -> None:
        """Set the message, which names the header."""
        super().__init__(f"the callback has no {header} header")
        self.header = header


class MalformedSignatureHeaderError(SignatureError):
    """A signature header cannot be read.

    There are four causes: the timestamp is not a Unix time in seconds, the algorithm is not HmacSHA256, a
    header appears twice with different values, or the value of a header is not a string.

    Attributes:
        header: Name of the header, in lower case.
    """

    def __init__(self, header: str, problem: str) -> None:
        """Set the message, which names the header and its problem."""
        super().__init__(f"the callback's {header} header {problem}")
        self.header = header


class InvalidNonceError(SignatureError):
    """The nonce contains a dot.

    In the signed text, dots separate body, nonce and timestamp. With a dot in the nonce, an attacker could
    move bytes from the body into the nonce, and the signature would still match.
    """

    def __init__(self) -> None:
        """Set the message, which names the header."""
        super().__init__(f"the callback's {NONCE_HEADER} header contains a dot")


class SignatureMismatchError(SignatureError):
    """The signature belongs to another secret, body, nonce or timestamp."""


class StaleTimestampError(SignatureError):
    """The signature is valid, but too old or too far in the future: a replay, or a wrong clock.

    Attributes:
        age: Seconds since the callback was signed. Negative if the timestamp is in the future.
    """

    def __init__(self, age: float, tolerance: float) -> None:
        """Set the message, which contains the age and the tolerance."""
        place = "past" if age >= 0 else "future"
        super().__init__(
            f"the callback's timestamp is {abs(age):.0f} s in the {place}, but at most {tolerance:g} s are "
            "allowed"
        )
        self.age = age


def verify_signature(
    body: bytes | str,
    headers: SupportsItems,
    secrets: str | Iterable[str],
    *,
    tolerance: float = 300,
    clock: Callable[[], float] = time.time,
) -> int:
    """Verify that Sinch signed a callback with one of your secrets, within `tolerance` seconds of now.

    The function computes one signature with each secret, and compares each of them with the received
    signature in constant time. As `secrets`, pass ``[webhook.secret, webhook.previous_secret]``. Then the
    function also accepts a callback that Sinch signed with the previous secret before a rotation.

    Args:
        body: The request's body as it was received, before any JSON parsing. A ``str`` is encoded as UTF-8.
        headers: The request's headers. Names are case-insensitive.
        secrets: The webhook's secret or secrets. Empty secrets are skipped, such as an empty
            ``previous_secret``.
        tolerance: Seconds by which the timestamp may differ from the current time, in either direction. The
            default is five minutes, because Sinch retries callbacks and clocks differ. With ``math.inf``, any
            timestamp is accepted.
        clock: Returns the current time in unix seconds.

    Returns:
        The index of the matching secret. With ``[secret, previous_secret]``, ``1`` means that Sinch signed
        the callback with the previous secret.

    Raises:
        MissingSignatureHeaderError: One of the four headers is missing or empty.
        MalformedSignatureHeaderError: A header cannot be read, or names an algorithm other than HmacSHA256.
        InvalidNonceError: The nonce contains a dot.
        SignatureMismatchError: The signature matches none of the secrets.
        StaleTimestampError: The signature is valid, but the timestamp is not within the tolerance.
        SettingsError: All secrets are empty. The receiver has a wrong configuration, and the callback may be
            genuine. So the error is not a `SignatureError`. Respond with 500, so that Sinch retries the
            callback.
        TypeError: ``body`` is neither raw bytes nor a ``str`` (for example, it is parsed JSON), or a secret
            is not a string.
        ValueError: ``tolerance`` is negative or not a number.
    """
    if not tolerance >= 0:
        raise ValueError("tolerance must be a number of seconds, at least 0")
    raw = _raw(body)
    candidates = [secrets] if isinstance(secrets, str) else list(secrets)
    if not any(candidates):
        raise SettingsError("callbacks cannot be verified: all given secrets are empty")
    given, nonce, timestamp = _signature_headers(headers)
    # Every secret is compared, so that the time taken does not depend on which secret matches.
    matches = [
        hmac.compare_digest(_signature(raw, secret, nonce, timestamp), _encoded(given)) if secret else False
        for secret in candidates
    ]
    if not any(matches):
        raise SignatureMismatchError(
            "the callback's signature does not match",
            hint="The callback is not from Sinch, its body was changed on the way, or the secret is wrong.",
        )
    # Checked last, so that the age in the error comes from a timestamp that Sinch signed.
    age = clock() - int(timestamp)
    # `not … <=` instead of `>`, so that NaN from the clock is rejected.
    if not abs(age) <= tolerance:
        raise StaleTimestampError(age, tolerance)
    return matches.index(True)


def sign(
    body: bytes | str, secret: str, *, nonce: str | None = None, timestamp: int | None = None
) -> dict[str, str]:
    """Sign a callback as Sinch does, for tests of a receiver.

    Args:
        body: The request's body, exactly as it will be sent. A ``str`` is encoded as UTF-8.
        secret: The webhook's secret.
        nonce: A string that is used only once, and contains no dot. Default: 32 random hex digits.
        timestamp: Time of signing in Unix seconds. Default: now.

    Returns:
        The four signature headers, with names in lower case.

    Raises:
        SettingsError: ``secret`` is empty.
        TypeError: ``body`` is neither ``bytes`` nor ``str``, or ``secret`` is not a string.
        ValueError: ``nonce`` contains a dot. `verify_signature` would reject such a nonce.
    """
    if not secret:
        raise SettingsError("the callback cannot be signed: the secret is empty")
    nonce = random_secrets.token_hex(16) if nonce is None else nonce
    if "." in nonce:
        raise ValueError("a nonce must not contain a dot")
    moment = str(int(time.time()) if timestamp is None else timestamp)
    return {
        SIGNATURE_HEADER: _signature(_raw(body), secret, nonce, moment).decode("ascii"),
        ALGORITHM_HEADER: ALGORITHM,
        NONCE_HEADER: nonce,
        TIMESTAMP_HEADER: moment,
    }


def _signature(raw: bytes, secret: str, nonce: str, timestamp: str) -> bytes:
    if not isinstance(secret, str):
        raise TypeError(f"a secret must be a string, not {type(secret).__name__}")
    signed = b".".join((raw, _encoded(nonce), _encoded(timestamp)))
    return base64.b64encode(hmac.digest(_encoded(secret), signed, "sha256"))


def _signature_headers(headers: SupportsItems) -> tuple[str, str, str]:
    """Return the values of the signature, nonce and timestamp headers."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        header = name.lower() if isinstance(name, str) else ""
        if header not in _HEADERS or value is None:
            continue
        if not isinstance(value, str):
            raise MalformedSignatureHeaderError(header, "is not a string")
        if found.setdefault(header, value.strip()) != value.strip():
            raise MalformedSignatureHeaderError(header, "appears twice, with different values")
    for header in _HEADERS:
        if not found.get(header):
            raise MissingSignatureHeaderError(header)
    if found[ALGORITHM_HEADER].lower() != ALGORITHM.lower():
        shown = sanitize(found[ALGORITHM_HEADER])[:40]
        raise MalformedSignatureHeaderError(
            ALGORITHM_HEADER, f"is {shown!r}, but this release supports only {ALGORITHM}"
        )
    if not _UNIX_SECONDS.fullmatch(found[TIMESTAMP_HEADER]):
        raise MalformedSignatureHeaderError(TIMESTAMP_HEADER, "is not a Unix time in seconds")
    # Dots separate body, nonce and timestamp. Only the body may contain other dots.
    if "." in found[NONCE_HEADER]:
        raise InvalidNonceError
    return found[SIGNATURE_HEADER], found[NONCE_HEADER], found[TIMESTAMP_HEADER]


def _raw(body: bytes | str) -> bytes:
    if isinstance(body, str):
        return _encoded(body)
    if not isinstance(body, bytes | bytearray | memoryview):
        raise TypeError(f"body must be the request's raw bytes, not {type(body).__name__}")
    return bytes(body)


def _encoded(text: str) -> bytes:
    # Sinch never sends lone surrogates, so they must cause a mismatch. Without `surrogatepass`, they would
    # cause a UnicodeEncodeError.
    return text.encode("utf-8", "surrogatepass")


for _error in [SignatureError, *SignatureError.__subclasses__()]:
    _error.__module__ = "pulumi_sinch"
del _error
