// Command generate writes openapi.json. It merges the files that protoc-gen-openapiv3 wrote for
// the services with base.json, which has what the annotations of the protos cannot express.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
)

//go:embed base.json
var base []byte

// object is a JSON object.
type object = map[string]any

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		log.Fatal("usage: generate OUT FILE…")
	}
	if err := generate(os.Args[1], os.Args[2:]); err != nil {
		log.Fatal("generate: ", err)
	}
}

func generate(out string, files []string) error {
	var doc object
	if err := json.Unmarshal(base, &doc); err != nil {
		return fmt.Errorf("base.json: %w", err)
	}
	tags := []any{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		var part object
		if err := json.Unmarshal(data, &part); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		addPaths(at(doc, "paths"), at(part, "paths"))
		maps.Copy(at(doc, "components", "schemas"), at(part, "components", "schemas"))
		tags = append(tags, part["tags"].([]any)...)
	}
	slices.SortFunc(tags, func(a, b any) int { return strings.Compare(a.(object)["name"].(string), b.(object)["name"].(string)) })
	doc["tags"] = tags
	for path, item := range at(doc, "paths") {
		for method, operation := range item.(object) {
			addErrors(method, path, at(operation.(object), "responses"))
		}
	}
	constrain(at(doc, "components", "schemas"))
	countChoices(at(doc, "components", "schemas"))
	var encoded bytes.Buffer
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(doc); err != nil {
		return err
	}
	return os.WriteFile(out, encoded.Bytes(), 0o644)
}

// at returns the object under a sequence of keys.
func at(o object, keys ...string) object {
	for _, key := range keys {
		o = o[key].(object)
	}
	return o
}

// addPaths adds the paths of a service. It renames their parameters: documents/{name_1} becomes
// documents/{document}.
func addPaths(to, from object) {
	for path, item := range from {
		renamed := map[string]string{}
		path = parameter.ReplaceAllStringFunc(path, func(match string) string {
			groups := parameter.FindStringSubmatch(match)
			name := strings.TrimSuffix(groups[1], "s")
			renamed[groups[2]] = name
			return groups[1] + "/{" + name + "}"
		})
		for method, operation := range item.(object) {
			operation := operation.(object)
			constrainRequest(operation)
			nameParameters(operation, renamed)
			addHeaders(method, path, operation)
			if strings.HasSuffix(path, ":documentVectors") {
				stream(operation)
			}
		}
		if existing, ok := to[path].(object); ok {
			maps.Copy(existing, item.(object))
		} else {
			to[path] = item
		}
	}
}

// parameter matches a part of a path such as documents/{name_1}.
var parameter = regexp.MustCompile(`(collections|documents|spaces)/\{([^}]+)\}`)

func nameParameters(operation object, renamed map[string]string) {
	parameters, _ := operation["parameters"].([]any)
	for _, p := range parameters {
		p := p.(object)
		if name, ok := renamed[p["name"].(string)]; ok && p["in"] == "path" {
			p["name"] = name
			p["description"] = "The id of the " + name + "."
			p["schema"] = object{"type": "string", "pattern": `^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`}
		}
	}
}

// addHeaders adds the headers for conditional requests to the methods for one document.
func addHeaders(method, path string, operation object) {
	if !strings.HasSuffix(path, "/documents/{document}") {
		return
	}
	header := func(name, description string) object {
		return object{"name": name, "in": "header", "schema": object{"type": "string"}, "description": description}
	}
	var added []any
	if method != "get" {
		added = append(added, header("If-Match", "The ETag that the stored document must have. 412 if it has another."))
	}
	switch method {
	case "get":
		added = append(added, header("If-None-Match", "ETags that the client has. 304 if the document has one of them."))
	case "put":
		added = append(added, header("If-None-Match", "An asterisk if the document must not exist. 412 if it does."))
	}
	parameters, _ := operation["parameters"].([]any)
	operation["parameters"] = append(parameters, added...)
	if method != "delete" {
		at(operation, "responses", "200")["headers"] = object{
			"ETag": object{"schema": object{"type": "string"}, "description": "The etag of the document, in quotation marks."},
		}
	}
}

// stream changes the answer of an operation to lines of JSON.
func stream(operation object) {
	content := at(operation, "responses", "200", "content")
	content["application/x-ndjson"] = content["application/json"]
	delete(content, "application/json")
}
