//go:build tools

// Package tools pins the version of the language host that runs the YAML programs of the tests.
package tools

import _ "github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml"
