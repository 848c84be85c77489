"""The rules for webhooks, which the dynamic provider and the provider plugin share."""
