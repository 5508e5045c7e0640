package main

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// agent is a client of MCP.
type agent struct {
	*sdk.ClientSession
	outputs map[string]*jsonschema.Resolved // schemas by the name of the tool
}

// agentWith connects a client of MCP, and checks what the server says about its tools.
func agentWith(t *testing.T, transport sdk.Transport) agent {
	t.Helper()
	session, err := sdk.NewClient(&sdk.Implementation{Name: "test"}, nil).Connect(limited(t), transport, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	a := agent{session, map[string]*jsonschema.Resolved{}}
	listed, err := session.ListTools(limited(t), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range listed.Tools {
		encoded, _ := json.Marshal(tool.OutputSchema)
		var schema jsonschema.Schema
		if err := json.Unmarshal(encoded, &schema); err != nil {
			t.Fatalf("%s: the output schema: %v", tool.Name, err)
		}
		if a.outputs[tool.Name], err = schema.Resolve(nil); err != nil {
			t.Fatalf("%s: the output schema: %v", tool.Name, err)
		}
		if !tool.Annotations.ReadOnlyHint || tool.Description == "" || tool.InputSchema == nil {
			t.Errorf("%s is not described: %+v", tool.Name, tool)
		}
	}
	return a
}

// bearerTransport adds a credential to each request.
type bearerTransport struct{ credential string }

// RoundTrip implements http.RoundTripper.
func (b bearerTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	if b.credential != "" {
		r.Header.Set("Authorization", "Bearer "+b.credential)
	}
	return http.DefaultTransport.RoundTrip(r)
}

func (w web) agent(t *testing.T, credential string) agent {
	t.Helper()
	return agentWith(t, &sdk.StreamableClientTransport{Endpoint: w.url + "/mcp", HTTPClient: &http.Client{Transport: bearerTransport{credential}}})
}

// localAgent connects a client to `accord mcp` on standard input and output.
func localAgent(t *testing.T, addr string, flags ...string) agent {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), self, append([]string{"mcp", "--addr", addr}, flags...)...)
	command.Env = append(os.Environ(), asCommand+"=1")
	return agentWith(t, &sdk.CommandTransport{Command: command})
}

// call calls a tool, and decodes its structured answer into out. It returns the text.
func (a agent) call(t *testing.T, tool string, args map[string]any, out any) string {
	t.Helper()
	result, err := a.CallTool(limited(t), &sdk.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Fatalf("%s %v: %v", tool, args, err)
	}
	text := result.Content[0].(*sdk.TextContent).Text
	if result.IsError {
		t.Fatalf("%s %v: %s", tool, args, text)
	}
	if err := a.outputs[tool].Validate(result.StructuredContent); err != nil {
		t.Errorf("%s %v: the answer does not have its schema: %v", tool, args, err)
	}
	encoded, _ := json.Marshal(result.StructuredContent)
	if err := json.Unmarshal(encoded, out); err != nil {
		t.Fatalf("%s %v: %v", tool, args, err)
	}
	return text
}

// failure calls a tool that must fail, and returns its error.
func (a agent) failure(t *testing.T, tool string, args map[string]any) string {
	t.Helper()
	result, err := a.CallTool(limited(t), &sdk.CallToolParams{Name: tool, Arguments: args})
	if err != nil {
		t.Fatalf("%s %v: %v", tool, args, err)
	}
	text := result.Content[0].(*sdk.TextContent).Text
	if !result.IsError {
		t.Errorf("%s %v: no error, but %s", tool, args, text)
	}
	return text
}

// quotation is a quote in an answer of a tool.
type quotation struct {
	Citation, Quote string
	Range           struct{ Start, End int }
}

// foundPassage is a passage in the answer of search.
type foundPassage struct {
	quotation
	Document, Title  string
	Relevance        float64
	PassageRange     *struct{ Start, End int } `json:"passage_range"`
	Highlights       []quotation
	Before, After    []quotation
	Text             *quotation
	Rest, Error      string
	BeforeText, Link string
}
