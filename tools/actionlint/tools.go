//go:build tools

// Package tools pins the version of actionlint, which checks the example workflows.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
