package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// questionsInCall is the number of questions that the server takes in one call.
const questionsInCall = 50

// runBatch asks the questions of a file and prints the answers in order. It goes on after a
// question that fails.
func (c *searchCmd) runBatch(ctx context.Context, io streams) error {
	text, err := os.ReadFile(c.Batch)
	if err != nil {
		return fmt.Errorf("read questions: %w", err)
	}
	questions := questionsIn(string(text))
	if len(questions) == 0 {
		return fmt.Errorf("%s has no questions; write one per line", c.Batch)
	}
	conn, err := c.dial()
	if err != nil {
		return err
	}
	defer conn.Close()
	var outcome batchOutcome
	for part := range slices.Chunk(questions, questionsInCall) {
		ctx, cancel := context.WithTimeout(ctx, c.Timeout)
		resp, err := accordv1.NewSearchServiceClient(conn).BatchSearch(ctx, c.batchRequest(part))
		cancel()
		if err != nil {
			return err
		}
		for i, answer := range resp.GetAnswers() {
			if err := c.printBatched(io, part[i], answer); err != nil {
				return err
			}
			outcome.add(answer)
		}
	}
	return outcome.err()
}

// questionsIn returns the lines of a text that are not blank.
func questionsIn(text string) (list []string) {
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func (c *searchCmd) batchRequest(questions []string) *accordv1.BatchSearchRequest {
	batch := &accordv1.BatchSearchRequest{Parent: string(c.Collection)}
	for _, question := range questions {
		request := proto.CloneOf(c.request())
		request.Query = question
		batch.Requests = append(batch.Requests, request)
	}
	return batch
}

// printBatched prints the answer to one question of a batch: as a line of JSON, or as text
// under the question.
func (c *searchCmd) printBatched(io streams, question string, answer *accordv1.BatchSearchAnswer) error {
	if c.Output == "json" {
		line, err := protojson.Marshal(answer)
		if err != nil {
			return fmt.Errorf("write output: %w", err)
		}
		return printJSON(io.out, json.RawMessage(line))
	}
	fmt.Fprintf(io.out, "# %s\n\n", oneLine(question))
	if failed := answer.GetStatus(); failed != nil {
		fmt.Fprintf(io.out, "failed: %s\n\n", oneLine(message(status.FromProto(failed).Err())))
		return nil
	}
	printAnswer(io, answer.GetResponse())
	if len(answer.GetResponse().GetResults()) == 0 {
		fmt.Fprintln(io.out)
	}
	return nil
}

// batchOutcome collects what the exit code depends on.
type batchOutcome struct{ failed, degraded, found bool }

func (o *batchOutcome) add(answer *accordv1.BatchSearchAnswer) {
	o.failed = o.failed || answer.GetStatus() != nil
	o.degraded = o.degraded || len(answer.GetResponse().GetSearchInfo().GetDegraded()) > 0
	o.found = o.found || len(answer.GetResponse().GetResults()) > 0
}

func (o *batchOutcome) err() error {
	switch {
	case o.failed:
		return errReported
	case o.degraded:
		return errDegraded
	case !o.found:
		return errNothing
	}
	return nil
}
