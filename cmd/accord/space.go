package main

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// spaceCmd administers embedding spaces, on a running server.
type spaceCmd struct {
	List     spaceListCmd     `cmd:"" help:"List the embedding spaces of a collection."`
	Get      spaceGetCmd      `cmd:"" help:"Print a space, with the windows that it has no vector of."`
	Create   spaceCreateCmd   `cmd:"" help:"Make a space with a model server, and have the collection embedded for it in the background."`
	Activate spaceActivateCmd `cmd:"" help:"Search in a space from now on, where it is ready; an earlier one goes back."`
	Delete   spaceDeleteCmd   `cmd:"" help:"Remove a space that is not searched, with its vectors."`
}

// spaceFlags are those of all commands about spaces.
type spaceFlags struct {
	Collection string `default:"collections/default" help:"Collection of the space."`
	Output     string `short:"o" enum:"text,json" default:"text" help:"text, or json: the server's answer."`

	clientFlags `embed:""`
	waitFlags   `embed:""`
}

// name is that of a space given by its name or its id.
func (f spaceFlags) name(space string) string {
	if strings.Contains(space, "/") {
		return space
	}
	return f.Collection + "/spaces/" + space
}

// askSpaces makes a call, and prints its answer unless print does.
func askSpaces[A proto.Message](ctx context.Context, f spaceFlags, io streams,
	call func(context.Context, accordv1.SpaceServiceClient) (A, error), print func(A),
) error {
	conn, err := f.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(ctx, f.Timeout)
	defer cancel()
	answer, err := call(ctx, accordv1.NewSpaceServiceClient(conn))
	if err != nil {
		return err
	}
	if f.Output == "json" {
		fmt.Fprintln(io.out, protojson.Format(answer))
		return nil
	}
	print(answer)
	return nil
}

type spaceListCmd struct {
	spaceFlags `embed:""`
}

// Run lists all spaces.
func (c *spaceListCmd) Run(ctx context.Context, io streams) error {
	return askSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.ListSpacesResponse, error) {
		all, req := &accordv1.ListSpacesResponse{}, &accordv1.ListSpacesRequest{Parent: c.Collection}
		for {
			page, err := client.ListSpaces(ctx, req)
			if err != nil {
				return nil, err
			}
			all.Spaces = append(all.Spaces, page.GetSpaces()...)
			if req.PageToken = page.GetNextPageToken(); req.PageToken == "" {
				return all, nil
			}
		}
	}, func(all *accordv1.ListSpacesResponse) { printSpaces(io.out, all.GetSpaces()) })
}

type spaceGetCmd struct {
	Name string `arg:"" help:"collections/{collection}/spaces/{space}, or a space's id alone."`

	spaceFlags `embed:""`
}

// Run prints one space.
func (c *spaceGetCmd) Run(ctx context.Context, io streams) error {
	return askSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.GetSpaceResponse, error) {
		return client.GetSpace(ctx, &accordv1.GetSpaceRequest{Name: c.name(c.Name)})
	}, func(answer *accordv1.GetSpaceResponse) {
		printSpace(io.out, answer.GetSpace())
		if failures := answer.GetFailures(); len(failures) > 0 {
			fmt.Fprintln(io.out, "\nwindows without a vector, which are found by their words alone:")
			printFailures(io.out, failures)
		}
	})
}

type spaceCreateCmd struct {
	ModelServer string `help:"Configured name of the model server; the server's default if empty."`
	Wait        bool   `help:"Wait until the space is ready, however long that takes, and show its progress."`

	spaceFlags `embed:""`
}

// Run makes a space, and waits for it where that is asked for.
func (c *spaceCreateCmd) Run(ctx context.Context, io streams) error {
	return askSpaces(ctx, c.spaceFlags, io, func(inTime context.Context, client accordv1.SpaceServiceClient) (*accordv1.CreateSpaceResponse, error) {
		made, err := client.CreateSpace(inTime, &accordv1.CreateSpaceRequest{Parent: c.Collection, ModelServer: c.ModelServer})
		if err == nil && c.Wait {
			made.Space, err = c.wait(ctx, client, made.GetSpace(), io)
		}
		return made, err
	}, func(made *accordv1.CreateSpaceResponse) { printSpace(io.out, made.GetSpace()) })
}

type spaceActivateCmd struct {
	Name          string   `arg:"" help:"collections/{collection}/spaces/{space}, or a space's id alone."`
	ValidateOnly  bool     `help:"Only say whether it is ready, and compare."`
	CompareRecent int32    `help:"Compare what is found now and then for so many of the server's last queries, up to 100."`
	Query         []string `sep:"none" help:"Compare by this query, up to 100."`
	MinOverlap    float64  `help:"Refuse where a smaller part of the first ten passages would be the same, 0 to 1."`

	spaceFlags `embed:""`
}

// Run activates a space and prints the comparison, if any.
func (c *spaceActivateCmd) Run(ctx context.Context, io streams) error {
	return askSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.ActivateSpaceResponse, error) {
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
	Name string `arg:"" help:"collections/{collection}/spaces/{space}, or a space's id alone."`

	spaceFlags `embed:""`
}

// Run removes a space.
func (c *spaceDeleteCmd) Run(ctx context.Context, io streams) error {
	return askSpaces(ctx, c.spaceFlags, io, func(ctx context.Context, client accordv1.SpaceServiceClient) (*accordv1.DeleteSpaceResponse, error) {
		return client.DeleteSpace(ctx, &accordv1.DeleteSpaceRequest{Name: c.name(c.Name)})
	}, func(*accordv1.DeleteSpaceResponse) { fmt.Fprintln(io.out, "deleted", c.name(c.Name)) })
}
