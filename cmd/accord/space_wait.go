package main

import (
	"context"
	"fmt"
	"time"

	"github.com/schollz/progressbar/v3"
	"google.golang.org/grpc"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// pollEvery is the pause between two checks of a space that is being built.
const pollEvery = time.Second

// wait polls a space until it is no longer building, and returns it. If the server
// restarts, each poll waits for it up to the timeout.
func (c *spaceCreateCmd) wait(ctx context.Context, client accordv1.SpaceServiceClient, sp *accordv1.Space, io streams) (*accordv1.Space, error) {
	progress := &buildProgress{io: io}
	defer progress.end()
	for sp.GetState() == accordv1.SpaceState_SPACE_STATE_BUILDING {
		progress.show(sp)
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return nil, fmt.Errorf("stopped waiting for %s, which is still being built: %w", sp.GetName(), ctx.Err())
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

// buildProgress shows the progress of a space: a bar on a terminal, otherwise a line for
// each tenth.
type buildProgress struct {
	io    streams
	bar   *progressbar.ProgressBar
	tenth int // last tenth shown
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
		p.bar = progressbar.NewOptions64(all, progressbar.OptionSetWriter(raw(p.io.err)), progressbar.OptionSetDescription("building"),
			progressbar.OptionShowCount(), progressbar.OptionClearOnFinish())
	}
	p.bar.ChangeMax64(max(1, all)) // the number of documents may change during the build
	_ = p.bar.Set64(done)          // failing to draw the bar is not an error
}

func (p *buildProgress) end() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
