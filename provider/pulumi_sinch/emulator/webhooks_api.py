"""The six webhook endpoints of Sinch's Provisioning API."""

from flask import Flask, Response, g, request
from werkzeug.routing import BaseConverter

from pulumi_sinch.emulator import errors
from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.responses import json_response
from pulumi_sinch.emulator.store import StoredWebhook

_COLLECTION = "/v1/projects/<project_id>/webhooks"
_ITEM = f"{_COLLECTION}/<anything:webhook_id>"


class _Anything(BaseConverter):
    """Matches any webhook id, even an id with slashes.

    Without this converter, a request with such an id would get 404, not the documented 400.
    """

    regex = r"[\s\S]+"
    part_isolating = False


class WebhooksApi:
    """The six webhook endpoints.

    Each endpoint first checks that the credentials give access to the project. Then it checks the rate
    limits.
    """

    def __init__(self, backend: Backend) -> None:

        self._authentication = backend.authentication
        self._rate_limiter = backend.rate_limiter
        self._store = backend.store

    def add_to(self, app: Flask) -> None:
        """Add the routes of the six endpoints to the Flask application."""
        app.url_map.converters["anything"] = _Anything
        app.get(_COLLECTION)(self._list)
        app.post(_COLLECTION)(self._create)
        app.get(_ITEM)(self._get)
        app.put(_ITEM)(self._replace)
        app.patch(_ITEM)(self._update)
        app.delete(_ITEM)(self._delete)

    def _list(self, project_id: str) -> Response:
        self._authorize(project_id)
        page = self._store.page(project_id, request.args.get("pageSize"), request.args.get("pageToken"))
        return json_response(page)

    def _create(self, project_id: str) -> Response:
        self._authorize(project_id)
        return _response(self._store.create(project_id, _payload()), 201)

    def _get(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _response(self._store.get(project_id, webhook_id))

    def _replace(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _response(self._store.replace(project_id, webhook_id, _payload()))

    def _update(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        return _response(self._store.update(project_id, webhook_id, _payload()))

    def _delete(self, project_id: str, webhook_id: str) -> Response:
        self._authorize(project_id)
        self._store.delete(project_id, webhook_id)
        return Response(status=204)

    def _authorize(self, project_id: str) -> None:
        given = request.authorization
        if given is not None and given.type == "bearer" and given.token:
            key_id = self._authentication.check_token(given.token, project_id)
        elif given is not None and given.type == "basic":
            key_id = self._authentication.check_key(given.username or "", given.password or "", project_id)
        else:
            raise errors.unauthorized()
        self._rate_limiter.admit(key_id, project_id)
        self._store.require_project(project_id)


def _payload() -> dict[str, object]:
    if not isinstance(g.body, dict):
        raise errors.invalid_payload()
    return g.body


def _response(webhook: StoredWebhook, status: int = 200) -> Response:
    return json_response(webhook.public_fields, status)
