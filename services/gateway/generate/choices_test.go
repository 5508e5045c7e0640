package main

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCountChoices: only a oneof of a message that contains itself loses its alternatives.
func TestCountChoices(t *testing.T) {
	t.Parallel()
	const list, alternatives = `"List":{"properties":{"items":{"type":"array","items":{"$ref":"#/components/schemas/Node"}}}}`,
		`"oneOf":[{"not":{"anyOf":[{"required":["one"]},{"required":["two"]}]}},{"required":["one"]},{"required":["two"]}]`
	for _, test := range []struct{ name, node, want string }{
		{
			"contains itself", `{` + alternatives + `,"properties":{"name":{},"one":{},"two":{"$ref":"#/components/schemas/List"}}}`,
			`{"maxProperties":2,"properties":{"name":{},"one":{},"two":{"$ref":"#/components/schemas/List"}}}`,
		},
		{
			"does not", `{` + alternatives + `,"properties":{"name":{},"one":{},"two":{}}}`, `{` + alternatives + `,"properties":{"name":{},"one":{},"two":{}}}`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, want := schemasOf(t, `{`+list+`,"Node":`+test.node+`}`), schemasOf(t, `{`+list+`,"Node":`+test.want+`}`)
			countChoices(got)
			if diff := cmp.Diff(want, schemasOf(t, text(t, got))); diff != "" {
				t.Errorf("schemas (-want +got):\n%s", diff)
			}
		})
	}
}

func schemasOf(t *testing.T, text string) (schemas object) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &schemas); err != nil {
		t.Fatal(err)
	}
	return schemas
}

// text returns schemas in JSON, in which all numbers have the same type.
func text(t *testing.T, schemas object) string {
	t.Helper()
	encoded, err := json.Marshal(schemas)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}
