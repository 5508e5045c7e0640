package main

import (
	"runtime"
	"testing"
)

// TestVersionOfRelease: a binary prints the version and commit that the linker set.
func TestVersionOfRelease(t *testing.T) {
	version, commit = "v1.2.3", "0123abc"
	t.Cleanup(func() { version, commit = "", "" })
	if got, want := versionText(), "v1.2.3, commit 0123abc, "+runtime.Version(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
