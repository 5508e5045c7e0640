package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// spaceCmd manages embedding spaces on a running server.
type spaceCmd struct {
	List     spaceListCmd     `cmd:"" help:"List the embedding spaces of a collection."`
	Get      spaceGetCmd      `cmd:"" help:"Print a space, with its windows that have no vector."`
	Create   spaceCreateCmd   `cmd:"" help:"Create a space with a model server, and embed the collection for it in the background."`
	Activate spaceActivateCmd `cmd:"" help:"Make searches use a space, if it is ready. Activating an earlier space goes back to it."`
	Delete   spaceDeleteCmd   `cmd:"" help:"Delete a space that is not active, with its vectors."`
}

// Help returns the examples of --help.
func (*spaceCmd) Help() string {
	return examples(
		"accord space list",
		"accord space create --model-server large --wait",
		"accord space activate test-model-1 --validate-only --compare-recent 20",
	)
}

// spaceFlags are the flags of all commands about spaces.
type spaceFlags struct {
	Collection collectionName `default:"collections/default" help:"Collection of the space."`

	callFlags `embed:""`
}

// name returns the name of a space that is given by name or id.
func (f spaceFlags) name(space string) string { return f.Collection.childName("spaces", space) }

// callSpaces makes a call of SpaceService and prints its answer.
func callSpaces[A proto.Message](ctx context.Context, f spaceFlags, io streams,
	ask func(context.Context, accordv1.SpaceServiceClient) (A, error), print func(A),
) error {
	_, err := call(ctx, f.callFlags, io, func(ctx context.Context, conn *grpc.ClientConn) (A, error) {
		return ask(ctx, accordv1.NewSpaceServiceClient(conn))
	}, print)
	return err
}

type spaceListCmd struct {
	spaceFlags `embed:""`
}

// Run lists all spaces.
func (c *spaceListCmd) Run(ctx context.Context, io streams) error {
	return callSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.ListSpacesResponse, error) {
		list, err := listSpaces(ctx, client, string(c.Collection))
		return &accordv1.ListSpacesResponse{Spaces: list}, err
	}, func(all *accordv1.ListSpacesResponse) { printSpaces(io.out, all.GetSpaces()) })
}

// listSpaces returns all spaces of a collection.
func listSpaces(ctx context.Context, client accordv1.SpaceServiceClient, collection string) (list []*accordv1.Space, err error) {
	for req := (&accordv1.ListSpacesRequest{Parent: collection}); ; {
		page, err := client.ListSpaces(ctx, req)
		if err != nil {
			return nil, err
		}
		list = append(list, page.GetSpaces()...)
		if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
			return list, nil
		}
	}
}

type spaceGetCmd struct {
	Name string `arg:"" help:"collections/{collection}/spaces/{space}, or only a space's id."`

	spaceFlags `embed:""`
}

// Run prints one space.
func (c *spaceGetCmd) Run(ctx context.Context, io streams) error {
	return callSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.GetSpaceResponse, error) {
		return client.GetSpace(ctx, &accordv1.GetSpaceRequest{Name: c.name(c.Name)})
	}, func(answer *accordv1.GetSpaceResponse) {
		printSpace(io.out, answer.GetSpace())
		if failures := answer.GetFailures(); len(failures) > 0 {
			fmt.Fprintln(io.out, "\nwindows without a vector, which are found only by words:")
			printFailures(io.out, failures)
		}
	})
}

type spaceCreateCmd struct {
	ModelServer string `help:"Configured name of the model server; the server's default if empty."`
	Wait        bool   `help:"Wait until the space is ready, without a time limit, and show its progress."`

	spaceFlags `embed:""`
}

// Run creates a space, and with --wait waits until it is ready.
func (c *spaceCreateCmd) Run(ctx context.Context, io streams) error {
	return callSpaces(ctx, c.spaceFlags, io, func(inTime context.Context, client accordv1.SpaceServiceClient) (*accordv1.CreateSpaceResponse, error) {
		created, err := client.CreateSpace(inTime, &accordv1.CreateSpaceRequest{Parent: string(c.Collection), ModelServer: c.ModelServer})
		if err == nil && c.Wait {
			created.Space, err = c.wait(ctx, client, created.GetSpace(), io)
		}
		return created, err
	}, func(created *accordv1.CreateSpaceResponse) { printSpace(io.out, created.GetSpace()) })
}

type spaceActivateCmd struct {
	Name          string   `arg:"" help:"collections/{collection}/spaces/{space}, or only a space's id."`
	ValidateOnly  bool     `help:"Activate nothing: check whether the space is ready, and compare the results if asked to."`
	CompareRecent int32    `help:"Compare the results before and after for this number of the server's last queries, up to 100."`
	Query         []string `sep:"none" help:"Compare the results of this query; up to 100 queries."`
	MinOverlap    float64  `help:"Refuse if the two spaces share less than this of the first ten passages, 0 to 1."`

	spaceFlags `embed:""`
}

// Run activates a space and prints the comparison, if any.
func (c *spaceActivateCmd) Run(ctx context.Context, io streams) error {
	return callSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.ActivateSpaceResponse, error) {
		return client.ActivateSpace(ctx, &accordv1.ActivateSpaceRequest{
			Name: c.name(c.Name), ValidateOnly: c.ValidateOnly,
			CompareQueries: c.Query, CompareRecent: c.CompareRecent, MinOverlap: c.MinOverlap,
		})
	}, func(answer *accordv1.ActivateSpaceResponse) {
		printComparison(io.out, answer.GetComparison())
		printSpace(io.out, answer.GetSpace())
	})
}

type spaceDeleteCmd struct {
	Name string `arg:"" help:"collections/{collection}/spaces/{space}, or only a space's id."`

	spaceFlags `embed:""`
}

// Run deletes a space.
func (c *spaceDeleteCmd) Run(ctx context.Context, io streams) error {
	return callSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.DeleteSpaceResponse, error) {
		return client.DeleteSpace(ctx, &accordv1.DeleteSpaceRequest{Name: c.name(c.Name)})
	}, func(*accordv1.DeleteSpaceResponse) { fmt.Fprintln(io.out, "deleted", c.name(c.Name)) })
}
