package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/archive"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// copyFlags are the flags that export and import share.
type copyFlags struct {
	CallTimeout time.Duration `default:"60s" help:"Time limit of one call that reads from the server."`

	clientFlags `embed:""`
}

// copyCall makes a call within the time limit.
func copyCall[Q, A any](ctx context.Context, f copyFlags, call func(context.Context, Q, ...grpc.CallOption) (A, error), req Q) (A, error) {
	ctx, cancel := context.WithTimeout(ctx, f.CallTimeout)
	defer cancel()
	return call(ctx, req)
}

// documentList reads the documents of a collection page by page, ordered by name and
// without their texts.
type documentList struct {
	flags  copyFlags
	client accordv1.SearchServiceClient
	req    *accordv1.ListDocumentsRequest
	ended  bool
}

func (f copyFlags) listDocuments(conn *grpc.ClientConn, collection string, size int32) *documentList {
	return &documentList{flags: f, client: accordv1.NewSearchServiceClient(conn), req: &accordv1.ListDocumentsRequest{Parent: collection, PageSize: size}}
}

// next returns the next page, or none after the last one.
func (l *documentList) next(ctx context.Context) ([]*accordv1.Document, error) {
	for !l.ended {
		page, err := copyCall(ctx, l.flags, l.client.ListDocuments, l.req)
		if err != nil {
			return nil, err
		}
		l.req.PageToken = page.GetNextPageToken()
		if l.ended = l.req.PageToken == ""; len(page.GetDocuments()) > 0 {
			return page.GetDocuments(), nil
		}
	}
	return nil, nil
}

// toJSON encodes a message with the field names of the protos. Equal messages give equal
// bytes.
func toJSON(msg proto.Message) ([]byte, error) {
	encoded, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(msg)
	if err != nil {
		return nil, err
	}
	return archive.Compact(encoded) // protojson adds spaces at random
}

// sayInterrupted tells the user how to continue if err is an interruption or may be
// temporary. It returns err.
func sayInterrupted(io streams, err error) error {
	if code := status.Code(err); isRetriable(code) || code == codes.Canceled || errors.Is(err, context.Canceled) {
		fmt.Fprintln(io.err, "interrupted; run the command again to continue: it leaves out what is done")
	}
	return err
}
