"""Sinch's responses, read tolerantly.

Webhooks of other Sinch products share the project and may lack documented fields. One such webhook must never make the
others unreadable, so a missing, null or mistyped field becomes empty. Unknown fields and triggers are accepted.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A webhook as Sinch shows it. The secret can never be read.

    Attributes:
        id: Opaque, never empty.
        project_id: Empty if the response lacks it.
        target: URL that the callbacks go to. Empty if the response lacks it.
        triggers: In Sinch's order. May contain triggers that this release does not know.
    """

    id: str
    project_id: str = ""
    target: str = ""
    triggers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: bytes) -> "Webhook":
        """Read the response to a request for one webhook.

        Raises:
            ValueError: The body is not a webhook. The text may contain parts of it.
        """
        value = _parsed(body)
        webhook = cls.from_entry(value)
        # A gateway's own JSON may have an id too, but no target.
        if webhook is None or "target" not in value:
            raise ValueError
        return webhook

    @classmethod
    def from_entry(cls, entry: object) -> "Webhook | None":
        """Read an entry of a list. Returns None if it has no id, because nothing can address it."""
        values = entry if isinstance(entry, dict) else {}
        webhook_id = _text(values.get("id"))
        if not webhook_id:
            return None
        triggers = values.get("triggers")
        known = map(_text, triggers) if isinstance(triggers, list) else ()
        return cls(
            id=webhook_id,
            project_id=_text(values.get("projectId")),
            target=_text(values.get("target")),
            triggers=tuple(filter(None, known)),
        )


@dataclass(frozen=True, kw_only=True)
class WebhookPage:
    """One page of a project's webhooks, without the entries that have no id."""

    webhooks: tuple[Webhook, ...]
    next_page_token: str | None = None

    @classmethod
    def from_json(cls, body: bytes) -> "WebhookPage":
        """Read a page.

        Raises:
            ValueError: The body is not a page. An unreadable page is never taken for an empty one, which would make
                webhooks look gone. The text may contain parts of the body.
        """
        value = _parsed(body)
        entries = value.get("webhooks") if isinstance(value, dict) else None
        token = value.get("nextPageToken") if isinstance(value, dict) else None
        if not isinstance(entries, list) or not isinstance(token, str | None):
            raise ValueError  # noqa: TRY004 - as for unreadable JSON
        webhooks = map(Webhook.from_entry, entries)
        return cls(
            webhooks=tuple(webhook for webhook in webhooks if webhook is not None), next_page_token=token
        )


def _parsed(body: bytes) -> Any:  # noqa: ANN401 - JSON is any value
    try:
        return json.loads(body)
    except RecursionError:
        raise ValueError from None


def _text(value: object) -> str:
    """Return a string, an empty one for anything else, and for a string that UTF-8 cannot hold."""
    try:
        return value if isinstance(value, str) and value.encode() else ""
    except UnicodeEncodeError:  # a lone surrogate, which neither a URL nor gRPC can carry
        return ""


@dataclass(frozen=True, kw_only=True)
class ErrorBody:
    """The body of an error. A gateway in front of the API may send any other, whose fields are left out."""

    error_code: str = ""
    message: str = ""
    resolution: str = ""
    additional_information: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: object) -> "ErrorBody":
        """Take what is usable of an answer, parsed from JSON."""
        sent = answer if isinstance(answer, dict) else {}
        texts = {key: value for key, value in sent.items() if isinstance(value, str)}
        information = sent.get("additionalInformation")
        return cls(
            error_code=texts.get("errorCode", ""),
            message=texts.get("message", ""),
            resolution=texts.get("resolution", ""),
            additional_information=information if isinstance(information, dict) else {},
        )

    @property
    def details(self) -> list[str]:
        """All texts of ``additionalInformation``."""
        groups = [value for value in self.additional_information.values() if isinstance(value, list)]
        return [text for group in groups for text in group if isinstance(text, str)]
