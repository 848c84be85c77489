"""The command ``pulumi-sinch list``: `command`, and its `output`."""
