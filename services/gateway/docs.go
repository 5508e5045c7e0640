package gateway

import (
	"bytes"
	"cmp"
	_ "embed"
	stdjson "encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

var (
	//go:embed openapi.json
	openAPI []byte
	//go:embed docs.html
	docsPage string
	//go:embed docs.css
	docsStyle []byte
)

// contentPolicy lets the page load only its own style sheet.
const contentPolicy = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// addDocs adds the routes that describe the API: /openapi.json for programs, and the page
// /docs for people. The page has no scripts and loads nothing from other servers.
func addDocs(routes *http.ServeMux) error {
	page, err := renderDocs()
	if err != nil {
		return fmt.Errorf("page of the API: %w", err)
	}
	for path, file := range map[string]struct {
		kind    string
		content []byte
	}{
		"/openapi.json": {"application/json", openAPI},
		"/docs":         {"text/html; charset=utf-8", page},
		"/docs.css":     {"text/css; charset=utf-8", docsStyle},
	} {
		routes.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.kind)
			w.Header().Set("Content-Length", strconv.Itoa(len(file.content)))
			w.Header().Set("Content-Security-Policy", contentPolicy)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			_, _ = w.Write(file.content) // fails if the client is gone
		})
	}
	return nil
}

// These are the parts of openapi.json that the page shows.
type (
	apiDoc struct {
		Info       struct{ Title, Version, Description string }
		Tags       []struct{ Name, Description string }
		Paths      map[string]map[string]*apiMethod
		Components struct{ Schemas map[string]*apiSchema }
	}
	apiMethod struct {
		Verb, Path  string `json:"-"`
		OperationID string
		Tags        []string
		Summary     string
		Parameters  []apiParameter
		RequestBody struct{ Content map[string]apiContent }
		Responses   map[string]struct{ Content map[string]apiContent }
	}
	apiParameter struct {
		Name, In, Description string
		Required              bool
		Schema                *apiSchema
	}
	apiContent struct{ Schema *apiSchema }
	apiSchema  struct {
		Type, Format, Description string
		Ref                       string `json:"$ref"`
		Properties                map[string]*apiSchema
		Items                     *apiSchema
		AdditionalProperties      any
		Enum                      []string
		Required                  []string
	}
)

// renderDocs renders the page of the API.
func renderDocs() ([]byte, error) {
	var doc apiDoc
	if err := stdjson.Unmarshal(openAPI, &doc); err != nil {
		return nil, err
	}
	byTag := map[string][]*apiMethod{}
	for path, verbs := range doc.Paths {
		for verb, method := range verbs {
			method.Verb, method.Path = strings.ToUpper(verb), path
			byTag[method.Tags[0]] = append(byTag[method.Tags[0]], method)
		}
	}
	for _, methods := range byTag {
		slices.SortFunc(methods, func(a, b *apiMethod) int {
			return cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Verb, b.Verb))
		})
	}
	parsed, err := template.New("docs").Funcs(template.FuncMap{
		"methods": func(tag string) []*apiMethod { return byTag[tag] },
		"short":   func(name string) string { return name[strings.LastIndex(name, ".")+1:] },
		"schema":  func(s *apiSchema) string { return strings.TrimPrefix(s.Ref, "#/components/schemas/") },
	}).Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var page bytes.Buffer
	err = parsed.Execute(&page, doc)
	return page.Bytes(), err
}
