"""The API over HTTP: the token endpoint and the six webhook calls."""

import json
import sys
import traceback
from urllib.parse import parse_qs

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from pulumi_sinch.emulator import refusals
from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.control import create_control
from pulumi_sinch.emulator.fault_injection import dropped, fail, refused
from pulumi_sinch.emulator.journal import shown_body
from pulumi_sinch.emulator.page import add_page
from pulumi_sinch.emulator.serving import Exchange
from pulumi_sinch.emulator.store import Webhook

_OWN_PATHS = "/_emulator/"
TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
_COLLECTION = "/v1/projects/<project_id>/webhooks"
_ITEM = f"{_COLLECTION}/<anything:webhook_id>"


class _Anything(BaseConverter):
    """What follows the last slash of the pattern, whatever it is: a malformed id has a documented answer."""

    regex = r"[\s\S]+"
    part_isolating = False


def create_app(backend: Backend) -> Flask:
    """Return the application that serves a backend."""
    app = Flask(__name__, static_folder=None)
    app.url_map.converters["anything"] = _Anything
    # A redirect to a tidied path is nothing that the API documents.
    app.url_map.merge_slashes = False
    _add_hooks(app, backend)
    _add_token_endpoint(app, backend)
    _WebhookCalls(backend).add_to(app)
    app.register_blueprint(create_control(backend))
    add_page(app)
    app.register_error_handler(refusals.RefusedError, refused)
    app.register_error_handler(Exception, _failed)
    return app


def _failed(error: Exception) -> Response | HTTPException:
    if isinstance(error, HTTPException):
        return error
    # Places only: the text of an exception may quote what was sent.
    sys.stderr.write(f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}")
    return refused(refusals.internal_error())


def _add_hooks(app: Flask, backend: Backend) -> None:
    @app.before_request
    def arrive() -> Response | None:
        path = request.path
        if path == "/" or path.startswith(_OWN_PATHS):
            g.entry = None
            return None
        exchange: Exchange = request.environ[Exchange.KEY]
        data = request.get_data()
        g.body = _parsed(path, data)
        g.entry = backend.journal.add(
            time=backend.clock.now(),
            connection=exchange.connection,
            method=request.method,
            path=path,
            query=request.query_string.decode("latin-1"),
            authorization=request.headers.get("Authorization", ""),
            user_agent=request.headers.get("User-Agent", ""),
            body=shown_body(g.body, len(data)),
        )
        g.fault = backend.faults.next(request.method, path)
        if not exchange.wait(backend.latency):
            return dropped(exchange)
        if g.fault is None:
            return None
        g.entry.fault = g.fault.kind
        return None if g.fault.after_commit else fail(g.fault, exchange, None)

    @app.after_request
    def leave(answer: Response) -> Response:
        if g.entry is None:
            return answer
        exchange: Exchange = request.environ[Exchange.KEY]
        if g.fault is not None and g.fault.after_commit and not exchange.is_reset:
            answer = fail(g.fault, exchange, answer) or answer
        if not exchange.is_reset:
            g.entry.status = answer.status_code
        return answer


def _parsed(path: str, data: bytes) -> object:
    """Return a request's body: a form's fields for the token endpoint, else JSON; `None` if it is neither."""
    try:
        if path == TOKEN_PATH:
            return {name: values[0] for name, values in parse_qs(data.decode()).items()}
        return json.loads(data) if data else None
    except (ValueError, RecursionError):
        return None


def _add_token_endpoint(app: Flask, backend: Backend) -> None:
    def refuse(status: int, error: str, description: str) -> Response:
        body = json.dumps({"error": error, "error_description": description})
        answer = Response(body, status, mimetype="application/json")
        if status == 401:  # noqa: PLR2004 - Unauthorized
            answer.headers["WWW-Authenticate"] = 'Basic realm="oauth2"'
        return answer

    @app.post(TOKEN_PATH)
    def issue_token() -> Response:
        key = request.authorization
        if (
            key is None
            or key.type != "basic"
            or not backend.access.is_key(key.username or "", key.password or "")
        ):
            return refuse(401, "invalid_client", "The access key is not known.")
        grant_type = g.body.get("grant_type") if isinstance(g.body, dict) else None
        if grant_type is None:
            return refuse(400, "invalid_request", "The form has no grant_type.")
        if grant_type != "client_credentials":
            return refuse(400, "unsupported_grant_type", "The grant_type must be client_credentials.")
        body = {
            "access_token": backend.access.issue(key.username or ""),
            "token_type": "bearer",
            "expires_in": int(backend.access.lifetime),
            "scope": "",
        }
        return Response(json.dumps(body), mimetype="application/json", headers={"Cache-Control": "no-store"})


class _WebhookCalls:
    """The six calls, each for a project that the caller's credentials open."""

    def __init__(self, backend: Backend) -> None:
        self._access = backend.access
        self._store = backend.store

    def add_to(self, app: Flask) -> None:
        app.get(_COLLECTION)(self.list)
        app.post(_COLLECTION)(self.create)
        app.get(_ITEM)(self.get)
        app.put(_ITEM)(self.replace)
        app.patch(_ITEM)(self.update)
        app.delete(_ITEM)(self.delete)

    def list(self, project_id: str) -> Response:
        self._authorize(project_id)
        page = self._store.page(project_id, request.args.get("pageSize"), request.args.get("pageToken"))
        return Response(json.dumps(page), mimetype="application/json")

    def create(self, project_id: str) -> Response:
        self._authorize(project_id)
        return _shown(self._store.create(project_id, _payload()), 201)

    def get(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _shown(self._store.get(project_id, webhook_id))

    def replace(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _shown(self._store.replace(project_id, webhook_id, _payload()))

    def update(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _shown(self._store.update(project_id, webhook_id, _payload()))

    def delete(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        self._store.delete(project_id, webhook_id)
        return Response(status=204)

    def _authorize(self, project_id: str) -> None:
        given = request.authorization
        if given is not None and given.type == "bearer" and given.token:
            self._access.check_token(given.token, project_id)
        elif given is not None and given.type == "basic":
            self._access.check_key(given.username or "", given.password or "", project_id)
        else:
            raise refusals.unauthorized()


def _payload() -> dict[str, object]:
    if not isinstance(g.body, dict):
        raise refusals.invalid_payload()
    return g.body


def _shown(webhook: Webhook, status: int = 200) -> Response:
    return Response(json.dumps(webhook.shown), status, mimetype="application/json")
