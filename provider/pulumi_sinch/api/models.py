"""What Sinch's answers hold. Unknown fields and unknown triggers are never an error (CONTRACT.md, Fields)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator


class _Answer(BaseModel):
    """Tolerant towards fields that later versions add; silent about the values that it refuses."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class Webhook(_Answer):
    """A webhook as Sinch shows it. The secret can never be read.

    Attributes:
        id: Opaque.
        project_id: Empty where the answer leaves it out.
        target: URL that the callbacks go to.
        triggers: In Sinch's order; may hold some that this release does not know.
    """

    id: str = Field(min_length=1)
    project_id: str = Field(default="", alias="projectId")
    target: str
    triggers: tuple[str, ...] = ()


class WebhookPage(_Answer):
    """One page of a project's webhooks."""

    webhooks: tuple[Webhook, ...]
    next_page_token: str | None = Field(default=None, alias="nextPageToken")


class ErrorBody(_Answer):
    """The body of an error. A gateway in front of the API may send any other."""

    error_code: str = Field(default="", alias="errorCode")
    message: str = ""
    resolution: str = ""
    additional_information: dict[str, Any] = Field(default_factory=dict, alias="additionalInformation")

    @field_validator("error_code", "message", "resolution", mode="before")
    @classmethod
    def _only_text(cls, value: object) -> str:
        return value if isinstance(value, str) else ""

    @field_validator("additional_information", mode="before")
    @classmethod
    def _only_mapping(cls, value: object) -> dict[str, Any]:
        return value if isinstance(value, dict) else {}

    @property
    def details(self) -> list[str]:
        """All texts of ``additionalInformation``."""
        groups = [value for value in self.additional_information.values() if isinstance(value, list)]
        return [text for group in groups for text in group if isinstance(text, str)]
