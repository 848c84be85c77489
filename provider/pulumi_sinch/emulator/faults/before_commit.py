"""Faults that fail a request before it takes effect."""

import json

from flask import Response

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.faults.definition import Fault
from pulumi_sinch.emulator.http_server import RequestConnection
from pulumi_sinch.emulator.responses import drop_response, error_response

_PAGE = "<!DOCTYPE html>\n<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>\n"


def fail_before_commit(fault: Fault, connection: RequestConnection) -> Response | None:
    """Apply a fault before a request takes effect: delay the request or make it fail.

    Returns:
        The response of the failed request. None if the fault only delays the request: the request then
        continues normally.
    """
    if not connection.wait(fault.delay):
        return drop_response(connection)
    if fault.kind == "delay":
        return None
    if fault.kind == "hang":
        connection.hang()
    if fault.kind in {"hang", "reset"}:
        return drop_response(connection)
    return faulty_response(fault)


def faulty_response(fault: Fault) -> Response:
    """Return the response that a fault sends instead of the real response."""
    if fault.kind == "expired_token":
        response = error_response(errors.unauthorized(expired=True))
    elif fault.kind == "html":
        status = fault.status or 502
        page = _PAGE.format(status=status) if fault.body is None else fault.body
        response = Response(page, status, mimetype="text/html")
    else:
        documented = errors.documented_body(fault.status or 500)
        body = json.dumps(documented or {"message": "Fault."}) if fault.body is None else fault.body
        response = Response(body, fault.status, mimetype="application/json")
    add_retry_after(fault, response)
    return response


def add_retry_after(fault: Fault, response: Response) -> None:
    """Set the ``Retry-After`` header of a response, if the fault defines a value for it."""
    if fault.retry_after is not None:
        response.headers["Retry-After"] = fault.retry_after
