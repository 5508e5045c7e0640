package main

import (
	"context"
	"fmt"
	"time"

	"github.com/accord-search/accord/internal/store"
)

type migrateCmd struct {
	DatabaseURL databaseURL   `env:"ACCORD_DATABASE_URL" help:"Postgres with pgvector, as for accord serve."`
	Timeout     time.Duration `default:"10m" help:"Time limit of the migration."`
	Plan        bool          `help:"Print the migrations that would be applied, and apply none."`
}

// Help returns the examples of --help.
func (*migrateCmd) Help() string {
	return examples("accord migrate --plan", "accord migrate", "accord migrate --database-url postgres://user:password@host:5432/accord")
}

// Validate is called by kong after parsing.
func (c *migrateCmd) Validate() error { return c.DatabaseURL.require() }

// Run applies the migrations that the database does not have yet, or prints them.
func (c *migrateCmd) Run(ctx context.Context, io streams) error {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	migrate, verb := store.Migrate, "applied"
	if c.Plan {
		migrate, verb = store.PlanMigration, "would apply"
	}
	names, err := migrate(ctx, string(c.DatabaseURL))
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(io.out, verb, name)
	}
	if len(names) == 0 {
		fmt.Fprintln(io.out, "the schema is up to date")
	}
	return nil
}
