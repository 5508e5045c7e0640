//go:build !linux

package tree_test

import "testing"

// unprivileged does nothing: the test should not run as root.
func unprivileged(*testing.T, ...string) {}
