"""The limits of a Sinch project (CONTRACT.md, Fields)."""

MAX_WEBHOOKS = 15
"""Maximum number of webhooks in a project, including webhooks of other Sinch products."""
