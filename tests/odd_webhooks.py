"""Webhooks of other Sinch products that lack documented fields. The emulator's rules allow none of them."""

from collections.abc import Mapping
from typing import Any

import pytest
from pulumi_sinch.emulator import Emulator, store

TARGETS = "https://other-product.example.com"
ENTRIES: dict[str, Mapping[str, Any]] = {
    "null-triggers": {"triggers": None},
    "triggers-with-null": {"triggers": [None, 7, "BUNDLE_DONE"]},
    "triggers-as-text": {"triggers": "ALL"},
    "null-target": {"target": None},
    "target-as-object": {"target": {"url": "https://x.example"}},
    "unusual-target": {"target": "mailto:somebody@example.com"},
    "null-project": {"projectId": None},
    "null-id": {"id": None},
    "empty-id": {"id": ""},
    "number-as-id": {"id": 7},
    "all-null": dict.fromkeys(("target", "triggers", "projectId")),
    "unknown-field": {"product": {"name": "bundles"}},
    "surrogate": {"target": "https://\ud800.example"},
}
"""Replacements for the documented fields of an entry."""
WITHOUT_ID = {"null-id", "empty-id", "number-as-id"}


class OddWebhooks:
    """Changes the form in which the emulator returns some webhooks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fields: dict[str, Mapping[str, Any]] = {}
        documented = vars(store.StoredWebhook)["public_fields"].fget
        shown = property(lambda webhook: {**documented(webhook), **self.fields.get(webhook.id, {})})
        monkeypatch.setattr(store.StoredWebhook, "public_fields", shown)

    def add(self, emulator: Emulator, names: set[str] | None = None) -> dict[str, str]:
        """Create a webhook for each name in `ENTRIES`. Returns their ids by name."""
        ids = {}
        for name in names or {*ENTRIES}:
            webhook = emulator.create_webhook(f"{TARGETS}/{name}")
            self.fields[webhook.id] = ENTRIES[name]
            ids[name] = webhook.id
        return ids
