"""The limits of a Sinch project (CONTRACT.md, Fields)."""

MAX_WEBHOOKS = 15
"""Maximum number of webhooks of a project, those of other Sinch products included."""
