//go:build tools

// Package tools pins the Pulumi CLI that the demo and the engine tests build
// where no `pulumi` is on the PATH.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
