"""What Sinch's answers hold. Unknown fields and unknown triggers are never an error (CONTRACT.md, Fields).

Webhooks are validated by the core of pydantic alone: its models would take longer to import than a small `refresh` has
to spare (docs/performance.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from pulumi_sinch.loading import fast_import

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator


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
            ValueError: It is no webhook; the text may hold parts of it.
        """
        validator, _ = _validators()
        webhook: Webhook = validator.validate_json(body)
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
            ValueError: It is no page of webhooks; the text may hold parts of it.
        """
        _, validator = _validators()
        page: WebhookPage = validator.validate_json(body)
        return page


@cache
def _validators() -> "tuple[SchemaValidator, SchemaValidator]":
    """Return those of a webhook and of a page; built when the first answer is read, because a delete reads none."""
    with fast_import():
        from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415 - as above
    text = core_schema.str_schema()
    named = core_schema.dataclass_field
    default = core_schema.with_default_schema
    webhook = core_schema.dataclass_schema(
        Webhook,
        core_schema.dataclass_args_schema(
            "Webhook",
            [
                named("id", core_schema.str_schema(min_length=1)),
                named("project_id", default(text, default=""), validation_alias="projectId"),
                named("target", text),
                named("triggers", default(core_schema.tuple_variable_schema(text), default=())),
            ],
        ),
        ["id", "project_id", "target", "triggers"],
    )
    optional_text = default(core_schema.nullable_schema(text), default=None)
    page = core_schema.dataclass_schema(
        WebhookPage,
        core_schema.dataclass_args_schema(
            "WebhookPage",
            [
                named("webhooks", core_schema.tuple_variable_schema(webhook)),
                named("next_page_token", optional_text, validation_alias="nextPageToken"),
            ],
        ),
        ["webhooks", "next_page_token"],
    )
    return SchemaValidator(webhook), SchemaValidator(page)


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
