"""Functions for responses that several endpoints send."""

import json

from flask import Response

from pulumi_sinch.emulator.errors import RefusedError
from pulumi_sinch.emulator.http_server import RequestConnection


def json_response(value: object, status: int = 200) -> Response:
    """Return a response with a value as its JSON body."""
    return Response(json.dumps(value), status, mimetype="application/json")


def problem_response(status: int, sentence: str) -> Response:
    """Return an error response in the emulator's own format. A header of the response forbids caching."""
    response = json_response({"error": sentence}, status)
    response.headers["Cache-Control"] = "no-store"
    return response


def error_response(error: RefusedError) -> Response:
    """Return the response for an error of the API, in the format that Sinch documents."""
    response = json_response(error.body, error.status)
    if error.expired:
        response.headers["WWW-Authenticate"] = (
            'Bearer error="invalid_token", error_description="The access token expired"'
        )
    elif error.status == 401:  # noqa: PLR2004 - Unauthorized
        response.headers["WWW-Authenticate"] = 'Bearer realm="provisioning"'
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def drop_response(connection: RequestConnection) -> Response:
    """Reset the connection. The emulator never sends the returned response: it is a placeholder for Flask."""
    connection.reset()
    return Response(status=500)
