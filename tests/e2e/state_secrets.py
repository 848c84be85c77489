"""Decrypt the secrets in a state file as `pulumi stack output --show-secrets` does, without the CLI."""

import functools
import hashlib
import json
from base64 import b64decode
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY


def decrypted(value: Any, salt: str, passphrase: str) -> Any:
    """Return a value of a state with all secrets decrypted.

    Args:
        value: JSON data.
        salt: The state's ``secrets_providers.state.salt``.
        passphrase: ``PULUMI_CONFIG_PASSPHRASE``.
    """
    if isinstance(value, list):
        return [decrypted(part, salt, passphrase) for part in value]
    if not isinstance(value, dict):
        return value
    if value.get(SIGNATURE_KEY) != SECRET_SIGNATURE:
        return {key: decrypted(part, salt, passphrase) for key, part in value.items()}
    _, nonce, ciphertext = value["ciphertext"].split(":")
    cipher = AESGCM(_encryption_key(salt, passphrase))
    return json.loads(cipher.decrypt(b64decode(nonce), b64decode(ciphertext), None))


@functools.cache
def _encryption_key(salt: str, passphrase: str) -> bytes:
    """Return the key of a stack. Cached, because it is slow by design and copies of a stack share it."""
    return hashlib.pbkdf2_hmac("sha256", passphrase.encode(), b64decode(salt.split(":")[1]), 1_000_000, 32)
