"""The Flask application: its routes, and the hooks before and after each request."""

import json
import sys
import time
import traceback
from urllib.parse import parse_qs

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.control_api import DESCRIPTION_PATH, create_control_api, guard
from pulumi_sinch.emulator.faults.after_commit import fail_after_commit
from pulumi_sinch.emulator.faults.before_commit import fail_before_commit
from pulumi_sinch.emulator.hosts import is_allowed_authority
from pulumi_sinch.emulator.http_server import RequestConnection, is_control_path
from pulumi_sinch.emulator.journal import Entry, shown_body
from pulumi_sinch.emulator.page import add_page
from pulumi_sinch.emulator.response_bodies import shown_response
from pulumi_sinch.emulator.responses import drop_response, error_response, problem_response
from pulumi_sinch.emulator.token_endpoint import TOKEN_PATH, create_token_endpoint
from pulumi_sinch.emulator.webhooks_api import WebhooksApi
from pulumi_sinch.redaction import credentials_in


def create_app(backend: Backend) -> Flask:
    """Return the Flask application that serves the state of one emulator."""
    app = Flask(__name__, static_folder=None)
    # By default, Flask redirects paths with double slashes. Sinch documents no such redirect.
    app.url_map.merge_slashes = False
    _add_hooks(app, backend)
    app.register_blueprint(create_token_endpoint(backend))
    WebhooksApi(backend).add_to(app)
    app.register_blueprint(create_control_api(backend))
    add_page(app, backend)
    app.register_error_handler(errors.RefusedError, error_response)
    app.register_error_handler(HTTPException, lambda error: _http_error(error, backend))
    app.register_error_handler(Exception, _internal_error)
    return app


def _http_error(error: HTTPException, backend: Backend) -> Response | HTTPException:
    """Return an HTML error page. For paths of the control API, return a JSON error instead."""
    if not is_control_path(request.path):
        return error
    rejection = guard(backend)
    if rejection is not None:
        return rejection
    response = problem_response(
        error.code or 500, f"{error.name}. All valid paths are listed in {DESCRIPTION_PATH}."
    )
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _internal_error(error: Exception) -> Response:
    # Print only the type and the stack, because the text of an exception can quote a secret of the request.
    sys.stderr.write(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
    return error_response(errors.internal_error())


def _add_hooks(app: Flask, backend: Backend) -> None:
    @app.before_request
    def before() -> Response | None:
        g.entry = None
        g.began = time.monotonic()
        if not is_allowed_authority(request.host, {*backend.allowed_hosts, backend.own_host}):
            backend.tell(_rejected_entry())
            return problem_response(
                403, "The host in the Host header is neither this machine nor an allowed host (--allow-host)."
            )
        path = request.path
        if path == "/" or is_control_path(path):
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
        _record_response(g.entry, None if connection.is_reset else response, _confidential(backend))
        backend.tell(g.entry)
        return response


def _rejected_entry() -> Entry:
    """Return an entry for a request that the emulator rejected because of its ``Host`` header.

    The entry is only for observers. The journal does not contain it, because the request did not reach the
    API.
    """
    return Entry(
        number=0,
        time=time.time(),
        connection=0,
        method=request.method,
        path=request.path,
        query="",
        authorization="",
        user_agent="",
        body=None,
        status=403,
    )


def _confidential(backend: Backend) -> list[str]:
    """Return the credentials from all target URLs that the response can contain.

    The response can contain the target in the request and the targets of all stored webhooks.
    """
    sent = g.body.get("target") if isinstance(g.body, dict) else None
    targets = [webhook.target for webhook in backend.store.all_webhooks()]
    return [part for target in (sent, *targets) if isinstance(target, str) for part in credentials_in(target)]


def _record_response(entry: Entry, response: Response | None, hide: list[str]) -> None:
    """Add the duration and the response to a journal entry. `response` is None after a connection reset."""
    entry.milliseconds = round((time.monotonic() - g.began) * 1000, 1)
    if response is not None:
        entry.response_headers = dict(response.headers)
        entry.response_body = shown_response(
            response.get_data(), has_token=entry.path == TOKEN_PATH, hide=hide
        )
        entry.status = response.status_code


def _parsed(path: str, data: bytes) -> object:
    """Parse the body of a request.

    The body of a token request is a form. The body of any other request is JSON. Returns None for an invalid
    body.
    """
    try:
        if path == TOKEN_PATH:
            return {name: values[0] for name, values in parse_qs(data.decode()).items()}
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return None
