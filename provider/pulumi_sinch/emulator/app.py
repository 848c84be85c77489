"""The application: its routes, and what happens before and after each request."""

import json
import sys
import traceback
from urllib.parse import parse_qs

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.control_api import create_control_api
from pulumi_sinch.emulator.faults.after_commit import fail_after_commit
from pulumi_sinch.emulator.faults.before_commit import fail_before_commit
from pulumi_sinch.emulator.hosts import is_allowed_authority
from pulumi_sinch.emulator.http_server import RequestConnection
from pulumi_sinch.emulator.journal import shown_body
from pulumi_sinch.emulator.page import add_page
from pulumi_sinch.emulator.responses import drop_response, error_response, problem_response
from pulumi_sinch.emulator.token_endpoint import TOKEN_PATH, create_token_endpoint
from pulumi_sinch.emulator.webhooks_api import WebhooksApi

_OWN_PATHS = "/_emulator/"


def create_app(backend: Backend) -> Flask:
    """Return the application that serves a backend."""
    app = Flask(__name__, static_folder=None)
    # The API does not document redirects to a normalized path.
    app.url_map.merge_slashes = False
    _add_hooks(app, backend)
    app.register_blueprint(create_token_endpoint(backend))
    WebhooksApi(backend).add_to(app)
    app.register_blueprint(create_control_api(backend))
    add_page(app, backend)
    app.register_error_handler(errors.RefusedError, error_response)
    app.register_error_handler(Exception, _internal_error)
    return app


def _internal_error(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    # Only the type and the stack: the text of an exception may quote the request.
    sys.stderr.write(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
    return error_response(errors.internal_error())


def _add_hooks(app: Flask, backend: Backend) -> None:
    @app.before_request
    def before() -> Response | None:
        g.entry = None
        if not is_allowed_authority(request.host, {*backend.allowed_hosts, backend.own_host}):
            return problem_response(403, "The Host header names neither this machine nor an allowed host.")
        path = request.path
        if path == "/" or path.startswith(_OWN_PATHS):
            return None
        connection: RequestConnection = request.environ[RequestConnection.KEY]
        data = request.get_data()
        g.body = _parsed(path, data)
        g.entry = backend.journal.add(
            time=backend.clock.now(),
            connection=connection.number,
            method=request.method,
            path=path,
            query=request.query_string.decode("latin-1"),
            authorization=request.headers.get("Authorization", ""),
            user_agent=request.headers.get("User-Agent", ""),
            body=shown_body(g.body, len(data)),
        )
        g.fault = backend.faults.next(request.method, path)
        if not connection.wait(backend.latency):
            return drop_response(connection)
        if g.fault is None:
            return None
        g.entry.fault = g.fault.kind
        return None if g.fault.after_commit else fail_before_commit(g.fault, connection)

    @app.after_request
    def after(response: Response) -> Response:
        if g.entry is None:
            return response
        connection: RequestConnection = request.environ[RequestConnection.KEY]
        if g.fault is not None and g.fault.after_commit and not connection.is_reset:
            response = fail_after_commit(g.fault, connection, response)
        if not connection.is_reset:
            g.entry.status = response.status_code
        return response


def _parsed(path: str, data: bytes) -> object:
    """Return the form of a token request, the JSON of any other. Returns None if the body is neither."""
    try:
        if path == TOKEN_PATH:
            return {name: values[0] for name, values in parse_qs(data.decode()).items()}
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return None
