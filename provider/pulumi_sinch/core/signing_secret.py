"""The signing secret of a webhook, and the previous secret, which was used before the last rotation.

With the dynamic provider, `check` decides both, so that a preview shows whether they change
(docs/secrets.md). With the provider plugin, create and update decide both. In both cases, create generates
the secret if the resource has `adopt` but no webhook has the target.
"""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from pulumi import contains_unknowns
from pulumi.output import UNKNOWN, Unknown
from pulumi.runtime.rpc import wrap_rpc_secret

SECRETS = ("secret", "previous_secret")
"""The properties that the engine must encrypt and mask, see `mark_secrets`."""


def mark_secrets(props: Mapping[str, Any]) -> dict[str, Any]:
    """Mark the secrets for the engine. It would print and store unmarked secrets in plain text."""
    return {key: wrap_rpc_secret(value) if key in SECRETS else value for key, value in props.items()}


def generate_secret() -> str:
    """Return a new secret of 256 bits, in 43 characters."""
    return secrets.token_urlsafe(32)


def decide_secret(
    stored: Mapping[str, Any],
    given: Mapping[str, Any],
    generate: Callable[[], str | Unknown] = generate_secret,
) -> dict[str, Any]:
    """Decide `secret` and `previous_secret`.

    Args:
        stored: The inputs or the outputs in the state. Empty if the webhook will be created.
        given: The validated inputs of the program.
        generate: Generates a new secret. It may return an unknown value.

    Returns:
        `secret` and `previous_secret`, without `secret` if the webhook keeps a secret that only Sinch knows.
    """
    old = stored.get("secret")
    previous = stored.get("previous_secret") or ""
    secret = _secret(stored, given, generate)
    decided: dict[str, Any]
    if secret is None:
        # The webhook was adopted or imported without a secret. It keeps the secret that only Sinch knows.
        decided = {"previous_secret": previous}
    elif contains_unknowns(secret):
        # It is not known yet whether the secret changes.
        decided = {"secret": UNKNOWN, "previous_secret": UNKNOWN if old else previous}
    elif old and secret != old:
        # Rotation: the old secret becomes the previous secret.
        decided = {"secret": secret, "previous_secret": old}
    else:
        # The first secret, or the same secret as before.
        decided = {"secret": secret, "previous_secret": previous}
    # After an import, the state may have no `previous_secret`. Then an empty `previous_secret` is left out
    # too, because the preview would show it as a change. A create keeps it.
    if stored and "previous_secret" not in stored and not decided["previous_secret"]:
        del decided["previous_secret"]
    return decided


def _secret(
    stored: Mapping[str, Any], given: Mapping[str, Any], generate: Callable[[], str | Unknown]
) -> Any:  # noqa: ANN401
    """Return the secret, an unknown value, or `None` if the webhook keeps a secret that only Sinch knows."""
    version = given.get("secret_version")
    if "secret" in given:
        # The program decides.
        secret = given["secret"]
    elif not stored:
        # A new webhook gets a generated secret, with any version. An adopted webhook keeps its own secret.
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
