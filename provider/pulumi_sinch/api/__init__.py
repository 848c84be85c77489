"""A client of the Sinch Provisioning API. It does not import Pulumi."""
