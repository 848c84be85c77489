"""A receiver of Sinch's callbacks. It accepts only recent callbacks that are signed with one of its secrets.

Run it with `flask --app receiver run --port 8000`.
"""

import json
import os
from pathlib import Path

from flask import Flask, request
from pulumi_sinch import SignatureError, verify_signature


def create_app(secrets_file: str | None = None) -> Flask:
    app = Flask(__name__)
    app.logger.setLevel("INFO")
    path = Path(secrets_file or os.environ.get("SECRETS_FILE", "secrets.json"))

    @app.post("/sinch")
    def receive() -> tuple[str, int]:
        try:
            secrets = json.loads(path.read_text())  # newest first
        except FileNotFoundError:
            app.logger.warning("rejected a callback: the first `pulumi up` has not stored the secrets yet")
            return "", 503  # Sinch sends the callback again
        try:
            # Use the raw body. JSON that is parsed and serialized again would have another signature.
            which = verify_signature(request.get_data(), request.headers, secrets)
        except SignatureError as error:
            app.logger.warning("refused a callback: %s", error)
            return "", 401
        event = request.get_json()
        # When all callbacks are signed with secret 0, remove the older secrets.
        app.logger.info("took %s, signed with secret %d", event["type"], which)
        return "", 204

    return app
