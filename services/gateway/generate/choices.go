package main

import "strings"

// countChoices describes the oneof of a message that contains itself by the maximum number of its
// properties. protoc-gen-openapiv3 writes an alternative for each choice. Programs that make requests
// from the description multiply these at each level: from the conditions of a filter, they made
// requests for minutes.
func countChoices(schemas object) {
	for name, schema := range schemas {
		schema := schema.(object)
		alternatives, _ := schema["oneOf"].([]any)
		if len(alternatives) == 0 || !leadsTo(name, schema, schemas, map[string]bool{}) {
			continue
		}
		choices := 0
		for _, alternative := range alternatives {
			if _, one := alternative.(object)["required"]; one { // the others stand for no choice
				choices++
			}
		}
		delete(schema, "oneOf")
		schema["maxProperties"] = len(at(schema, "properties")) - choices + 1
	}
}

// leadsTo reports whether a part of a schema refers to the schema called name, itself or through
// other schemas. visited has the names of those that were looked at.
func leadsTo(name string, part any, schemas object, visited map[string]bool) bool {
	switch part := part.(type) {
	case object:
		if reference, ok := part["$ref"].(string); ok {
			to := strings.TrimPrefix(reference, "#/components/schemas/")
			if to == name {
				return true
			}
			if !visited[to] {
				visited[to] = true
				return leadsTo(name, schemas[to], schemas, visited)
			}
		}
		for _, value := range part {
			if leadsTo(name, value, schemas, visited) {
				return true
			}
		}
	case []any:
		for _, value := range part {
			if leadsTo(name, value, schemas, visited) {
				return true
			}
		}
	}
	return false
}
