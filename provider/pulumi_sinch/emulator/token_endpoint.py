"""The token endpoint, which issues access tokens (OAuth 2.0 client credentials)."""

from flask import Blueprint, Response, g, request

from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.responses import json_response

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path


def create_token_endpoint(backend: Backend) -> Blueprint:
    """Return a blueprint with the route that issues access tokens."""
    endpoint = Blueprint("token", __name__)
    authentication = backend.authentication

    @endpoint.post(TOKEN_PATH)
    def issue_token() -> Response:
        key = request.authorization
        key_id, key_secret = (key.username or "", key.password or "") if key else ("", "")
        if key is None or key.type != "basic" or not authentication.is_key(key_id, key_secret):
            return _error(401, "invalid_client", "The access key is not known.")
        backend.rate_limiter.admit(key_id)
        grant_type = g.body.get("grant_type") if isinstance(g.body, dict) else None
        if grant_type is None:
            return _error(400, "invalid_request", "The form has no grant_type.")
        if grant_type != "client_credentials":
            return _error(400, "unsupported_grant_type", "The grant_type must be client_credentials.")
        response = json_response(
            {
                "access_token": authentication.issue(key_id),
                "token_type": "bearer",
                "expires_in": int(authentication.lifetime),
                "scope": "",
            }
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return endpoint


def _error(status: int, error: str, description: str) -> Response:
    response = json_response({"error": error, "error_description": description}, status)
    if status == 401:  # noqa: PLR2004 - Unauthorized
        response.headers["WWW-Authenticate"] = 'Basic realm="oauth2"'
    return response
