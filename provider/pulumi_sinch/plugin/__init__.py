"""The provider plugin: the package `sinch` for YAML, TypeScript, Go and other languages, and for `pulumi import`."""
