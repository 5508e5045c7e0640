package main

import (
	"context"

	"github.com/accord-search/accord/internal/local"
)

type cleanCmd struct {
	LocalDir string `default:".local" env:"ACCORD_LOCAL_DIR" type:"path" help:"Folder that serve --local uses."`
}

// Help returns the examples of --help.
func (*cleanCmd) Help() string { return examples("accord clean") }

// Run removes the local runtime with its data.
func (c *cleanCmd) Run(ctx context.Context) error { return local.Clean(ctx, c.LocalDir) }
