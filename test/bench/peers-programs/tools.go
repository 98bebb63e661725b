//go:build tools

// Package tools names the other program that peers.ts builds from this module.
package tools

import _ "helm.sh/helm/v4/cmd/helm"
