"""The names of the provider plugin's route. Imports nothing, so that the command line loads it without Pulumi."""

WEBHOOK = "sinch:index:Webhook"
"""The type of a webhook."""

PROPERTIES = {
    "allow_unknown_triggers": "allowUnknownTriggers",
    "previous_secret": "previousSecret",
    "project_id": "projectId",
    "secret_version": "secretVersion",
}
"""The properties that `core` spells differently, and their names on this route."""
