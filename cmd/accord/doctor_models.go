package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/space"
)

// models checks each model server, and which stored spaces it serves.
func (c *doctorCmd) models(ctx context.Context, report *checkup, stored []space.Space) {
	if !c.configured() {
		report.add(check{Part: "model server", Summary: "not set; set ACCORD_EMBEDDING_URL, or use accord serve --local, which starts one"})
		return
	}
	servers, err := c.embeddingFlags.open(slog.New(slog.DiscardHandler), nil)
	if err != nil {
		report.add(check{Part: "model servers", Summary: err.Error(), Advice: []string{
			"correct ACCORD_EMBEDDING_URL and the variables beside it, or the file of ACCORD_EMBEDDING_SERVERS",
		}})
		return
	}
	defer servers.Close()
	d := modelDoctor{servers: servers, stored: stored, served: make([]bool, len(stored))}
	for _, name := range servers.Names() {
		inTime, cancel := context.WithTimeout(ctx, serverTimeout)
		found, err := d.check(inTime, name)
		cancel()
		if found.Well = err == nil; err != nil {
			found.Summary, found.Advice = err.Error(), []string{modelAdvice(err)}
		}
		found.Part = "model server " + name
		report.add(found)
	}
	d.orphans(report)
}

// modelDoctor checks model servers one after the other.
type modelDoctor struct {
	servers *modelservers.Servers
	stored  []space.Space
	served  []bool // by index of stored: whether a server makes the space's vectors
}

// check returns what a server is, how fast it is and which spaces it serves.
func (d *modelDoctor) check(ctx context.Context, name string) (found check, err error) {
	info, err := d.servers.Describe(ctx, name)
	if err != nil {
		return found, err
	}
	offered, err := d.servers.Offer(ctx, name)
	if err != nil {
		return found, err
	}
	speed, err := measure(ctx, d.servers, offered, info)
	if err != nil {
		return found, err
	}
	found.Summary = fmt.Sprintf("%s, %d dimensions, by %s at %s", info.Profile.Model, info.Profile.Dimensions, info.Driver, info.Server)
	found.field("lists", strings.Join(info.Models, ", "))
	if info.AnswersAs != info.Profile.Model {
		found.field("answers as", info.AnswersAs)
	}
	found.field("profile", profileText(info.Profile))
	found.field("server says", limitsText(info))
	found.field("requests", fmt.Sprintf("%d passages, %d tokens and %d bytes at most; %d for passages and %d for queries at a time",
		info.BatchInputs, info.BatchTokens, info.BatchBytes, info.PassageRequests, info.QueryRequests))
	found.field("long texts", longTexts(info))
	found.field("speed", speed.String())
	err = d.match(ctx, name, &found)
	return found, err
}

func (c *check) field(label, value string) {
	if value != "" {
		c.Details = append(c.Details, detail{label, value})
	}
}

// match adds to found the stored spaces that the server serves. It also adds those that
// name the server although it does not serve them.
func (d *modelDoctor) match(ctx context.Context, name string, found *check) error {
	for i, sp := range d.stored {
		other, err := d.servers.Match(ctx, name, sp)
		switch {
		case err == nil:
			d.served[i] = true
			found.field("serves", fmt.Sprintf("%s (%s)", sp.Name(), sp.State))
		case !other:
			return err
		case sp.Server == name:
			found.field("not", fmt.Sprintf("%s (%s), which has its name but the model %s: the server %v", sp.Name(), sp.State, sp.Model, err))
		}
	}
	return nil
}

// orphans reports the stored spaces that no model server serves.
func (d *modelDoctor) orphans(report *checkup) {
	for i, sp := range d.stored {
		if !d.served[i] {
			report.add(check{Part: "space", Advice: []string{orphanAdvice(sp)}, Summary: fmt.Sprintf(
				"%s (%s) was embedded with %s by model server %s, and no model server makes such vectors", sp.Name(), sp.State, sp.Model, sp.Server)})
		}
	}
}

func orphanAdvice(sp space.Space) string {
	const server = "name a server of that model in ACCORD_EMBEDDING_URL or in the file of ACCORD_EMBEDDING_SERVERS"
	if sp.State == space.Active {
		return server + ", or change the collection's model with accord space create and activate"
	}
	return server + ", or remove the space with accord space delete"
}

func profileText(p document.ModelProfile) string {
	if p.QueryPrefix == "" && p.PassagePrefix == "" {
		return fmt.Sprintf("%d tokens, no prefixes", p.MaxTokens)
	}
	return fmt.Sprintf("%d tokens, %q before queries and %q before passages by the %s", p.MaxTokens, p.QueryPrefix, p.PassagePrefix, p.PrefixBy)
}

// limitsText describes the limits that the server reports, or that are known for its kind.
func limitsText(info embed.ServerInfo) string {
	var parts []string
	for _, limit := range []struct {
		n    int
		what string
	}{
		{info.Reported.MaxTokens, "tokens per text"},
		{info.Reported.MaxBatchInputs, "texts per request"},
		{info.Reported.MaxBatchTokens, "tokens per request"},
		{info.Reported.MaxBatchBytes, "bytes per request"},
		{info.Reported.MaxConcurrentRequests, "requests at a time"},
		{info.Reported.MaxConcurrentInputs, "texts at a time"},
	} {
		if limit.n > 0 {
			parts = append(parts, strconv.Itoa(limit.n)+" "+limit.what)
		}
	}
	return strings.Join(parts, ", ")
}

// longTexts describes what happens to texts that are too long for the server.
func longTexts(info embed.ServerInfo) string {
	if info.CutsInSilence {
		return fmt.Sprintf("it reads %d tokens and silently drops the rest; longer passages are split before they are sent", info.MaxTokens)
	}
	return fmt.Sprintf("it reads %d tokens and reports longer texts; longer passages are split", info.MaxTokens)
}

func modelAdvice(err error) string {
	switch {
	case errors.Is(err, embed.ErrUnavailable):
		return "check that ACCORD_EMBEDDING_URL, or the server's url in the file of ACCORD_EMBEDDING_SERVERS, names a running server"
	case errors.Is(err, embed.ErrRejected):
		return "check ACCORD_EMBEDDING_MODEL, ACCORD_EMBEDDING_API_KEY and the URL's scheme and path, or the same settings in the file of ACCORD_EMBEDDING_SERVERS"
	default:
		return "check that the server is an embedding server of the kind that the URL's scheme names, and its model (ACCORD_EMBEDDING_MODEL)"
	}
}
