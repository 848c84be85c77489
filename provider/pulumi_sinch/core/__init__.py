"""The rules of webhooks, shared by all adapters: no Pulumi resource and no command line in here."""
