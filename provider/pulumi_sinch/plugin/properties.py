"""The property names of the provider plugin.

This module imports nothing, so that the CLI can use it without importing Pulumi.
"""

WEBHOOK = "sinch:index:Webhook"
"""The type of a webhook."""

PROPERTIES = {
    "allow_unknown_triggers": "allowUnknownTriggers",
    "previous_secret": "previousSecret",
    "project_id": "projectId",
    "secret_version": "secretVersion",
}
"""The properties whose names differ: each name in `core`, and the name in the plugin."""
