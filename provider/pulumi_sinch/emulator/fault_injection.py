"""Carry out a fault on the request that meets it."""

import json

from flask import Response

from pulumi_sinch.emulator import refusals
from pulumi_sinch.emulator.faults import Fault
from pulumi_sinch.emulator.serving import Exchange
from pulumi_sinch.emulator.store import FIRST_PAGE_TOKEN

_PAGE = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"


def fail(fault: Fault, exchange: Exchange, answer: Response | None) -> Response | None:
    """Let a request fail.

    Args:
        fault: How.
        exchange: The request's hold on its connection.
        answer: The answer to spoil when the request was carried out, else `None`.

    Returns:
        What is answered instead; `None` lets the request be carried out.
    """
    if not exchange.wait(fault.delay):
        return dropped(exchange)
    if fault.kind == "delay":
        return answer
    if fault.kind in {"reset", "hang"}:
        if fault.kind == "hang":
            exchange.hold()
        return dropped(exchange)
    failed = _standing_in(fault) if answer is None else _spoilt(fault, exchange, answer)
    if fault.retry_after is not None:
        failed.headers["Retry-After"] = fault.retry_after
    return failed


def dropped(exchange: Exchange) -> Response:
    """Reset the connection; the response is a stand-in that nobody gets."""
    exchange.reset()
    return Response(status=500)


def refused(refusal: refusals.RefusedError) -> Response:
    """Return the answer to a request that the API refuses."""
    answer = Response(json.dumps(refusal.body), refusal.status, mimetype="application/json")
    if refusal.expired:
        answer.headers["WWW-Authenticate"] = (
            'Bearer error="invalid_token", error_description="The access token expired"'
        )
    elif refusal.status == 401:  # noqa: PLR2004 - Unauthorized
        answer.headers["WWW-Authenticate"] = 'Bearer realm="provisioning"'
    return answer


def _standing_in(fault: Fault) -> Response:
    if fault.kind == "expired_token":
        return refused(refusals.unauthorized(expired=True))
    if fault.kind == "html":
        status = fault.status or 502
        page = _PAGE.format(status=status) if fault.body is None else fault.body
        return Response(page, status, mimetype="text/html")
    documented = refusals.documented_body(fault.status or 500)
    body = json.dumps(documented or {"message": "Fault."}) if fault.body is None else fault.body
    return Response(body, fault.status, mimetype="application/json")


def _spoilt(fault: Fault, exchange: Exchange, answer: Response) -> Response:
    if fault.kind == "truncated_body":
        exchange.cut_body()
    elif fault.kind == "truncated_json":
        data = answer.get_data()
        answer.set_data(data[: len(data) // 2])
    elif fault.kind == "empty":
        answer.set_data(b"")
        answer.status_code = fault.status or answer.status_code
    elif fault.kind == "page_loop":
        page = answer.get_json(silent=True)
        if isinstance(page, dict) and "webhooks" in page:
            answer.set_data(json.dumps({**page, "nextPageToken": FIRST_PAGE_TOKEN}))
    else:
        return _standing_in(fault)
    return answer
