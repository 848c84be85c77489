"""The command ``pulumi-sinch list``: `command`, and its output as a `table` or JSON."""
