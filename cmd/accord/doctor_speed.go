package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/space"
)

const (
	// measuredQueries is the number of queries whose median is reported.
	measuredQueries = 5
	// measuredTurns is how many requests for passages each concurrent client sends.
	measuredTurns = 4
	// measuredFor limits the time for measuring passages. A slow server embeds fewer
	// passages in that time.
	measuredFor = 10 * time.Second
)

// modelSpeed is the current speed of a model server under Accord's requests.
type modelSpeed struct {
	query, batch time.Duration
	batchSize    int
	passages     float64 // per second
	tokens       float64 // per second, estimated
}

// String returns the speed as one line.
func (s modelSpeed) String() string {
	return fmt.Sprintf("a query in %v (median of %d), a request of %d passages in %v; %.0f passages, %.0f tokens per second",
		rounded(s.query), measuredQueries, s.batchSize, rounded(s.batch), s.passages, s.tokens)
}

// rounded rounds a duration for display.
func rounded(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Millisecond)
}

// measure embeds some queries one after the other, then passages in one request, and then
// passages in as many concurrent requests as are configured for the server.
func measure(ctx context.Context, servers *modelservers.Servers, sp space.Space, info embed.ServerInfo) (s modelSpeed, err error) {
	times := make([]time.Duration, measuredQueries)
	for i := range times {
		start := time.Now()
		if _, err := servers.EmbedQuery(ctx, sp, fmt.Sprintf("What was agreed on trade in meeting %d?", i+1)); err != nil {
			return s, err
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	s.query = times[len(times)/2]

	tokens := chunk.EstimateTokens(samplePassage(0))
	s.batchSize = max(1, min(info.BatchInputs, info.BatchTokens/tokens, info.BatchBytes/len(samplePassage(0))))
	start := time.Now()
	if _, err := servers.EmbedPassages(ctx, sp, samplePassages(s.batchSize)); err != nil {
		return s, err
	}
	s.batch = time.Since(start)

	inTime, cancel := context.WithTimeout(ctx, measuredFor)
	defer cancel()
	var done int
	var took time.Duration
	start = time.Now()
	err = servers.EmbedEach(inTime, sp, samplePassages(measuredTurns*info.PassageRequests*s.batchSize), func(_ int, batch []document.Embedding) error {
		done, took = done+len(batch), time.Since(start)
		return nil
	})
	if done == 0 || err != nil && !errors.Is(inTime.Err(), context.DeadlineExceeded) {
		return s, errors.Join(err, ctx.Err())
	}
	s.passages = float64(done) / took.Seconds()
	s.tokens = s.passages * float64(tokens)
	return s, nil
}

// samplePassages returns n passages.
func samplePassages(n int) []string {
	passages := make([]string, n)
	for i := range passages {
		passages[i] = samplePassage(i)
	}
	return passages
}

// samplePassage returns a passage as long as a paragraph of a news item. Each i gives a
// different text, so that the server cannot answer from a cache.
func samplePassage(i int) string {
	return fmt.Sprintf("Report %d: the two sides held talks on ports, railways and the trade in farm goods, and agreed to lower what stands in its way. "+
		"They will open two more border posts by the end of the year, have their customs offices recognise each other's papers, and meet again in the "+
		"spring to look at what has been done, the ministry said in a statement after the meeting.", i)
}
