"""The rules of webhooks, shared by the dynamic provider and the provider plugin."""
