package mcp

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
)

// limits are the limits of arguments beyond their types, by the names of the arguments.
type limits map[string]jsonschema.Schema

// number returns the limits of a number. standard is its default, or 0 if it has none.
func number(least, most, standard int) jsonschema.Schema {
	low, high := float64(least), float64(most)
	schema := jsonschema.Schema{Minimum: &low, Maximum: &high}
	if standard > 0 {
		schema.Default = json.RawMessage(fmt.Sprint(standard))
	}
	return schema
}

// oneOf returns the limits of a text that must be one of some values.
func oneOf(values ...any) jsonschema.Schema { return jsonschema.Schema{Enum: values} }

// schemaOf returns the JSON schema of T, in which a list is never null.
func schemaOf[T any](limited limits) *jsonschema.Schema {
	schema, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("schema of %T: %v", *new(T), err)) // cannot happen: T is known at compile time
	}
	neverNull(schema)
	for name, limit := range limited {
		property := schema.Properties[name]
		if limit.Enum != nil && property.Items != nil {
			property = property.Items
		}
		property.Minimum, property.Maximum, property.Enum, property.Default = limit.Minimum, limit.Maximum, limit.Enum, limit.Default
		property.MinItems, property.MaxItems, property.MaxLength = limit.MinItems, limit.MaxItems, limit.MaxLength
	}
	return schema
}

// neverNull removes the type null from lists and maps in a schema. Otherwise they would have
// two types, which not all clients understand.
func neverNull(schema *jsonschema.Schema) {
	if schema == nil {
		return
	}
	if len(schema.Types) == 2 && schema.Types[0] == "null" {
		schema.Type, schema.Types = schema.Types[1], nil
	}
	for _, property := range schema.Properties {
		neverNull(property)
	}
	neverNull(schema.Items)
	neverNull(schema.AdditionalProperties)
}

// add adds a tool that only reads. The handler gets arguments that were checked against the
// schema. It returns the result twice: as text for an agent to read, and as data.
func add[In, Out any](server *sdk.Server, name, title, description string, limited limits, handler func(context.Context, In) (string, Out, error)) {
	no, input := false, schemaOf[In](limited)
	server.AddTool(&sdk.Tool{
		Name: name, Title: title, Description: description, InputSchema: input, OutputSchema: schemaOf[Out](nil),
		Annotations: &sdk.ToolAnnotations{Title: title, ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no},
	}, func(ctx context.Context, req *sdk.CallToolRequest) (*sdk.CallToolResult, error) {
		var in In
		result := &sdk.CallToolResult{}
		if err := readArguments(input, req.Params.Arguments, &in); err != nil {
			result.SetError(err)
			return result, nil
		}
		text, out, err := handler(ctx, in)
		if err != nil {
			result.SetError(explained(err))
			return result, nil
		}
		result.Content, result.StructuredContent = []sdk.Content{&sdk.TextContent{Text: text}}, out
		return result, nil
	})
}
