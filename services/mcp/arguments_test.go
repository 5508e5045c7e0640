package mcp

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// TestWholeNumbers: a whole number may be written with a fraction or an exponent.
func TestWholeNumbers(t *testing.T) {
	t.Parallel()
	schema := schemaOf[documentsInput](limits{"limit": number(1, 100, 30)})
	for given, want := range map[string]int{`{"limit":5}`: 5, `{"limit":5.0}`: 5, `{"limit":1e1}`: 10, `{}`: 30} {
		var in documentsInput
		if err := readArguments(schema, json.RawMessage(given), &in); err != nil || in.Limit != want {
			t.Errorf("%s: %d, %v", given, in.Limit, err)
		}
	}
}

// TestProblemsAreFew: an error about very many arguments is short.
func TestProblemsAreFew(t *testing.T) {
	t.Parallel()
	arguments := map[string]int{}
	for i := range 10_000 {
		arguments[fmt.Sprint("a", i)] = i
	}
	given, err := json.Marshal(arguments)
	if err != nil {
		t.Fatal(err)
	}
	err = readArguments(schemaOf[documentsInput](nil), given, &documentsInput{})
	if err == nil || len(err.Error()) > 4000 || !strings.HasSuffix(err.Error(), "; and others") {
		t.Errorf("%v", err)
	}
}
