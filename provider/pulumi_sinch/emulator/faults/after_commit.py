"""Faults that drop or damage the response of a request that took effect."""

import json

from flask import Response

from pulumi_sinch.emulator.faults.before_commit import add_retry_after, faulty_response
from pulumi_sinch.emulator.faults.definition import Fault
from pulumi_sinch.emulator.http_server import RequestConnection
from pulumi_sinch.emulator.responses import drop_response
from pulumi_sinch.emulator.store import FIRST_PAGE_TOKEN


def fail_after_commit(fault: Fault, connection: RequestConnection, response: Response) -> Response:
    """Apply a fault to a request that took effect: delay, drop, replace or damage its response."""
    if not connection.wait(fault.delay):
        return drop_response(connection)
    if fault.kind == "delay":
        return response
    if fault.kind == "hang":
        connection.hang()
    if fault.kind in {"hang", "reset"}:
        return drop_response(connection)
    if fault.kind in {"status", "html"}:
        return faulty_response(fault)
    _damage(response, fault, connection)
    add_retry_after(fault, response)
    return response


def _damage(response: Response, fault: Fault, connection: RequestConnection) -> None:
    if fault.kind == "truncated_body":
        connection.truncate_body()
    elif fault.kind == "truncated_json":
        data = response.get_data()
        response.set_data(data[: len(data) // 2])
    elif fault.kind == "empty":
        response.set_data(b"")
        response.status_code = fault.status or response.status_code
    else:  # page_loop
        page = response.get_json(silent=True)
        if isinstance(page, dict) and "webhooks" in page:
            response.set_data(json.dumps({**page, "nextPageToken": FIRST_PAGE_TOKEN}))
