"""The command ``pulumi-sinch list``. `command` defines the command line, `output` formats the webhooks."""
