//go:build tools

// Package tools pins the versions of Pulumi's language hosts for Go and Node.js, which the language tests build.
package tools

import (
	_ "github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"
	_ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
)
