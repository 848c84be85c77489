"""Functions for developers of receivers: verify the signatures of callbacks, and send sample events."""
