"""What Sinch's answers hold. Unknown fields and unknown triggers are never an error (CONTRACT.md, Fields).

Webhooks are validated by the core of pydantic alone: its models would take longer to import than a small `refresh` has
to spare (docs/performance.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core.core_schema import (
    dataclass_args_schema,
    dataclass_field,
    dataclass_schema,
    nullable_schema,
    str_schema,
    tuple_variable_schema,
    with_default_schema,
)


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """A webhook as Sinch shows it. The secret can never be read.

    Attributes:
        id: Opaque.
        project_id: Empty where the answer leaves it out.
        target: URL that the callbacks go to.
        triggers: In Sinch's order; may hold some that this release does not know.
    """

    id: str
    project_id: str = ""
    target: str
    triggers: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, body: bytes) -> "Webhook":
        """Read an answer.

        Raises:
            ValidationError: It is no webhook; the text may hold parts of it.
        """
        webhook: Webhook = _WEBHOOK.validate_json(body)
        return webhook


@dataclass(frozen=True, kw_only=True)
class WebhookPage:
    """One page of a project's webhooks."""

    webhooks: tuple[Webhook, ...]
    next_page_token: str | None = None

    @classmethod
    def from_json(cls, body: bytes) -> "WebhookPage":
        """Read an answer.

        Raises:
            ValidationError: It is no page of webhooks; the text may hold parts of it.
        """
        page: WebhookPage = _PAGE.validate_json(body)
        return page


_WEBHOOK_SCHEMA = dataclass_schema(
    Webhook,
    dataclass_args_schema(
        "Webhook",
        [
            dataclass_field("id", str_schema(min_length=1)),
            dataclass_field(
                "project_id", with_default_schema(str_schema(), default=""), validation_alias="projectId"
            ),
            dataclass_field("target", str_schema()),
            dataclass_field("triggers", with_default_schema(tuple_variable_schema(str_schema()), default=())),
        ],
    ),
    ["id", "project_id", "target", "triggers"],
)
_WEBHOOK = SchemaValidator(_WEBHOOK_SCHEMA)
_PAGE = SchemaValidator(
    dataclass_schema(
        WebhookPage,
        dataclass_args_schema(
            "WebhookPage",
            [
                dataclass_field("webhooks", tuple_variable_schema(_WEBHOOK_SCHEMA)),
                dataclass_field(
                    "next_page_token",
                    with_default_schema(nullable_schema(str_schema()), default=None),
                    validation_alias="nextPageToken",
                ),
            ],
        ),
        ["webhooks", "next_page_token"],
    )
)


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
