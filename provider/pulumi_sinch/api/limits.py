"""The limits of a Sinch project (CONTRACT.md, Fields)."""

MAX_WEBHOOKS = 15
"""Webhooks that a project can have; other Sinch products count too."""
