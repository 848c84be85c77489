//go:build tools

// Package tools pins the version of the Python language host, which the Pulumi CLI starts.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
