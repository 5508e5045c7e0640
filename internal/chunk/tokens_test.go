package chunk

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
)

// TestEstimateTokens compares the estimate with the count of multilingual-e5-small's
// tokenizer (XLM-RoBERTa's), without special tokens and prefix. The estimate must
// never be lower than the count, and over all prose not much higher.
func TestEstimateTokens(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/tokens.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var counted, estimated int // sums over the prose
	for line := range bytes.Lines(file) {
		var row struct {
			Tokens int    `json:"tokens"`
			Prose  bool   `json:"prose"`
			Text   string `json:"text"`
		}
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		got := EstimateTokens(row.Text)
		if got < row.Tokens {
			t.Errorf("EstimateTokens(%q) = %d, fewer than the %d it has", row.Text, got, row.Tokens)
		}
		if row.Prose {
			counted, estimated = counted+row.Tokens, estimated+got
		}
	}
	if counted == 0 || estimated*10 > counted*16 {
		t.Errorf("prose of %d tokens is estimated to have %d, more than 1.6 times as many", counted, estimated)
	}
}

func TestEstimateTokensOfNothing(t *testing.T) {
	t.Parallel()
	if got := EstimateTokens(" \n"); got != 0 {
		t.Errorf("EstimateTokens of white space = %d, want 0", got)
	}
}
