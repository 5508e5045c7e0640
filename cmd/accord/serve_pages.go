package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"google.golang.org/grpc"

	"github.com/accord-search/accord/internal/server"
	site "github.com/accord-search/accord/services/web"
)

// pages returns the handler of the pages for people. conn is a connection for calls on behalf of
// the visitors.
func (c *serveCmd) pages(ctx context.Context, log *slog.Logger, srv *server.Server, conn *grpc.ClientConn) (http.Handler, error) {
	health, err := srv.Dial()
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { health.Close() })
	return site.New(site.Config{
		Conn: conn, Health: health, Check: srv.CheckCaller, Import: importUploads(srv),
		NeedCredential: !c.has("none"), NeedCertificate: c.TLSClientCA != "", TrustedProxies: c.TrustedProxies, Logger: log,
	})
}

// uploadRoot is the root of documents that were imported with the web page. A file of the same
// name replaces an earlier one.
const uploadRoot = "page"

// importUploads returns a function that imports files as accord ingest does, on behalf of the
// caller in its context.
func importUploads(srv *server.Server) func(context.Context, string, []string, io.Writer, io.Writer) error {
	return func(ctx context.Context, collection string, files []string, documents, notes io.Writer) error {
		ingest := ingestCmd{
			Paths: files, Collection: collectionName(collection), Root: uploadRoot, Output: "json", clientFlags: clientFlags{connect: srv.DialFor},
		}
		_, err := ingest.ingest(ctx, streams{out: documents, err: notes})
		if errors.Is(err, errReported) { // the report says which documents failed
			return nil
		}
		return err
	}
}
