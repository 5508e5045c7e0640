package main

import (
	"fmt"
	"strings"
)

// check is the result of checking one part of an installation.
type check struct {
	Part    string   `json:"part"` // such as "database"
	Well    bool     `json:"well"`
	Summary string   `json:"summary"` // description of the part, or of what is wrong with it
	Details []detail `json:"details,omitempty"`
	Advice  []string `json:"advice,omitempty"` // what the user can do
}

// detail is a property of a checked part.
type detail struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// checkup prints each check when it ends, or all of them at the end as JSON.
type checkup struct {
	io     streams
	json   bool
	checks []check
}

// add records a check.
func (c *checkup) add(ch check) {
	c.checks = append(c.checks, ch)
	if c.json {
		return
	}
	fmt.Fprintf(c.io.out, "%s: %s\n", ch.Part, oneLine(ch.Summary))
	for _, d := range ch.Details {
		fmt.Fprintf(c.io.out, "  %-11s %s\n", d.Label, oneLine(d.Value))
	}
	for _, advice := range ch.Advice {
		fmt.Fprintf(c.io.out, "  %s\n", oneLine(advice))
	}
}

// end prints the summary. It returns errReported if a check failed.
func (c *checkup) end() error {
	var bad []string
	for _, ch := range c.checks {
		if !ch.Well {
			bad = append(bad, ch.Part)
		}
	}
	summary := fmt.Sprintf("all well: %d checks", len(c.checks))
	if len(bad) > 0 {
		summary = fmt.Sprintf("%d of %d checks failed: %s", len(bad), len(c.checks), strings.Join(bad, ", "))
	}
	if c.json {
		if err := printJSON(c.io.out, map[string]any{"well": len(bad) == 0, "summary": summary, "checks": c.checks}); err != nil {
			return err
		}
	} else {
		fmt.Fprintln(c.io.out, summary)
	}
	if len(bad) > 0 {
		return errReported
	}
	return nil
}
