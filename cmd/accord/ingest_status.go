package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type ingestStatusCmd struct {
	Collection  collectionName `help:"Collection to report on; all if empty."`
	RetryFailed bool           `help:"First retry the documents that failed, in whole or in part."`

	callFlags `embed:""`
}

// Help returns the examples of --help.
func (*ingestStatusCmd) Help() string {
	return examples("accord ingest status", "accord ingest status --collection news --retry-failed")
}

// ingestStatus is the status of a collection.
type ingestStatus struct {
	collection string
	*accordv1.GetIngestStatusResponse
}

// Run prints how many documents are embedded.
func (c *ingestStatusCmd) Run(ctx context.Context, io streams) error {
	ctx, conn, end, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer end()
	names := []string{string(c.Collection)}
	if c.Collection == "" {
		all, err := listCollections(ctx, conn)
		if err != nil {
			return err
		}
		names = nil
		for _, cl := range all {
			names = append(names, cl.GetName())
		}
	}
	list, err := c.ask(ctx, conn, names, io)
	if err != nil {
		return err
	}
	if c.Output == "text" {
		printIngestStatus(io.out, list)
		return nil
	}
	for _, st := range list {
		body := json.RawMessage(protojson.Format(st))
		if err := printJSON(io.out, map[string]any{"collection": st.collection, "status": body}); err != nil {
			return err
		}
	}
	return nil
}

// ask returns the status of the collections. It first asks the server to retry failed
// documents if the flag is set.
func (c *ingestStatusCmd) ask(ctx context.Context, conn *grpc.ClientConn, names []string, io streams) (list []ingestStatus, err error) {
	client := accordv1.NewIngestServiceClient(conn)
	for _, name := range names {
		if c.RetryFailed {
			retried, err := client.RetryFailedDocuments(ctx, &accordv1.RetryFailedDocumentsRequest{Parent: name})
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(io.err, "%s: documents to retry: %d\n", oneLine(name), retried.GetDocumentCount())
		}
		st, err := client.GetIngestStatus(ctx, &accordv1.GetIngestStatusRequest{Parent: name})
		if err != nil {
			return nil, err
		}
		list = append(list, ingestStatus{name, st})
	}
	return list, nil
}

// printIngestStatus prints a table with one line per collection, and the first failures.
func printIngestStatus(w io.Writer, list []ingestStatus) {
	if len(list) == 0 {
		fmt.Fprintln(w, noCollections)
		return
	}
	var rows [][]any
	for _, st := range list {
		rows = append(rows, []any{
			path.Base(st.collection), st.GetPendingDocumentCount(), st.GetIndexedDocumentCount(),
			st.GetPartialDocumentCount(), st.GetFailedDocumentCount(), formatMinute(st.GetOldestPendingTime()),
		})
	}
	printTable(w, []string{"COLLECTION", "PENDING", "INDEXED", "PARTLY", "FAILED", "OLDEST PENDING"}, rows)
	for _, st := range list {
		if st.GetFailedDocumentCount() == 0 {
			continue
		}
		fmt.Fprintf(w, "\n%s: documents without a vector, which are found only by words: %d; retry them with --retry-failed\n",
			oneLine(st.collection), st.GetFailedDocumentCount())
		for _, d := range st.GetFailedDocuments() {
			fmt.Fprintf(w, "  %s: %s\n", oneLine(path.Base(d.GetName())), firstCells(d.GetError(), 200))
		}
		if more := st.GetFailedDocumentCount() - int64(len(st.GetFailedDocuments())); more > 0 {
			fmt.Fprintf(w, "  and %d more\n", more)
		}
	}
}

// printIndexState prints which parts of a document have no vectors, if any.
func printIndexState(w io.Writer, d *accordv1.Document) {
	switch d.GetIndexState() {
	case accordv1.IndexState_INDEX_STATE_PENDING:
		fmt.Fprintln(w, "indexed    not yet; it waits for vectors, and until then is found only by words")
	case accordv1.IndexState_INDEX_STATE_FAILED:
		fmt.Fprintf(w, "indexed    failed, so it is found only by words: %s\n", firstCells(d.GetIndexError(), 200))
	case accordv1.IndexState_INDEX_STATE_PARTIAL:
		fmt.Fprintln(w, "indexed    partly; windows without a vector, which are found only by words:")
		printFailures(w, d.GetIndexFailures())
	}
}

// indexStateName returns the name of a state, or "" if the state is unspecified.
func indexStateName(s accordv1.IndexState) string {
	if s == accordv1.IndexState_INDEX_STATE_UNSPECIFIED {
		return ""
	}
	return strings.TrimPrefix(s.String(), "INDEX_STATE_")
}
