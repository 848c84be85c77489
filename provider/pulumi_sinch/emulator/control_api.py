"""The control API under ``/_emulator/``, to read and change the state of the emulator.

Tests and the emulator's web page use the control API.
"""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulumi_sinch.callbacks.signature import SIGNATURE_HEADER
from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.delivery import ATTEMPTS, PAUSE, Delivery
from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.faults.definition import Fault
from pulumi_sinch.emulator.faults.schedule import ScheduledFault
from pulumi_sinch.emulator.hosts import may_control
from pulumi_sinch.emulator.problems import first_problem
from pulumi_sinch.emulator.rate_limits import RateLimits
from pulumi_sinch.emulator.responses import json_response, problem_response
from pulumi_sinch.emulator.validation import QUOTA
from pulumi_sinch.redaction import redact_target

DESCRIPTION_PATH = "/_emulator/openapi.json"
_DESCRIPTION = Path(__file__).with_name("openapi.json")
_MAX_SECONDS = 1e12
"""Later than any real date. The limit also excludes infinity, which JSON cannot represent."""


class _Form(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")


class NewWebhook(_Form):
    """Body of ``POST /_emulator/webhooks``, which creates a webhook without the emulated API."""

    project_id: str | None = None
    target: str
    triggers: list[str] = Field(default_factory=lambda: ["ALL"])
    secret: str = Field(default="created-behind-the-scenes", repr=False)


class WebhookChange(_Form):
    """Body of ``PATCH /_emulator/webhooks/<id>``, which changes a webhook without the emulated API."""

    target: str | None = None
    triggers: list[str] | None = None
    secret: str | None = Field(default=None, repr=False)


class Event(_Form):
    """An event to deliver to the webhooks that have its trigger or ``ALL``."""

    trigger: str = Field(min_length=1)
    payload: Any = None
    project_id: str | None = None
    webhook_id: str | None = None
    attempts: int = Field(default=ATTEMPTS, ge=1, le=10)
    pause: float = Field(default=PAUSE, ge=0, le=60)


class ClockChange(_Form):
    """A change of the clock: by `advance` seconds, or to `set` seconds since the epoch."""

    advance: float | None = Field(default=None, ge=-_MAX_SECONDS, le=_MAX_SECONDS)
    set: float | None = Field(default=None, ge=-_MAX_SECONDS, le=_MAX_SECONDS)


class Latency(_Form):
    """Seconds that each request waits before the emulator handles it."""

    seconds: float = Field(ge=0, le=3600)


Form = TypeVar("Form", bound=BaseModel)
EntryT = TypeVar("EntryT")


class BadRequestError(Exception):
    """A request to the control API is invalid. The message names the mistake."""


def guard(backend: Backend) -> Response | None:
    """Protect the control API and the page, because they show secrets.

    Returns an error response for a rejected request, and None for an allowed request. The function rejects:

    - Requests from other machines, unless the ``Host`` header names a host that `Emulator.allow_host` added.
    - Requests whose ``Host`` header names neither a loopback host nor a host that `Emulator.allow_host`
      added.
    - Requests that a web page of another origin sends.
    - Callbacks, which have a signature header. `CallbackSender` also checks that a target does not lead to
      the emulator, but the address of the target's host can change after that check.
    """
    origin = request.headers.get("Origin")
    allowed = (
        may_control(request.remote_addr or "", request.host, backend.allowed_hosts)
        and (origin is None or origin == f"http://{request.host}")
        and SIGNATURE_HEADER not in request.headers
        and request.headers.get("Sec-Fetch-Site", "none") in {"none", "same-origin"}
    )
    return (
        None
        if allowed
        else problem_response(
            403, "The control API accepts only this machine and the allowed hosts, and no other web page."
        )
    )


def create_control_api(backend: Backend) -> Blueprint:
    """Return the routes of the control API for the state of one emulator."""
    control = Blueprint("control", __name__, url_prefix="/_emulator")
    control.before_request(lambda: guard(backend))
    control.register_error_handler(ValidationError, lambda error: problem_response(400, first_problem(error)))
    control.register_error_handler(LookupError, lambda error: problem_response(404, str(error.args[0])))
    control.register_error_handler(BadRequestError, lambda error: problem_response(400, str(error)))
    control.register_error_handler(
        RefusedError, lambda error: _json({"error": str(error), **error.body}, error.status)
    )
    _add_state(control, backend)
    _add_time(control, backend)
    _add_faults(control, backend)
    _add_journal(control, backend)
    _add_webhooks(control, backend)
    _add_deliveries(control, backend)
    return control


def _json(value: object, status: int = 200) -> Response:
    response = json_response(value, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _done() -> Response:
    return Response(status=204)


def _form(model: type[Form]) -> Form:
    return model.model_validate_json(request.get_data() or b"{}", strict=True)


def _number(name: str) -> int | None:
    """Return a query parameter of the request as a number, or None if the parameter is missing."""
    text = request.args.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise BadRequestError(f"{name}: must be a number from 0")
    return int(text)


def _latest(entries: list[EntryT]) -> list[EntryT]:
    """Return the latest entries. The query parameter ``limit`` is the maximum number of entries.

    If ``limit`` is missing or 0, return all entries.
    """
    return entries[-(_number("limit") or 0) :]


def _add_state(control: Blueprint, backend: Backend) -> None:
    @control.get("/health")
    def health() -> Response:
        return _json({"status": "ok"})

    @control.get("/openapi.json")
    def describe() -> Response:
        return Response(_DESCRIPTION.read_bytes(), mimetype="application/json")

    @control.get("/info")
    def info() -> Response:
        return _json(
            {
                "clock": backend.clock.now(),
                "latency": backend.latency,
                "rate_limits": backend.rate_limiter.limits.model_dump(),
                "quota": QUOTA,
                "forward_to": redact_target(backend.forwarding.url) if backend.forwarding else None,
                "projects": {
                    project_id: [
                        {**webhook.public_fields, "target": redact_target(webhook.target)}
                        for webhook in backend.store.webhooks(project_id)
                    ]
                    for project_id in backend.store.projects
                },
            }
        )

    @control.post("/reset")
    def reset() -> Response:
        backend.reset()
        return _done()

    @control.post("/tokens/expire")
    def expire_tokens() -> Response:
        backend.authentication.expire_tokens()
        return _done()


def _add_time(control: Blueprint, backend: Backend) -> None:
    @control.put("/latency")
    def set_latency() -> Response:
        backend.latency = _form(Latency).seconds
        return _done()

    @control.put("/rate-limits")
    def limit_rate() -> Response:
        backend.rate_limiter.set(_form(RateLimits))
        return _done()

    @control.post("/clock")
    def move_clock() -> Response:
        change = _form(ClockChange)
        if (change.advance is None) == (change.set is None):
            return problem_response(400, "Give either advance or set, in seconds.")
        if change.set is not None:
            backend.clock.set(change.set)
        backend.clock.advance(change.advance or 0)
        return _json({"clock": backend.clock.now()})


def _add_faults(control: Blueprint, backend: Backend) -> None:
    def shown(scheduled: ScheduledFault) -> dict[str, Any]:
        turn = {"number": scheduled.number, "seen": scheduled.seen, "hit": scheduled.hit}
        return {**turn, "spent": scheduled.is_spent, **scheduled.fault.model_dump()}

    @control.get("/faults")
    def list_faults() -> Response:
        return _json({"faults": [shown(scheduled) for scheduled in backend.faults.list()]})

    @control.post("/faults")
    def add_fault() -> Response:
        return _json({"number": backend.faults.schedule(_form(Fault))}, 201)

    @control.delete("/faults")
    def clear_faults() -> Response:
        backend.faults.clear()
        return _done()

    @control.delete("/faults/<int:number>")
    def remove_fault(number: int) -> Response:
        return (
            _done() if backend.faults.remove(number) else problem_response(404, "No fault has this number.")
        )


def _add_journal(control: Blueprint, backend: Backend) -> None:
    @control.get("/journal")
    def read_journal() -> Response:
        entries = backend.journal.entries(
            request.args.get("method"),
            request.args.get("path_contains"),
            status=_number("status"),
            after=_number("after") or 0,
        )
        return _json({"entries": [asdict(entry) for entry in _latest(entries)]})

    @control.delete("/journal")
    def clear_journal() -> Response:
        backend.journal.clear()
        return _done()


def _add_webhooks(control: Blueprint, backend: Backend) -> None:
    store = backend.store

    @control.get("/webhooks")
    def list_webhooks() -> Response:
        return _json({"webhooks": [webhook.public_fields for webhook in store.all_webhooks()]})

    @control.post("/webhooks")
    def create_webhook() -> Response:
        form = _form(NewWebhook)
        project_id = form.project_id or store.projects[0]
        webhook = store.create(project_id, form.model_dump(exclude={"project_id"}), any_trigger=True)
        return _json(webhook.public_fields, 201)

    @control.get("/webhooks/<webhook_id>")
    def show_webhook(webhook_id: str) -> Response:
        return _json(store.find(webhook_id).public_fields)

    @control.patch("/webhooks/<webhook_id>")
    def change_webhook(webhook_id: str) -> Response:
        fields = _form(WebhookChange).model_dump(exclude_none=True)
        project_id = store.find(webhook_id).project_id
        return _json(store.update(project_id, webhook_id, fields, any_trigger=True).public_fields)

    @control.delete("/webhooks/<webhook_id>")
    def delete_webhook(webhook_id: str) -> Response:
        store.delete(store.find(webhook_id).project_id, webhook_id)
        return _done()

    @control.get("/webhooks/<webhook_id>/secret")
    def show_secret(webhook_id: str) -> Response:
        return _json({"secret": store.find(webhook_id).secret})


def _add_deliveries(control: Blueprint, backend: Backend) -> None:
    def shown(delivery: Delivery) -> dict[str, Any]:
        return {
            **vars(delivery),
            "headers": dict(delivery.headers),
            "accepted": delivery.accepted,
            "signature": backend.callback_sender.check_signature(delivery),
        }

    @control.post("/deliver")
    def deliver() -> Response:
        form = _form(Event)
        try:
            done = backend.deliver(**form.model_dump())
        except ValueError as error:
            raise BadRequestError(str(error)) from None
        answer: dict[str, Any] = {"deliveries": [shown(delivery) for delivery in done]}
        if not done:
            whose = (
                f"The webhook {form.webhook_id} does not subscribe"
                if form.webhook_id
                else "No webhook subscribes"
            )
            answer["note"] = f"{whose} to {form.trigger} or ALL."
        return _json(answer)

    @control.get("/deliveries")
    def list_deliveries() -> Response:
        entries = backend.deliveries.entries(
            request.args.get("trigger"),
            webhook_id=request.args.get("webhook_id"),
            status=_number("status"),
            after=_number("after") or 0,
        )
        return _json({"deliveries": [shown(delivery) for delivery in _latest(entries)]})

    @control.post("/deliveries/<int:number>/resend")
    def resend(number: int) -> Response:
        return _json({"deliveries": [shown(backend.callback_sender.resend(number))]})

    @control.delete("/deliveries")
    def clear_deliveries() -> Response:
        backend.deliveries.clear()
        return _done()
