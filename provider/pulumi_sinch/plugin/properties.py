"""The property names of the provider plugin. Imports nothing, so that the CLI loads it without Pulumi."""

WEBHOOK = "sinch:index:Webhook"
"""The type of a webhook."""

PROPERTIES = {
    "allow_unknown_triggers": "allowUnknownTriggers",
    "previous_secret": "previousSecret",
    "project_id": "projectId",
    "secret_version": "secretVersion",
}
"""The names of properties in `core`, and their names in the plugin where these differ."""
