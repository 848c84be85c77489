"""The provider plugin: the Pulumi package `sinch` for all languages, and for `pulumi import`."""
