"""Find misspelt keys in the ``sinch:`` namespace of a stack's config. Pure functions."""

from collections.abc import Collection, Iterable, Iterator

from pulumi_sinch.redaction import sanitize

_NAMESPACE = "sinch:"
_LEAST_SIMILARITY = 0.82
"""The minimum similarity of a misspelt key to the name of a setting. The keys ``project`` and ``timeouts``
are above this minimum. A key that may have another purpose, such as ``key``, is below it."""


def misspelt_settings(keys: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each misspelt key, without ``sinch:``, and a message that suggests the most similar setting.

    Args:
        keys: Full config keys, such as ``sinch:project``. Keys of other namespaces are ignored.
        known: The names of all settings, without ``sinch:``.
    """
    for full_key in keys:
        key = full_key.removeprefix(_NAMESPACE)
        if key == full_key or key in known:
            continue
        meant = _similar(key, known)
        if meant:
            shown = sanitize(key)
            yield key, f"unknown setting `{_NAMESPACE}{shown}`, did you mean `{_NAMESPACE}{meant}`?"


def _similar(key: str, known: Collection[str]) -> str:
    """Return the setting that is most similar to a key. Empty if no setting is similar enough.

    The comparison ignores upper and lower case, hyphens and underscores.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - most configs misspell no setting

    plain = key.lower().replace("_", "").replace("-", "")
    by_plain = {setting.lower(): setting for setting in known}
    found = get_close_matches(plain, by_plain, n=1, cutoff=_LEAST_SIMILARITY)
    return by_plain[found[0]] if found else ""
