"""Check the points of `docs/CONTRACT.md` with requests to a Sinch project.

A point is one statement about the API, such as the HTTP status of a POST.
"""

import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

from pulumi_sinch.api.triggers import Trigger

from live_conformance.project import Project, Response

TARGET_LIMIT = 742
SECRET_LIMIT = 128
_PAIR = (Trigger.WHATSAPP_SENDER_ACTIVE.value, Trigger.RCS_SENDER_COMMENT_ADDED.value)
"""Two triggers in reverse alphabetical order."""


class Verdict(Enum):
    """The result of comparing a response with `docs/CONTRACT.md`."""

    AS_DOCUMENTED = "as documented"
    DIFFERS = "differs"
    OBSERVED = "undocumented"
    UNDECIDABLE = "undecidable"


@dataclass(frozen=True)
class Finding:
    """The result for one point: one row of the table."""

    point: str
    contract: str
    response: str
    verdict: Verdict


@dataclass(frozen=True)
class Section:
    """Points that need the same number of webhooks. The project must have room for these webhooks."""

    places: int
    points: Callable[[Project], Iterator[Finding]]


def find_all(project: Project) -> Iterator[Finding]:
    """Send the requests of all sections, and yield the finding of each point.

    Raises:
        StoppedError: The run ended early.
    """
    for section in (Section(0, _reads), Section(1, _one_webhook), Section(2, _two_webhooks)):
        if not section.places or project.has_room_for(section.places):
            yield from section.points(project)
        else:
            yield Finding(
                f"points that need {section.places} webhook{'s' * (section.places > 1)} of their own",
                "",
                "the project is nearly full, and one place stays free for others",
                Verdict.UNDECIDABLE,
            )
    yield from _never_asked()


def _compare(point: str, contract: str, response: Response, *, holds: bool, shown: str = "") -> Finding:
    """Return the finding of a documented point. `holds` says whether the response is as documented."""
    verdict = Verdict.AS_DOCUMENTED if holds else Verdict.DIFFERS
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        verdict = Verdict.UNDECIDABLE
    return Finding(point, contract, shown or str(response), verdict)


def _error(point: str, response: Response, status: int, code: str) -> Finding:
    """Return the finding of a point that documents an error: its HTTP status and error code."""
    holds = (response.status, response.error_code) == (status, code)
    return _compare(point, f"HTTP {status} {code}", response, holds=holds)


def _observe(point: str, response: Response, shown: str = "") -> Finding:
    """Return the finding of an undocumented point. It shows the response, and compares nothing."""
    failed = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    return Finding(
        point,
        "undocumented",
        str(response) if failed or not shown else shown,
        Verdict.UNDECIDABLE if failed else Verdict.OBSERVED,
    )


def _reads(project: Project) -> Iterator[Finding]:
    """Yield the findings of the points that need no webhook of this run."""
    response = project.request("GET")
    entries = [entry for entry in response.fields.get("webhooks") or () if isinstance(entry, dict)]
    wanted = {"totalSize", "pageSize", "webhooks"}
    missing = sorted(wanted - response.fields.keys())
    yield _compare(
        "fields of a list",
        "totalSize, pageSize, webhooks",
        response,
        holds=not missing,
        shown=f"{response}, lacks {', '.join(missing)}" if missing else "",
    )
    yield _observe("nextPageToken of the last page", response, _kind_of(response.fields, "nextPageToken"))
    yield _null_fields(response, entries)
    yield _list_order(response, entries)
    pages = project.request("GET", params={"pageSize": "16"})
    yield _error("pageSize 16", pages, 400, "invalid_page_size")
    unknown = project.request("GET", uuid.uuid4().hex)
    yield _error("GET of an unknown id", unknown, 404, "webhook_not_found")
    malformed = project.request("GET", "not-an-id")
    yield _error("GET of a malformed id", malformed, 400, "invalid_id_format")
    anonymous = project.request("GET", authorized=False)
    yield _compare("no credentials", "HTTP 401", anonymous, holds=anonymous.status == HTTPStatus.UNAUTHORIZED)


def _null_fields(response: Response, entries: list[dict[str, Any]]) -> Finding:
    point = "null or missing fields in a list"
    if not entries:
        return Finding(point, "undocumented", "the project has no webhooks", Verdict.UNDECIDABLE)
    names = ("id", "projectId", "target", "triggers")
    odd = sorted({name for entry in entries for name in names if entry.get(name) is None})
    return _observe(point, response, f"{', '.join(odd) or 'none'}, in {len(entries)} webhooks")


def _list_order(response: Response, entries: list[dict[str, Any]]) -> Finding:
    point, contract = "order of a list", "alphabetical, by an undocumented field"
    keys = {
        name: [str(entry.get(name)) for entry in entries]
        for name in ("id", "target")
        if len(entries) > 2  # noqa: PLR2004
    }
    orders = [name for name, values in keys.items() if values == sorted(values)]
    if not keys:
        return Finding(point, contract, "fewer than 3 webhooks", Verdict.UNDECIDABLE)
    shown = f"by {' or '.join(orders)}" if orders else "neither by id nor by target"
    return Finding(point, contract, shown, _observe(point, response).verdict)


def _kind_of(fields: Mapping[str, Any], name: str) -> str:
    if name not in fields:
        return "absent"
    return "null" if fields[name] is None else "an empty string" if fields[name] == "" else "a value"


def _fields(project: Project, path: str, *triggers: str) -> dict[str, Any]:
    return {
        "target": project.target(path),
        "triggers": list(triggers) or [Trigger.BUNDLE_DONE.value],
        "secret": secrets.token_hex(16),
    }


def _one_webhook(project: Project) -> Iterator[Finding]:
    """Yield the findings of the points that need one webhook."""
    fields = _fields(project, "Path")
    created = project.request("POST", json=fields)
    sent = {name: fields[name] for name in ("target", "triggers")}
    same = sent.items() <= created.fields.items()
    yield _compare(
        "POST", "HTTP 201 and the webhook", created, holds=created.status == HTTPStatus.CREATED and same
    )
    yield _compare("secret in responses", "never", created, holds="secret" not in created.fields)
    webhook_id = created.fields.get("id")
    if not isinstance(webhook_id, str):
        return
    is_hex = re.fullmatch(r"[0-9a-f]{32}", webhook_id) is not None
    yield _observe(
        "id", created, "32 hex digits" if is_hex else f"{len(webhook_id)} characters, not 32 hex digits"
    )
    yield from _after_a_write(project, webhook_id)
    yield from _triggers(project, webhook_id)
    yield from _targets(project, webhook_id)
    yield from _nothing_in_patch(project, webhook_id, fields)
    limit = project.request("PATCH", webhook_id, json={"secret": "s" * (SECRET_LIMIT + 1)})
    yield _error("secret with 129 characters", limit, 400, "invalid_input")
    replaced = project.request("PUT", webhook_id, json=fields)
    same = sent.items() <= replaced.fields.items()
    yield _compare(
        "PUT", "HTTP 200 and the webhook", replaced, holds=replaced.status == HTTPStatus.OK and same
    )
    yield from _deletion(project, webhook_id, fields)


def _after_a_write(project: Project, webhook_id: str) -> Iterator[Finding]:
    read = project.request("GET", webhook_id)
    listed = any(entry.get("id") == webhook_id for entry in project.entries())
    shown = f"GET: {read}; list: {'has it' if listed else 'lacks it'} (one try)"
    yield _observe("GET and list right after POST", read, shown)


def _triggers(project: Project, webhook_id: str) -> Iterator[Finding]:
    def patch(*triggers: str) -> Response:
        return project.request("PATCH", webhook_id, json={"triggers": triggers})

    ordered = patch(*_PAIR)
    received = ordered.fields.get("triggers")
    order = "as sent" if received == [*_PAIR] else "alphabetical" if received == sorted(_PAIR) else "another"
    yield _observe("order of triggers in responses", ordered, order)
    yield _observe("ALL with others", patch("ALL", _PAIR[0]))
    known = [trigger.value for trigger in Trigger if trigger is not Trigger.ALL]
    response = patch(*known)
    yield _compare(
        f"all {len(known)} other triggers", "HTTP 200", response, holds=response.status == HTTPStatus.OK
    )
    response = patch("ALL")
    yield _compare("the trigger ALL", "HTTP 200", response, holds=response.status == HTTPStatus.OK)
    yield _error("no triggers", patch(), 400, "invalid_input")
    yield _error("a trigger twice", patch(_PAIR[0], _PAIR[0]), 400, "invalid_input")
    yield _observe("an unknown trigger", patch("A_TRIGGER_THAT_DOES_NOT_EXIST"))


def _spellings(project: Project) -> dict[str, str]:
    """Return different spellings of the target of `_fields(project, "Path")`, by a name for the spelling."""
    target = project.target("Path")
    host = f"{project.marker}.example.com"
    return {
        "host in upper case": target.replace(host, host.upper()),
        "scheme in upper case": target.replace("https", "HTTPS"),
        "default port": target.replace(host, f"{host}:443"),
        "dot at the end of the host": target.replace(host, f"{host}."),
        "percent-encoded letter": target.replace("Path", "%50ath"),
        "dot segment": target.replace("Path", "./Path"),
        "slash at the end": f"{target}/",
        "path in lower case": target.replace("Path", "path"),
    }


def _targets(project: Project, webhook_id: str) -> Iterator[Finding]:
    def patch(target: str) -> Response:
        return project.request("PATCH", webhook_id, json={"target": target})

    yield _observe("target with http://", patch(project.target("Path", scheme="http")))
    longest = project.target("")
    longest += "a" * (TARGET_LIMIT - len(longest))
    response = patch(longest)
    yield _compare("target with 742 characters", "HTTP 200", response, holds=response.status == HTTPStatus.OK)
    yield _error("target with 743 characters", patch(f"{longest}a"), 400, "invalid_input")
    for spelling, target in _spellings(project).items():
        response = patch(target)
        returned = "returned as sent" if response.fields.get("target") == target else "returned normalized"
        shown = f"{response}, {returned}" if response.status == HTTPStatus.OK else ""
        yield _observe(f"target: {spelling}", response, shown)


def _nothing_in_patch(project: Project, webhook_id: str, fields: Mapping[str, Any]) -> Iterator[Finding]:
    """Check PATCH without fields, and with null.

    Sinch never returns the secret, so the run cannot see whether a PATCH changed it.
    """
    project.request("PUT", webhook_id, json=fields)
    yield _observe("PATCH with {}", project.request("PATCH", webhook_id, json={}))
    for name in ("target", "triggers"):
        response = project.request("PATCH", webhook_id, json={name: None})
        now = project.request("GET", webhook_id)
        kept = "ignored" if now.fields.get(name) == fields[name] else "changes the webhook"
        yield _observe(f"PATCH with {name}: null", response, f"{response}, {kept}")
    response = project.request("PATCH", webhook_id, json={"secret": None})
    if response.status == HTTPStatus.OK:
        shown = f"{response}; whether the secret changed cannot be seen"
        yield Finding("PATCH with secret: null", "undocumented", shown, Verdict.UNDECIDABLE)
    else:
        yield _observe("PATCH with secret: null", response)


def _deletion(project: Project, webhook_id: str, fields: Mapping[str, Any]) -> Iterator[Finding]:
    deleted = project.request("DELETE", webhook_id)
    holds = deleted.status == HTTPStatus.NO_CONTENT and not deleted.body
    yield _compare("DELETE", "HTTP 204 without a body", deleted, holds=holds)
    yield _error("a second DELETE", project.request("DELETE", webhook_id), 404, "webhook_not_found")
    again = project.request("POST", json=fields)
    yield _observe("target reused right after DELETE", again)
    if isinstance(again.fields.get("id"), str):
        project.request("DELETE", again.fields["id"])


def _two_webhooks(project: Project) -> Iterator[Finding]:
    """Yield the findings of the points that need two webhooks: which targets count as equal at Sinch."""
    taken = _fields(project, "Path")
    free = _fields(project, "other")
    first, second = (project.request("POST", json=fields) for fields in (taken, free))
    webhook_id = second.fields.get("id")
    if not (first.status == second.status == HTTPStatus.CREATED and isinstance(webhook_id, str)):
        text = f"{first}, {second}"
        yield Finding("points that need 2 webhooks", "HTTP 201", text, Verdict.UNDECIDABLE)
        return
    same = {"target": taken["target"]}
    yield _error(
        "PATCH with a target that another webhook has",
        project.request("PATCH", webhook_id, json=same),
        409,
        "webhook_exists",
    )
    yield _error(
        "PUT with a target that another webhook has",
        project.request("PUT", webhook_id, json=free | same),
        409,
        "webhook_exists",
    )
    for spelling, target in _spellings(project).items():
        response = project.request("PATCH", webhook_id, json={"target": target})
        meaning = {200: "another target", 409: "the same target"}.get(response.status, "rejected")
        yield _observe(f"uniqueness of targets: {spelling}", response, f"{response}: {meaning}")


def _never_asked() -> Iterator[Finding]:
    """Yield a finding for each point that this run does not check, with the reason."""
    receiver = "needs a receiver that Sinch can reach"
    for point, contract, why in (
        ("signed string of a callback", 'raw body + "." + nonce + "." + timestamp (inferred)', receiver),
        ("characters of a nonce", "undocumented; one with a dot is rejected here", receiver),
        ("retries of a callback, and their signatures", "undocumented", receiver),
        ("secret used for callbacks after a rotation", "one at a time", receiver),
        ("rate limits and Retry-After", "undocumented", "never provoked"),
        ("POST of a 16th webhook", "HTTP 424 webhook_limit_reached", "would fill the project"),
        ("expired token", "HTTP 401, www-authenticate contains expired", "takes an hour"),
    ):
        yield Finding(point, contract, why, Verdict.UNDECIDABLE)
