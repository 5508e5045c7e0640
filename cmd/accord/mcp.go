package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/services/mcp"
)

type mcpCmd struct {
	Collection collectionName `default:"collections/default" help:"Collection that is used if a call names none."`

	clientFlags `embed:""`
}

// Help returns the examples of --help.
func (*mcpCmd) Help() string {
	return examples("accord mcp", "accord mcp --addr https://search.example.org --collection news")
}

// Run answers requests on standard input until it ends.
func (c *mcpCmd) Run(ctx context.Context, log *slog.Logger, out streams) error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	id := strings.TrimPrefix(string(c.Collection), document.CollectionName(""))
	server := mcp.New(mcp.Config{Conn: conn, Version: versionName(), Collection: id, Logger: log})
	// Each message is JSON on a line of its own, so nothing in it reaches a terminal unescaped.
	err = server.Run(ctx, &sdk.IOTransport{Reader: os.Stdin, Writer: unclosed{raw(out.out)}})
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		return fmt.Errorf("standard input and output: %w", err)
	}
	return nil
}

// unclosed is a writer that stays open.
type unclosed struct{ io.Writer }

// Close implements io.Closer.
func (unclosed) Close() error { return nil }
