package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/corpus/article"
	"github.com/accord-search/accord/internal/document"
)

// explainedCells is the maximum width of a line that --explain quotes.
const explainedCells = 100

// dryDecision is a decision in the output of --dry-run --explain -o json.
type dryDecision struct {
	About string `json:"about"` // begin, title, date or language
	Rule  string `json:"rule"`
	Line  string `json:"line,omitempty"` // as it was read
}

// decisionsOf returns the decisions about the documents of a file, by document id. The
// decisions about a document have a fixed order.
func decisionsOf(file corpus.File) map[string][]dryDecision {
	out := map[string][]dryDecision{}
	for _, about := range []string{article.AboutBegin, article.AboutTitle, article.AboutDate, article.AboutLanguage} {
		for _, d := range file.Decisions {
			if d.About == about {
				id := file.Documents[d.Document-1].ID
				out[id] = append(out[id], dryDecision{d.About, d.Rule, firstCells(d.Line, explainedCells)})
			}
		}
	}
	return out
}

// decided prints for --explain why each document of a file begins where it does and has
// its title, date and language. before is the number of documents before them. It prints
// nothing for records and rows, since their fields state these values.
func (r *report) decided(name string, file corpus.File, before int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.explain {
		return
	}
	all := decisionsOf(file)
	for i, d := range file.Documents {
		decisions := all[d.ID]
		for _, decision := range decisions {
			var line string
			if decision.Line != "" {
				line = fmt.Sprintf(": %q", decision.Line)
			}
			r.line("decided    %s, document %d: %s%s: %s%s", name, before+i+1, decision.About, valueOf(d, decision.About), decision.Rule, line)
		}
		undated := !slices.ContainsFunc(decisions, func(d dryDecision) bool { return d.About == article.AboutDate })
		if len(decisions) > 0 && undated {
			r.line("decided    %s, document %d: no date, since no line and nothing beside the text gives one", name, before+i+1)
		}
	}
}

// valueOf returns the title, date or language of a document, as about says, with a space
// before it. For the decision where a document begins, it returns "".
func valueOf(d document.Document, about string) string {
	switch about {
	case article.AboutTitle:
		return fmt.Sprintf(" %q", d.Title)
	case article.AboutDate:
		return " " + d.PublishTime.Format(time.RFC3339)
	case article.AboutLanguage:
		return " " + d.LanguageCode
	}
	return ""
}

// dropped counts the lines of page furniture of a piece of a file, and prints them for
// --explain. before is the number of documents before the piece.
func (r *report) dropped(file string, dropped []corpus.Dropped, before int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.furniture += len(dropped)
	if !r.explain {
		return
	}
	for _, d := range dropped {
		r.line("dropped    %s, document %d: %s: %q", file, before+d.Document, d.Reason, d.Text)
	}
}
