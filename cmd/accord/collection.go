package main

import (
	"context"
	"fmt"
	"path"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// collectionCmd manages the collections of a running server.
type collectionCmd struct {
	List   collectionListCmd   `cmd:"" help:"List the collections, with the number of their documents."`
	Create collectionCreateCmd `cmd:"" help:"Create a collection."`
	Delete collectionDeleteCmd `cmd:"" help:"Delete a collection."`
	Export collectionExportCmd `cmd:"" help:"Write the documents of a collection to a file, from which another server can import them."`
	Import collectionImportCmd `cmd:"" help:"Import an exported collection."`
}

// Help returns the examples of --help.
func (*collectionCmd) Help() string {
	return examples(
		"accord collection list",
		"accord collection create news",
		"accord collection delete news --force",
		"accord collection export --collection news news.jsonl.zst",
		"accord collection import news.jsonl.zst",
	)
}

type collectionListCmd struct {
	callFlags `embed:""`
}

// Run lists all collections.
func (c *collectionListCmd) Run(ctx context.Context, io streams) error {
	_, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.ListCollectionsResponse, error) {
		list, err := listCollections(ctx, conn)
		return &accordv1.ListCollectionsResponse{Collections: list}, err
	}, func(all *accordv1.ListCollectionsResponse) {
		if len(all.GetCollections()) == 0 {
			fmt.Fprintln(io.out, noCollections)
			return
		}
		var rows [][]any
		for _, cl := range all.GetCollections() {
			rows = append(rows, []any{path.Base(cl.GetName()), cl.GetDocumentCount(), cl.GetPassageCount(), cl.GetModel(), formatMinute(cl.GetCreateTime())})
		}
		printTable(io.out, []string{"COLLECTION", "DOCUMENTS", "PASSAGES", "MODEL", "CREATED"}, rows)
	})
	return err
}

// noCollections is printed instead of an empty list.
const noCollections = "no collections: the first write or search creates one"

// listCollections returns all collections.
func listCollections(ctx context.Context, conn *grpc.ClientConn) (list []*accordv1.Collection, err error) {
	client := accordv1.NewCollectionServiceClient(conn)
	for req := new(accordv1.ListCollectionsRequest); ; {
		page, err := client.ListCollections(ctx, req)
		if err != nil {
			return nil, err
		}
		list = append(list, page.GetCollections()...)
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return list, nil
		}
	}
}

type collectionCreateCmd struct {
	Collection  collectionName `arg:"" help:"Id of the new collection: 1 to 63 of a-z, 0-9 and inner hyphens."`
	ModelServer string         `help:"Configured name of the model server; the server's default if empty."`

	callFlags `embed:""`
}

// Run creates a collection.
func (c *collectionCreateCmd) Run(ctx context.Context, io streams) error {
	_, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.CreateCollectionResponse, error) {
		return accordv1.NewCollectionServiceClient(conn).CreateCollection(ctx, &accordv1.CreateCollectionRequest{
			CollectionId: path.Base(string(c.Collection)), ModelServer: c.ModelServer,
		})
	}, func(reply *accordv1.CreateCollectionResponse) {
		fmt.Fprintf(io.out, "created %s, embedded with %s\n", oneLine(reply.GetCollection().GetName()), oneLine(reply.GetCollection().GetModel()))
	})
	return err
}

type collectionDeleteCmd struct {
	Collection collectionName `arg:"" help:"Collection to delete, by name or id."`
	Force      bool           `help:"Also delete the documents of the collection."`

	callFlags `embed:""`
}

// Run deletes a collection.
func (c *collectionDeleteCmd) Run(ctx context.Context, io streams) error {
	_, err := call(ctx, c.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (*accordv1.DeleteCollectionResponse, error) {
		reply, err := accordv1.NewCollectionServiceClient(conn).DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: string(c.Collection), Force: c.Force})
		if status.Code(err) == codes.FailedPrecondition {
			err = fmt.Errorf("%s; --force deletes them with it", message(err))
		}
		return reply, err
	}, func(*accordv1.DeleteCollectionResponse) { fmt.Fprintln(io.out, "deleted", c.Collection) })
	return err
}
