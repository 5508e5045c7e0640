package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/store"
)

// maxKeyName is the maximum length of a key's name in characters.
const maxKeyName = 100

type keyCmd struct {
	Create keyCreateCmd `cmd:"" help:"Create an API key and print it. It cannot be shown again."`
	List   keyListCmd   `cmd:"" help:"List the API keys, without their secrets."`
	Revoke keyRevokeCmd `cmd:"" help:"Delete an API key. Servers refuse it within a second."`
	Rotate keyRotateCmd `cmd:"" help:"Give an API key a new secret and print it. The old one works for a grace period."`
}

// Help returns the examples of --help.
func (*keyCmd) Help() string {
	return examples(
		`accord key create --name "nightly import" --role write --collections "news,archive-*" > import.key`,
		"accord key list",
		"accord key rotate --grace 1h ID",
	)
}

// keyFlags select the database that holds the keys.
type keyFlags struct {
	DatabaseURL databaseURL   `env:"ACCORD_DATABASE_URL" help:"Postgres, as for accord serve. Never logged."`
	Timeout     time.Duration `default:"30s" help:"Time limit of the command."`
}

// Validate is called by kong after parsing.
func (f keyFlags) Validate() error { return f.DatabaseURL.require() }

// withKeys connects to the database of the keys and calls do.
func (f keyFlags) withKeys(ctx context.Context, do func(context.Context, *store.APIKeys) error) error {
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	keys, err := store.ConnectAPIKeys(ctx, string(f.DatabaseURL))
	if err != nil {
		return err
	}
	defer keys.Close(ctx)
	return do(ctx, keys)
}

type keyCreateCmd struct {
	Name        string        `required:"" help:"What the key is for, such as \"nightly import\"."`
	Role        string        `enum:"read,write,admin" default:"read" help:"read: search and read. write: also add and delete documents. admin: also manage collections and spaces."`
	Collections []string      `sep:"," default:"*" help:"Collections that the key may use: ids, and prefixes with an asterisk, such as news,archive-*."`
	ExpiresIn   time.Duration `help:"Time until the key expires, such as 2160h for 90 days; never if 0."`

	keyFlags `embed:""`
}

// Validate is called by kong after parsing.
func (c *keyCreateCmd) Validate() error {
	if n := len([]rune(c.Name)); n == 0 || n > maxKeyName || strings.ContainsFunc(c.Name, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return fmt.Errorf("--name must have 1 to %d printable characters", maxKeyName)
	}
	if c.ExpiresIn < 0 {
		return errors.New("--expires-in must not be negative")
	}
	_, err := auth.ParseCollections(c.Collections)
	return err
}

// Run creates a key. It prints only the key to standard output, so that a script can store
// it.
func (c *keyCreateCmd) Run(ctx context.Context, io streams) error {
	key := auth.Key{ID: auth.NewKeyID(), Name: c.Name}
	var err error
	if key.Role, err = auth.ParseRole(c.Role); err != nil {
		return err
	}
	if key.Collections, err = auth.ParseCollections(c.Collections); err != nil {
		return err
	}
	if c.ExpiresIn > 0 {
		key.ExpireTime = time.Now().Add(c.ExpiresIn)
	}
	var credential string
	credential, key.Hash = auth.NewCredential(key.ID)
	return c.withKeys(ctx, func(ctx context.Context, keys *store.APIKeys) error {
		if err := keys.Create(ctx, key); err != nil {
			return err
		}
		fmt.Fprintf(io.err, "key %s may %s in %s; keep it now, it is not shown again:\n", key.ID, key.Role, strings.Join(key.Collections, ", "))
		fmt.Fprintln(io.out, credential)
		return nil
	})
}

type keyListCmd struct {
	Output string `short:"o" enum:"text,json" default:"text" help:"text, or json: one object per line."`

	keyFlags `embed:""`
}

// Run lists the keys.
func (c *keyListCmd) Run(ctx context.Context, io streams) error {
	return c.withKeys(ctx, func(ctx context.Context, keys *store.APIKeys) error {
		list, err := keys.List(ctx)
		switch {
		case err != nil:
			return err
		case c.Output == "json":
			return printKeysJSON(io.out, list)
		case len(list) == 0:
			fmt.Fprintln(io.err, "there are no API keys; accord key create makes one")
			return nil
		}
		return printKeys(io.out, list)
	})
}

func printKeys(w io.Writer, list []auth.Key) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tNAME\tROLE\tCOLLECTIONS\tCREATED\tEXPIRES\tLAST USE")
	for _, key := range list {
		expires := day(key.ExpireTime)
		if key.Expired(time.Now()) {
			expires += " (expired)"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			key.ID, key.Name, key.Role, strings.Join(key.Collections, ","), day(key.CreateTime), expires, day(key.LastUse))
	}
	return table.Flush()
}

func day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04")
}

func printKeysJSON(w io.Writer, list []auth.Key) error {
	encoder := json.NewEncoder(w)
	for _, key := range list {
		err := encoder.Encode(struct {
			ID          string           `json:"id"`
			Name        string           `json:"name"`
			Role        string           `json:"role"`
			Collections auth.Collections `json:"collections"`
			CreateTime  time.Time        `json:"create_time"`
			ExpireTime  time.Time        `json:"expire_time,omitzero"`
			LastUseTime time.Time        `json:"last_use_time,omitzero"`
		}{key.ID, key.Name, key.Role.String(), key.Collections, key.CreateTime, key.ExpireTime, key.LastUse})
		if err != nil {
			return err
		}
	}
	return nil
}

type keyRevokeCmd struct {
	ID string `arg:"" help:"Id of the key: the part between its two underscores."`

	keyFlags `embed:""`
}

// Run deletes a key.
func (c *keyRevokeCmd) Run(ctx context.Context, io streams) error {
	return c.withKeys(ctx, func(ctx context.Context, keys *store.APIKeys) error {
		if err := keys.Revoke(ctx, c.ID); err != nil {
			return err
		}
		fmt.Fprintf(io.err, "key %s is revoked\n", c.ID)
		return nil
	})
}

type keyRotateCmd struct {
	ID    string        `arg:"" help:"Id of the key: the part between its two underscores."`
	Grace time.Duration `default:"24h" help:"How long the old secret works beside the new one; 0 ends it at once."`

	keyFlags `embed:""`
}

// Validate is called by kong after parsing.
func (c *keyRotateCmd) Validate() error {
	if c.Grace < 0 {
		return errors.New("--grace must not be negative")
	}
	return nil
}

// Run gives a key a new secret.
func (c *keyRotateCmd) Run(ctx context.Context, io streams) error {
	credential, hash := auth.NewCredential(c.ID)
	return c.withKeys(ctx, func(ctx context.Context, keys *store.APIKeys) error {
		if err := keys.Rotate(ctx, c.ID, hash, c.Grace); err != nil {
			return err
		}
		fmt.Fprintf(io.err, "key %s has a new secret, and the old one works for %v; keep it now, it is not shown again:\n", c.ID, c.Grace)
		fmt.Fprintln(io.out, credential)
		return nil
	})
}
