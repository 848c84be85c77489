"""Sinch's JSON responses as Python objects.

Other Sinch products can create webhooks in the same project, and these webhooks can lack documented fields.
Such a webhook must not make the whole list unreadable. So a field that is missing, null or of a wrong type
becomes empty. Unknown fields and triggers are accepted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A webhook in a response of Sinch. It has no secret, because Sinch never returns the secret.

    Attributes:
        id: Opaque string, never empty.
        project_id: The project. Empty if the response lacks it.
        target: URL that receives the callbacks. Empty if the response lacks it.
        triggers: The triggers in Sinch's order. They can include triggers that this release does not know.
    """

    id: str
    project_id: str = ""
    target: str = ""
    triggers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Any) -> "Webhook":  # noqa: ANN401 - JSON is any value
        """Read the webhook from the parsed JSON of a response that contains one webhook, not a list.

        Raises:
            ValueError: The JSON is not a webhook.
        """
        webhook = cls.from_entry(data)
        # The JSON of a gateway may have an id too, but it has no target.
        if webhook is None or "target" not in data:
            raise ValueError
        return webhook

    @classmethod
    def from_entry(cls, entry: object) -> "Webhook | None":
        """Read one webhook from an entry of Sinch's list. Returns None if the entry has no id."""
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
    def from_json(cls, data: object) -> "WebhookPage":
        """Read a page from parsed JSON.

        Raises:
            ValueError: The JSON is not a page. An unreadable page must not look like an empty page, because
                all webhooks would then seem to be deleted.
        """
        values = data if isinstance(data, dict) else {}
        entries = values.get("webhooks")
        token = values.get("nextPageToken")
        # A page token that UTF-8 cannot encode is rejected, because the next request could not contain it.
        if not isinstance(entries, list) or not isinstance(token, str | None) or (token and not _text(token)):
            raise ValueError
        webhooks = map(Webhook.from_entry, entries)
        return cls(
            webhooks=tuple(webhook for webhook in webhooks if webhook is not None), next_page_token=token
        )


def _text(value: object) -> str:
    """Return the value if it is a string that UTF-8 can encode, and otherwise an empty string."""
    try:
        return value if isinstance(value, str) and value.encode() else ""
    except UnicodeEncodeError:  # a lone surrogate, which neither a URL nor gRPC can contain
        return ""


@dataclass(frozen=True, kw_only=True)
class ErrorBody:
    """The body of an error response. The fields are empty if a gateway sent another kind of body."""

    error_code: str = ""
    message: str = ""
    resolution: str = ""
    additional_information: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: object) -> "ErrorBody":
        """Read an error body from parsed JSON. Never raises."""
        sent = data if isinstance(data, dict) else {}
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
        """All strings in the lists of ``additionalInformation``."""
        groups = [value for value in self.additional_information.values() if isinstance(value, list)]
        return [text for group in groups for text in group if isinstance(text, str)]
