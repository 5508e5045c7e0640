package main

import (
	"context"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
	"google.golang.org/grpc"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// pollEvery is how often a space that is built is asked how far it is.
const pollEvery = time.Second

// wait asks how far a space is until it is no longer building, and returns it
// as it is then. A server that is started again meanwhile is waited for as long
// as for an answer.
func (c *spaceCreateCmd) wait(ctx context.Context, client accordv1.SpaceServiceClient, sp *accordv1.Space, io streams) (*accordv1.Space, error) {
	progress := &buildProgress{io: io}
	defer progress.end()
	for sp.GetState() == accordv1.SpaceState_SPACE_STATE_BUILDING {
		progress.show(sp)
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return nil, fmt.Errorf("%s is built on without being waited for: %w", sp.GetName(), ctx.Err())
		}
		inTime, cancel := context.WithTimeout(ctx, c.Timeout)
		answer, err := client.GetSpace(inTime, &accordv1.GetSpaceRequest{Name: sp.GetName()}, grpc.WaitForReady(true))
		cancel()
		if err != nil {
			return nil, err
		}
		sp = answer.GetSpace()
	}
	return sp, nil
}

// buildProgress shows how far a space is: to a terminal as a bar, otherwise in
// a line for each tenth.
type buildProgress struct {
	io    streams
	bar   *progressbar.ProgressBar
	tenth int // shown last
}

func (p *buildProgress) show(sp *accordv1.Space) {
	all := sp.GetDocumentCount()
	done := all - sp.GetPendingDocumentCount()
	if !isTerminal(p.io.err) {
		if tenth := int(10 * sp.GetProgress()); tenth > p.tenth {
			p.tenth = tenth
			fmt.Fprintf(p.io.err, "%d of %d documents\n", done, all)
		}
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(all, progressbar.OptionSetWriter(p.io.err), progressbar.OptionSetDescription("building"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	p.bar.ChangeMax64(max(1, all)) // documents come and go meanwhile
	_ = p.bar.Set64(done)          // a bar that cannot be drawn stops nothing
}

func (p *buildProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
