"""Validate the parts of a preview's JSON that the comment uses.

Invalid JSON counts as a failed preview, because a comment on only a part of the preview could omit changes
that `pulumi up` makes.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, NonNegativeInt, StrictStr, ValidationError

_URN = r"(?s)^urn:pulumi:.*::.*::.+::"
# The change summary counts these steps, but the JSON may omit them.
_NOT_ALWAYS_LISTED = {"same", "read", "refresh", "discard"}


class _State(BaseModel):
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None


class _Step(BaseModel):
    op: Annotated[StrictStr, Field(min_length=1)]
    urn: Annotated[StrictStr, Field(pattern=_URN)]
    oldState: _State | None = None  # noqa: N815 - Pulumi's name
    newState: _State | None = None  # noqa: N815 - Pulumi's name


class _Diagnostic(BaseModel):
    severity: StrictStr
    message: StrictStr = ""


class _Preview(BaseModel):
    steps: list[_Step] | None = None
    diagnostics: list[_Diagnostic] | None = None
    changeSummary: dict[str, NonNegativeInt] | None = None  # noqa: N815 - Pulumi's name


def problem_of(document: Mapping[str, Any]) -> str:
    """Return the reason why the JSON is not a complete preview, or an empty string if it is one.

    The reason contains no values of the JSON, because they can be private.
    """
    try:
        preview = _Preview.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        # Show only names of the schema and list positions: the keys of a mapping may be private.
        place = ".".join(str(part) for part in first["loc"][:3])
        return f"it has an unexpected form at {place} ({first['type']})"
    steps, summary = preview.steps or [], preview.changeSummary
    if summary is None:
        return "it has no summary of changes"
    if not steps and not summary:
        return "it has neither steps nor changes"
    listed = Counter(step.op for step in steps)
    if missing := sorted(
        op for op, count in summary.items() if count > listed[op] and op not in _NOT_ALWAYS_LISTED
    ):
        return f"its summary counts more changes than its steps: {', '.join(missing)}"
    return ""
