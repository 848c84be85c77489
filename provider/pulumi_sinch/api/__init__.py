"""The Sinch Provisioning API over HTTP; knows nothing of Pulumi."""
