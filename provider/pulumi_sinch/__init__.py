"""Sinch provisioning webhooks as Pulumi resources."""
