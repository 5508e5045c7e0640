package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version and commit are set by the linker, for example with -ldflags "-X
// main.version=v1.2.3 -X main.commit=0a1b2c3".
var version, commit string

type versionCmd struct{}

// Help returns the examples of --help.
func (*versionCmd) Help() string { return examples("accord version") }

// Run prints the version of this binary, and the commit and Go version it was built
// with.
func (*versionCmd) Run(io streams) error {
	_, err := fmt.Fprintln(io.out, "accord", versionText())
	return err
}

// versionName returns the version of this binary, such as v1.2.3.
func versionName() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return cmp.Or(version, info.Main.Version, "(unknown version)")
}

// versionText describes this binary. If the linker set nothing, it uses the build
// information that Go adds.
func versionText() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	text := versionName()
	if commit != "" {
		return text + ", commit " + commit + ", " + runtime.Version()
	}
	for _, setting := range info.Settings {
		switch {
		case setting.Key == "vcs.revision":
			text += ", commit " + setting.Value
		case setting.Key == "vcs.modified" && setting.Value == "true":
			text += " with changes"
		}
	}
	return text + ", " + runtime.Version()
}
