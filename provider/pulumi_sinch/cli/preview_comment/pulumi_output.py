"""Parse the output of `pulumi preview --json`, in either of its two formats, into steps and diagnostics."""

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi_sinch.cli.pulumi_json import SECRET_SIGNATURE, SIGNATURE_KEY
from pulumi_sinch.plugin.properties import PROPERTIES
from pulumi_sinch.redaction import hide_values, redact_target, sanitize, sanitize_message

UNKNOWN = "(not known until up)"
SECRET = "[secret]"  # noqa: S105 - what Pulumi prints in a secret's place

# Pulumi's placeholders for unknown values, one for each type (sdk/go/common/resource/plugin/rpc.go).
_UNKNOWN_VALUES = {
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
# The keys of a target in a redacted preview: the redacted target, and a number for each different target.
REDACTED_TARGET = "redactedTarget"
TARGET_NUMBER = "number"
_SECRET_KEYS = {"secret", "previous_secret", PROPERTIES["previous_secret"]}
# Hiding all occurrences of a very short value would make the comment unreadable.
_SHORTEST_HIDDEN = 4

_WIDTH = 110
"""Maximum characters in a line of a diagnostic. GitHub and GitLab do not wrap the lines of a code block."""

_JSON_START = re.compile(r"^(?=\S)[^{\n]*(\{)", re.MULTILINE)
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_CLI_ERROR = re.compile(r"\s*(error|warning): ")
_SUMMARY_KEYS = {"steps", "diagnostics", "changeSummary"}
_EVENT_KEYS = {"resourcePreEvent", "diagnosticEvent", "summaryEvent", "preludeEvent"}


@dataclass(frozen=True)
class Output:
    """The parsed output of one preview.

    Attributes:
        steps: The ``steps`` of ``pulumi preview --json``.
        diagnostics: The errors and warnings, sanitized, each as ``(severity, text)``.
        summary: Number of resources by operation.
        found: Whether the text contains a complete preview.
        secrets: Values that must not be shown.
    """

    steps: list[Mapping[str, Any]] = field(repr=False)
    diagnostics: list[tuple[str, str]] = field(repr=False)
    summary: Mapping[str, Any]
    found: bool
    secrets: frozenset[str] = field(repr=False)


def read(text: str, *, hide: frozenset[str] = frozenset()) -> Output:
    """Parse the preview in the output of a command. Log lines around the JSON are skipped.

    By default, a preview is one JSON object. If there are several such objects, the last one is used. With
    ``PULUMI_ENABLE_STREAMING_JSON_PREVIEW``, a preview is a stream of events: one JSON object for each event.
    If the output contains no JSON of a preview, the CLI's lines with ``error:`` or ``warning:`` become the
    diagnostics. For invalid or incomplete JSON, the diagnostics contain an error.
    """
    documents, truncated = _documents(text)
    whole = [document for document in documents if _SUMMARY_KEYS & document.keys()]
    document = whole[-1] if whole else _from_events(documents)
    secrets = hide | frozenset(_plain_secrets(documents))
    secrets = frozenset(value for value in secrets if len(value) >= _SHORTEST_HIDDEN)
    said = [
        (str(entry.get("severity")), str(entry.get("message") or ""))
        for entry in map(mapping, sequence(document.get("diagnostics")))
    ]
    if not documents:
        said = [("error", line) for line in text.splitlines() if _CLI_ERROR.match(_ANSI.sub("", line))]
    problem = _problem(document, truncated=truncated)
    if documents and problem and not _has_error(said):
        said.append(("error", f"error: this file is not a complete `pulumi preview --json`: {problem}"))
    return Output(
        steps=[mapping(step) for step in sequence(document.get("steps"))],
        diagnostics=[
            (severity, shown)
            for severity, message in said
            if severity in {"error", "warning"} and (shown := readable(message, secrets))
        ],
        summary=mapping(document.get("changeSummary")),
        found=bool(document) and not problem,
        secrets=secrets,
    )


def _problem(document: Mapping[str, Any], *, truncated: bool) -> str:
    """Return the reason why the preview is not complete, or an empty string if it is complete."""
    # Imported on use: pydantic is slow to import, and `--help` does not need it.
    from pulumi_sinch.cli.preview_comment.preview_schema import problem_of

    return "some of its JSON is cut off" if truncated else problem_of(document)


def _has_error(said: Iterable[tuple[str, str]]) -> bool:
    return any(severity == "error" for severity, _ in said)


def readable(message: str, secrets: frozenset[str]) -> str:
    """Return the wrapped lines of a diagnostic, without colors, control characters and credentials."""
    lines = []
    for raw in _ANSI.sub("", message).splitlines():
        # Keep the indentation, which shows the structure of a traceback.
        indentation = " " * min(len(raw) - len(raw.lstrip(" ")), 8)
        # Secrets are hidden first, because a wrapped secret would not be found.
        for part in textwrap.wrap(
            hide_values(raw, secrets), _WIDTH, break_long_words=False, break_on_hyphens=False
        ):
            line = sanitize_message(part)
            lines.extend([indentation + line] if line else [])
    return "\n".join(lines)


def shown(value: object, secrets: frozenset[str] = frozenset()) -> str:
    """Return the value of a property as one line, with placeholders for unknown and secret values."""
    if isinstance(value, Mapping):
        return SECRET if value.get(SIGNATURE_KEY) == SECRET_SIGNATURE else UNKNOWN
    if value is None or isinstance(value, list) or is_unknown(value):
        return UNKNOWN
    return sanitize(value, hide=secrets)


def target_of(value: object, secrets: frozenset[str] = frozenset()) -> tuple[str, str]:
    """Return the redacted target, and its identity (see `WebhookState`)."""
    redacted = mapping(value).get(REDACTED_TARGET)
    if redacted is not None:
        return redact_target(shown(redacted, secrets)), str(mapping(value).get(TARGET_NUMBER))
    return redact_target(shown(value, secrets)), str(value)


def is_unknown(value: object) -> bool:
    """Return whether a value is the placeholder for an unknown value."""
    return isinstance(value, str) and value in _UNKNOWN_VALUES


def mapping(value: object) -> Mapping[str, Any]:
    """Return the value if it is a mapping, else an empty mapping."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: object) -> list[Any]:
    """Return the value if it is a list, else an empty list."""
    return value if isinstance(value, list) else []


def _documents(text: str) -> tuple[list[Mapping[str, Any]], bool]:
    """Return the JSON objects that belong to a preview, and whether any JSON is truncated.

    A brace in the middle of a line can be part of a log message. So invalid JSON that starts in the middle of
    a line does not count as truncated.
    """
    decoder = json.JSONDecoder()
    documents: list[Mapping[str, Any]] = []
    truncated = False
    position = 0
    while match := _JSON_START.search(text, position):
        try:
            value, position = decoder.raw_decode(text, match.start(1))
        except (ValueError, RecursionError):
            position = match.end()
            truncated = truncated or match.start() == match.start(1)
            continue
        if isinstance(value, dict) and (_SUMMARY_KEYS | _EVENT_KEYS) & value.keys():
            documents.append(value)
    return documents, truncated


def _from_events(events: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Convert a stream of events to a preview as one JSON object. Without events, the object is empty."""
    if not events:
        return {}
    steps = []
    for event in events:
        metadata = mapping(mapping(event.get("resourcePreEvent")).get("metadata"))
        if metadata:
            steps.append(
                {
                    **{key: metadata.get(key) for key in ("op", "urn", "detailedDiff")},
                    "diffReasons": metadata.get("diffs"),
                    "oldState": metadata.get("old"),
                    "newState": metadata.get("new"),
                }
            )
    return {
        "steps": steps,
        "diagnostics": [event["diagnosticEvent"] for event in events if "diagnosticEvent" in event],
        # The last event contains the summary. A truncated stream has no last event, so it has no summary.
        "changeSummary": next(
            (
                mapping(event["summaryEvent"]).get("resourceChanges", {})
                for event in events
                if "summaryEvent" in event
            ),
            None,
        ),
    }


def _plain_secrets(value: object) -> Iterator[str]:
    """Yield the plaintext secrets in the JSON, so that they can be hidden everywhere."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, Mapping):
            is_secret = item.get(SIGNATURE_KEY) == SECRET_SIGNATURE
            waiting.extend(item.values())
            for key, inner in item.items():
                if key in _SECRET_KEYS or (is_secret and key in {"value", "plaintext"}):
                    yield from _texts(inner)
        elif isinstance(item, list):
            waiting.extend(item)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str) and value not in {SECRET, *_UNKNOWN_VALUES}:
        yield value
        if value.startswith('"'):
            try:
                yield str(json.loads(value))
            except ValueError:
                return
