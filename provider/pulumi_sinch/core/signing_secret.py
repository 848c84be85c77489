"""Which signing secret a webhook gets, and which one it had before.

Decided in `check`, so that a preview knows whether they change (docs/secrets.md).
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN

SECRETS = ("secret", "previous_secret")
"""The properties that the adapters mark, so that the engine encrypts them and masks them in its output."""


def generate_secret() -> str:
    """Return a new secret of 256 bits, in 43 characters."""
    return secrets.token_urlsafe(32)


def decide_secret(
    stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str] = generate_secret
) -> dict[str, Any]:
    """Decide `secret` and `previous_secret`.

    Args:
        stored: The inputs in the state, empty where the webhook is about to be created.
        given: The validated inputs of the program.
        generate: Makes a new secret.

    Returns:
        Both, without `secret` where Sinch's own stays (adopted or imported without one), and without
        `previous_secret` where it is empty and an import left it out: added, it would show as a change.
    """
    decided = _decide(stored, given, generate)
    if stored and "previous_secret" not in stored and not decided["previous_secret"]:
        del decided["previous_secret"]
    return decided


def _decide(
    stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str]
) -> dict[str, Any]:
    old = stored.get("secret")
    before = stored.get("previous_secret") or ""
    secret = _secret(stored, given, generate)
    if secret is None:
        return {"previous_secret": before}
    if contains_unknowns(secret):
        return {"secret": UNKNOWN, "previous_secret": UNKNOWN if old else before}
    return {"secret": secret, "previous_secret": old if old and secret != old else before}


def previous_secret(olds: Mapping[str, Any], news: Mapping[str, Any]) -> str:
    """Return the secret before the last rotation, also where `check` could not know it.

    A webhook that `adopt` created, because none had the target, has its secret in the outputs only.

    Args:
        olds: The outputs in the state.
        news: The checked inputs.
    """
    decided: str = news.get("previous_secret") or ""
    old: str = olds.get("secret") or ""
    rotated = news.get("secret") not in {None, old}
    return decided or (old if rotated else olds.get("previous_secret") or "")


def _secret(stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str]) -> Any:  # noqa: ANN401
    """Return the secret, `None` where Sinch's own stays, or a value that is not known yet."""
    if "secret" in given:
        return given["secret"]
    if not stored:
        return None if given.get("adopt") else generate()
    version = given.get("secret_version")
    if contains_unknowns(version):
        return UNKNOWN
    if version != stored.get("secret_version"):
        return generate()
    return stored.get("secret") or None
