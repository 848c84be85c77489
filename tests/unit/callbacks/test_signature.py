import base64
import math
import subprocess
import sys
from collections.abc import Callable
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi_sinch.api.errors import SettingsError, SinchError
from pulumi_sinch.callbacks.signature import (
    ALGORITHM_HEADER,
    NONCE_HEADER,
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    InvalidNonceError,
    MalformedSignatureHeaderError,
    MissingSignatureHeaderError,
    SignatureError,
    SignatureMismatchError,
    StaleTimestampError,
    sign,
    verify_signature,
)

NOW = 1634579353
SECRET = "foo_secret1234"
NONCE = "01FJA8B4A7BM43YGWSG9GBV067"
BODY = '{"type":"WHATSAPP_SENDER_ACTIVE","payload":{"id":"é"}}'.encode()
# printf '%s' "$BODY.$NONCE.$NOW" | openssl dgst -sha256 -hmac "$SECRET" -binary | base64
SIGNATURE = "7P1JGVPMnld2NRhOigqsD7COfbvaa3L7AAbZNam5xLY="
HEADERS = {
    "X-Sinch-Webhook-Signature": SIGNATURE,
    "X-Sinch-Webhook-Signature-Algorithm": "HmacSHA256",
    "X-Sinch-Webhook-Signature-Nonce": NONCE,
    "X-Sinch-Webhook-Signature-Timestamp": str(NOW),
}


def at(seconds: float) -> Callable[[], float]:
    return lambda: seconds


def test_known_vector() -> None:
    """A signature computed by openssl is accepted, and `sign` returns the same one."""
    assert verify_signature(BODY, HEADERS, SECRET, clock=at(NOW)) == 0
    assert sign(BODY, SECRET, nonce=NONCE, timestamp=NOW) == {
        SIGNATURE_HEADER: SIGNATURE,
        ALGORITHM_HEADER: "HmacSHA256",
        NONCE_HEADER: NONCE,
        TIMESTAMP_HEADER: str(NOW),
    }


def test_secret_is_utf8() -> None:
    """The key is the secret in UTF-8, and an empty body can be signed."""
    # printf .n.1 | openssl dgst -sha256 -mac HMAC -macopt hexkey:<schüssel in UTF-8> -binary | base64
    assert (
        sign(b"", "schüssel", nonce="n", timestamp=1)[SIGNATURE_HEADER]
        == "gLqk+HFxw51QlAXMBD9lHdBZmBWNoQExfj3oYWlaOlg="
    )


def test_a_text_body_is_taken_as_utf8() -> None:
    """A body given as `str` verifies like its bytes."""
    assert verify_signature(BODY.decode(), HEADERS, [SECRET], clock=at(NOW)) == 0


@pytest.mark.parametrize(
    ("secrets", "position"),
    [
        (SECRET, 0),
        ([SECRET, "previous"], 0),
        (["new", SECRET], 1),
        ([SECRET, ""], 0),
        (["", SECRET], 1),
        ((secret for secret in ("new", "newer", SECRET)), 2),
        ([SECRET, SECRET], 0),
    ],
)
def test_several_secrets(secrets: "str | list[str]", position: int) -> None:
    """Any of several secrets may match. Its index is returned, and empty secrets are skipped."""
    assert verify_signature(BODY, HEADERS, secrets, clock=at(NOW)) == position


@pytest.mark.parametrize("secrets", ["", [], ["", ""], ()])
def test_no_secret_is_the_receivers_mistake(secrets: "str | list[str]") -> None:
    """Without a secret, `SettingsError` is raised, even for a signature with an empty key."""
    with pytest.raises(SettingsError, match="callbacks cannot be verified"):
        verify_signature(BODY, HEADERS, secrets, clock=at(NOW))
    with pytest.raises(SettingsError, match="the callback cannot be signed"):
        sign(BODY, "")


def test_headers_of_web_frameworks() -> None:
    """Headers of the standard library, Flask and requests are read, whatever the case of their names."""
    requests = pytest.importorskip("requests")
    werkzeug = pytest.importorskip("werkzeug.datastructures")
    message = Message()
    for name, value in HEADERS.items():
        message[name.upper()] = value
    environ = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in HEADERS.items()}
    for headers in (
        message,
        requests.structures.CaseInsensitiveDict(HEADERS),
        werkzeug.Headers(HEADERS),
        werkzeug.EnvironHeaders(environ),
        {name.lower(): value for name, value in HEADERS.items()},
    ):
        assert verify_signature(BODY, headers, SECRET, clock=at(NOW)) == 0


@pytest.mark.parametrize("name", list(HEADERS))
@pytest.mark.parametrize("value", [None, "", "  "])
def test_missing_header(name: str, value: str | None) -> None:
    """Each of the four headers is required, and the error names the missing one."""
    headers = {**HEADERS, name: value}
    if value is None:
        del headers[name]
    with pytest.raises(MissingSignatureHeaderError) as caught:
        verify_signature(BODY, headers, SECRET, clock=at(NOW))  # type: ignore[arg-type]
    assert caught.value.header == name.lower()
    assert name.lower() in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Sinch-Webhook-Signature-Algorithm", "none"),
        ("X-Sinch-Webhook-Signature-Algorithm", "HmacSHA1\r\nSet-Cookie: a\x1b[31m"),
        ("X-Sinch-Webhook-Signature-Timestamp", "yesterday"),
        ("X-Sinch-Webhook-Signature-Timestamp", "NaN"),
        ("X-Sinch-Webhook-Signature-Timestamp", "1e3"),
        ("X-Sinch-Webhook-Signature-Timestamp", "-1634579353"),
        ("X-Sinch-Webhook-Signature-Timestamp", "١٦٣٤٥٧٩٣٥٣"),
        ("X-Sinch-Webhook-Signature-Timestamp", "9" * 5000),
        ("X-Sinch-Webhook-Signature", 7),
        ("x-sinch-webhook-signature", "another, in a second header"),
    ],
)
def test_malformed_header(name: str, value: str) -> None:
    """An unreadable header is rejected with an error that names it, in one printable line."""
    with pytest.raises(MalformedSignatureHeaderError) as caught:
        verify_signature(BODY, {**HEADERS, name: value}, SECRET, clock=at(NOW))
    assert caught.value.header == name.lower()
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "signature",
    [
        "not base64!",
        "é" * 44,
        "\ud800",
        SIGNATURE.rstrip("="),
        SIGNATURE[:-2] + "Z=",  # decodes to the same 32 bytes, because the last two bits are ignored
        base64.b64encode(b"\0" * 32).decode(),
        bytes.fromhex("00").decode() * 44,
    ],
)
def test_wrong_signature(signature: str) -> None:
    """Any other signature is a mismatch."""
    headers = {**HEADERS, "X-Sinch-Webhook-Signature": signature}
    with pytest.raises(SignatureMismatchError):
        verify_signature(BODY, headers, [SECRET, "previous"], clock=at(NOW))


@pytest.mark.parametrize("offset", [-300, -299.5, 0, 300])
def test_within_tolerance(offset: float) -> None:
    """A timestamp may be off by up to 300 seconds in either direction."""
    assert verify_signature(BODY, HEADERS, SECRET, clock=at(NOW + offset)) == 0


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (301, "301 s in the past, but at most 300 s are allowed"),
        (-301, "301 s in the future"),
        (math.nan, "allowed"),
        (math.inf, "allowed"),
    ],
)
def test_stale_timestamp(offset: float, text: str) -> None:
    """A timestamp off by more than 300 seconds is rejected, and every one if the clock returns NaN."""
    with pytest.raises(StaleTimestampError, match=text):
        verify_signature(BODY, HEADERS, SECRET, clock=at(NOW + offset))


def test_tolerance() -> None:
    """The tolerance can be smaller, or infinite to replay a recorded callback."""
    with pytest.raises(StaleTimestampError):
        verify_signature(BODY, HEADERS, SECRET, tolerance=1, clock=at(NOW + 2))
    assert verify_signature(BODY, HEADERS, SECRET, tolerance=math.inf) == 0


@pytest.mark.parametrize("tolerance", [-1, math.nan])
def test_tolerance_must_be_a_number_of_seconds(tolerance: float) -> None:
    """A tolerance that is negative or NaN is an error of the caller."""
    with pytest.raises(ValueError, match="at least 0"):
        verify_signature(BODY, HEADERS, SECRET, tolerance=tolerance)


def test_parsed_json_is_not_a_body() -> None:
    """Parsed JSON as body, or a secret that is not a string, raises a TypeError that names the right type."""
    with pytest.raises(TypeError, match="raw bytes, not dict"):
        verify_signature({"type": "ALL"}, HEADERS, SECRET)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="must be a string, not bytes"):
        verify_signature(BODY, HEADERS, [SECRET.encode()])  # type: ignore[list-item]


def test_signing_now() -> None:
    """A callback signed without a timestamp is accepted now, and every nonce is different."""
    first, second = sign(BODY, SECRET), sign(BODY, SECRET)
    assert verify_signature(BODY, first, SECRET) == 0
    assert first[NONCE_HEADER] != second[NONCE_HEADER]


TEXTS = st.text(st.characters(codec="utf-8"), min_size=1).map(str.strip).filter(bool)
NONCES = TEXTS.filter(lambda nonce: "." not in nonce)


@given(body=st.binary() | st.text(), secret=TEXTS, nonce=NONCES, timestamp=st.integers(0, 10**12))
def test_round_trip(body: bytes | str, secret: str, nonce: str, timestamp: int) -> None:
    """Every signed callback verifies with the same secret, also among other secrets."""
    headers = sign(body, secret, nonce=nonce, timestamp=timestamp)
    position = verify_signature(body, headers, ["", secret + "x", secret], clock=at(timestamp))
    assert position == 2


@pytest.mark.parametrize(
    ("body", "nonce"), [(b'{"a":1', "5}.N"), (b'{"a"', "1.5}.N"), (b"", '{"a":1.5}.N'), (b'{"a":1.5}.N', ".")]
)
def test_bytes_cannot_move_from_the_body_to_the_nonce(body: bytes, nonce: str) -> None:
    """A nonce with a dot is rejected, because the same bytes could be split in another place."""
    headers = sign(b'{"a":1.5}', SECRET, nonce="N", timestamp=NOW)
    with pytest.raises(
        InvalidNonceError, match="the callback's x-sinch-webhook-signature-nonce header contains a dot"
    ):
        verify_signature(body, {**headers, NONCE_HEADER: nonce}, SECRET, clock=at(NOW))
    with pytest.raises(ValueError, match="a nonce must not contain a dot"):
        sign(body, SECRET, nonce=nonce)


@given(data=st.data(), part=st.sampled_from(["body", "secret", "signature", "nonce", "timestamp"]))
def test_alterations(data: st.DataObject, part: str) -> None:
    """A callback of which one part was altered is never accepted, whatever it was altered to."""
    body, secret, headers = BODY, SECRET, dict(HEADERS)
    if part == "body":
        body = data.draw(st.binary().filter(lambda other: other != BODY))
    elif part == "secret":
        secret = data.draw(st.text(min_size=1).filter(lambda other: other != SECRET))
    else:
        name = {
            "signature": "X-Sinch-Webhook-Signature",
            "nonce": "X-Sinch-Webhook-Signature-Nonce",
            "timestamp": "X-Sinch-Webhook-Signature-Timestamp",
        }[part]
        near = st.integers(NOW - 300, NOW + 300).map(str)
        value = data.draw(st.text() | near)
        headers[name] = value if value.strip() != HEADERS[name] else value + "0"
    with pytest.raises(SignatureError) as caught:
        verify_signature(body, headers, [secret], clock=at(NOW))
    assert SECRET not in str(caught.value)
    assert isinstance(caught.value, SinchError)


def test_errors_are_public() -> None:
    """Tracebacks show the public names of the errors."""
    assert {error.__module__ for error in [SignatureError, *SignatureError.__subclasses__()]} == {
        "pulumi_sinch"
    }


def test_import_is_cheap() -> None:
    """Importing `verify_signature` loads neither Pulumi nor the HTTP client."""
    code = (
        "import sys, pulumi_sinch.callbacks.signature\n"
        "print([name for name in ('pulumi', 'requests', 'pydantic', 'flask', 'click') if name in "
        "sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert shown.stdout.strip() == "[]"
