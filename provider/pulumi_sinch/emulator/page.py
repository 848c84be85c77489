"""The emulator's web page at ``/``. The page reads a secret only if the user asks for the secret."""

import secrets
from typing import get_args

from flask import Flask, Response, render_template, request

from pulumi_sinch.emulator.backend import Backend
from pulumi_sinch.emulator.control_api import guard
from pulumi_sinch.emulator.faults.definition import FaultKind
from pulumi_sinch.emulator.known_triggers import EVENTS

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src "
    "data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_page(app: Flask, backend: Backend) -> None:
    """Add the route of the page to the Flask application."""

    @app.get("/")
    def page() -> Response:
        rejection = guard(backend)
        if rejection is not None:
            return rejection
        nonce = secrets.token_urlsafe(16)
        html = render_template(
            "page.html",
            nonce=nonce,
            kinds=get_args(FaultKind),
            events=EVENTS,
            triggers=("ALL", *EVENTS),
            methods=("GET", "POST", "PUT", "PATCH", "DELETE"),
            url=request.host_url.rstrip("/"),
        )
        headers = {
            "Content-Security-Policy": _POLICY.format(nonce=nonce),
            "Cache-Control": "no-store",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(html, mimetype="text/html", headers=headers)
