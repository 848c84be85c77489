//go:build tools

// Package tools pins the version of the Pulumi CLI. The demo and the engine tests build this version if `pulumi` is not
// on the PATH.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
