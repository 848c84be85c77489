"""The signing secret of a webhook, and the previous secret, which was used before the last rotation.

With the dynamic provider, `check` decides both secrets, so that a preview shows whether they change
(docs/secrets.md). With the provider plugin, create and update decide both secrets.

With the dynamic provider, there is one exception: if a new resource has `adopt`, and the program sets no
secret, create decides the secret. Only create finds out whether there is a webhook to adopt. An adopted
webhook keeps its secret. If create finds no webhook to adopt, it generates a secret.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN, Unknown
from pulumi.runtime.rpc import wrap_rpc_secret

SECRETS = ("secret", "previous_secret")
"""The properties that the engine must encrypt in the state and hide in its output (see `mark_secrets`)."""


def mark_secrets(props: Mapping[str, Any]) -> dict[str, Any]:
    """Mark the secrets for the engine, because it prints and stores unmarked values in plain text."""
    return {key: wrap_rpc_secret(value) if key in SECRETS else value for key, value in props.items()}


def generate_secret() -> str:
    """Return a new random secret of 256 bits, as a string of 43 characters."""
    return secrets.token_urlsafe(32)


def decide_secret(
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    generate: Callable[[], str | Unknown] = generate_secret,
) -> dict[str, Any]:
    """Decide the values of `secret` and `previous_secret`.

    Args:
        stored: The old inputs (in `check`) or the old outputs (in diff and update). Empty if the webhook will
            be created, for a new resource or for a replacement.
        given: The validated inputs of the program.
        generate: A function that generates a new secret. In a preview, it may return an unknown value.

    Returns:
        The properties `secret` and `previous_secret`. `secret` is left out if the webhook keeps a secret that
        only Sinch knows. For an existing webhook, `previous_secret` is left out if it is empty and the state
        does not contain it.
    """
    old = stored.get("secret")
    previous = stored.get("previous_secret") or ""
    secret = _secret(stored, given, generate)
    decided: dict[str, Any]
    if secret is None:
        # The webhook was adopted or imported without a secret. It keeps the secret that only Sinch knows.
        decided = {"previous_secret": previous}
    elif contains_unknowns(secret):
        # The secret, or whether it changes, is not known yet.
        decided = {"secret": UNKNOWN, "previous_secret": UNKNOWN if old else previous}
    elif old and secret != old:
        # Rotation: the old secret becomes the previous secret.
        decided = {"secret": secret, "previous_secret": old}
    else:
        # This is the first secret, or the secret does not change.
        decided = {"secret": secret, "previous_secret": previous}
    # After an import, the state may not contain `previous_secret`. Then leave out an empty value, because the
    # preview would show it as a change.
    if stored and "previous_secret" not in stored and not decided["previous_secret"]:
        del decided["previous_secret"]
    return decided


def _secret(
    stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str | Unknown]
) -> Any:  # noqa: ANN401
    """Return the secret, an unknown value, or `None` if the webhook keeps a secret that only Sinch knows."""
    version = given.get("secret_version")
    if "secret" in given:
        # The program sets the secret.
        secret = given["secret"]
    elif not stored:
        # A new webhook gets a generated secret, with any version. An adopted webhook keeps the secret that it
        # has at Sinch.
        secret = None if given.get("adopt") else generate()
    elif contains_unknowns(version):
        # It is not known yet whether the version changes.
        secret = UNKNOWN
    elif version != stored.get("secret_version"):
        # Rotation: the program changed, added or removed `secret_version`.
        secret = generate()
    else:
        # The secret in the state stays. The state has none if only Sinch knows the secret.
        secret = stored.get("secret") or None
    return secret
