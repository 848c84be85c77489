"""The signing secret of a webhook, and the one before the last rotation.

`check` decides both, so that a preview knows whether they change (docs/secrets.md).
"""

import base64
import hmac
import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN
from pulumi.runtime.rpc import wrap_rpc_secret

SECRETS = ("secret", "previous_secret")
"""The properties that the engine must encrypt and mask, see `mark_secrets`."""


def mark_secrets(props: Mapping[str, Any]) -> dict[str, Any]:
    """Mark the secrets for the engine. It prints and stores values that are not marked."""
    return {key: wrap_rpc_secret(value) if key in SECRETS else value for key, value in props.items()}


def generate_secret() -> str:
    """Return a new secret of 256 bits, in 43 characters."""
    return secrets.token_urlsafe(32)


def secret_generator(key_secret: str, seed: bytes) -> Callable[[], str]:
    """Return a function that generates the secret of one resource.

    The engine puts the seed into a plan, so that `pulumi up --plan` generates the secret of the preview again. A plan
    holds the seed in plain text, so the secret depends on the access key too.

    Args:
        key_secret: The secret of the access key.
        seed: The engine's random bytes for this resource. Without one of the two, each secret is random.
    """
    if not (key_secret and seed):
        return generate_secret
    digest = hmac.digest(key_secret.encode(), seed, "sha256")
    secret = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return lambda: secret


def decide_secret(
    stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str] = generate_secret
) -> dict[str, Any]:
    """Decide `secret` and `previous_secret`.

    Args:
        stored: The inputs in the state. Empty if the webhook will be created.
        given: The validated inputs of the program.
        generate: Generates a new secret.

    Returns:
        Both, without `secret` if Sinch keeps the one that it has.
    """
    old = stored.get("secret")
    previous = stored.get("previous_secret") or ""
    secret = _secret(stored, given, generate)
    decided: dict[str, Any]
    if secret is None:
        # Sinch keeps its own secret, which cannot be read: the webhook was adopted or imported without one.
        decided = {"previous_secret": previous}
    elif contains_unknowns(secret):
        # Nobody knows yet whether the secret changes.
        decided = {"secret": UNKNOWN, "previous_secret": UNKNOWN if old else previous}
    elif old and secret != old:
        # Rotation.
        decided = {"secret": secret, "previous_secret": old}
    else:
        # The first secret, or the same one.
        decided = {"secret": secret, "previous_secret": previous}
    # An import may leave `previous_secret` out. An empty one that is added would show as a change.
    if stored and "previous_secret" not in stored and not decided["previous_secret"]:
        del decided["previous_secret"]
    return decided


def _secret(stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str]) -> Any:  # noqa: ANN401
    """Return the secret. It may be unknown, or `None` if Sinch keeps the one that it has."""
    version = given.get("secret_version")
    if "secret" in given:
        # The program decides.
        secret = given["secret"]
    elif not stored:
        # A new webhook gets a generated secret. An adopted one keeps the secret that Sinch has.
        secret = None if given.get("adopt") else generate()
    elif contains_unknowns(version):
        # Nobody knows yet whether the version changes.
        secret = UNKNOWN
    elif version != stored.get("secret_version"):
        # Rotation.
        secret = generate()
    else:
        # Carried over, if the state has one.
        secret = stored.get("secret") or None
    return secret


def previous_secret(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str:
    """Return the secret before the last rotation, also if `check` could not know it.

    If `adopt` finds no webhook, it creates one. The generated secret is in the outputs only.

    Args:
        olds: The outputs in the state.
        news: The checked inputs.
    """
    decided: str = news.get("previous_secret") or ""
    old: str = olds.get("secret") or ""
    rotated = news.get("secret") not in {None, old}
    return decided or (old if rotated else olds.get("previous_secret") or "")
