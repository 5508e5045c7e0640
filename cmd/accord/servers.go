package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/modelservers"
)

// serverFile is a YAML file of model servers, in order:
//
//	servers:
//	  bge: {url: tei+http://gpu:8080, model: BAAI/bge-m3, api_key_env: BGE_KEY}
type serverFile struct{ path string }

// errAt returns an error with the file and the line.
func (f serverFile) errAt(node *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%s, line %d: %w", f.path, node.Line, fmt.Errorf(format, args...))
}

// read returns the model servers. An error names the file, the server and the key.
func (f serverFile) read() ([]modelservers.Server, error) {
	content, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("model servers: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path, err)
	}
	if len(document.Content) == 0 {
		return nil, fmt.Errorf("%s is empty; it must have the key servers, with the name and settings of each server", f.path)
	}
	var servers []modelservers.Server
	err = f.each(document.Content[0], "the file", func(key, value *yaml.Node) error {
		if key.Value != "servers" {
			return f.errAt(key, "unknown key %q; the only key is servers", key.Value)
		}
		return f.each(value, "servers", func(name, settings *yaml.Node) error {
			server, err := f.server(name.Value, settings)
			servers = append(servers, server)
			return err
		})
	})
	return servers, err
}

// each calls do with each key of a mapping and its value.
func (f serverFile) each(mapping *yaml.Node, what string, do func(key, value *yaml.Node) error) error {
	if mapping.Kind != yaml.MappingNode || len(mapping.Content) == 0 {
		return f.errAt(mapping, "%s must be a mapping of keys to values", what)
	}
	seen := map[string]bool{}
	for i := 0; i < len(mapping.Content); i += 2 {
		key := mapping.Content[i]
		if seen[key.Value] {
			return f.errAt(key, "%s has the key %q twice", what, key.Value)
		}
		seen[key.Value] = true
		if err := do(key, mapping.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// server decodes the settings of one server.
func (f serverFile) server(name string, settings *yaml.Node) (modelservers.Server, error) {
	s := modelservers.Server{Name: name}
	var keyEnv, keyFile string
	targets := map[string]any{
		"url": &s.URL, "model": &s.Model, "query_prefix": &s.QueryPrefix, "passage_prefix": &s.PassagePrefix,
		"max_tokens": &s.MaxTokens, "dimensions": &s.Dimensions, "api_key_env": &keyEnv, "api_key_file": &keyFile,
		"batch_inputs": &s.BatchInputs, "batch_tokens": &s.BatchTokens, "batch_bytes": &s.BatchBytes,
		"query_timeout": &s.QueryTimeout, "passage_timeout": &s.PassageTimeout,
		"max_query_requests": &s.MaxQueryRequests, "max_passage_requests": &s.MaxPassageRequests,
	}
	what := fmt.Sprintf("server %q", name)
	err := f.each(settings, what, func(key, value *yaml.Node) error {
		target, known := targets[key.Value]
		if !known {
			return f.errAt(key, "%s: unknown key %q; the keys are %s", what, key.Value, sortedKeys(targets))
		}
		if err := decode(value, target); err != nil {
			return f.errAt(value, "%s: %s %w", what, key.Value, err)
		}
		return nil
	})
	if err != nil {
		return s, err
	}
	if s.URL == "" {
		return s, f.errAt(settings, "%s: url is missing", what)
	}
	if s.APIKey, err = apiKey(keyEnv, keyFile); err != nil {
		return s, f.errAt(settings, "%s: %w", what, err)
	}
	return s, nil
}

// decode decodes a setting of a server.
func decode(value *yaml.Node, target any) error {
	err := value.Decode(target)
	switch target := target.(type) {
	case *int:
		if err != nil || *target < 0 {
			return fmt.Errorf("must be a whole number of at least 0, not %q", value.Value)
		}
	case *time.Duration:
		if err != nil || *target <= 0 {
			return fmt.Errorf("must be a duration above 0 such as 5s, not %q", value.Value)
		}
	default:
		if err != nil {
			return errors.New("must be a string")
		}
	}
	return nil
}

// apiKey returns the key in an environment variable or a file, or "" if neither is
// named.
func apiKey(env, file string) (driver.Secret, error) {
	switch {
	case env != "" && file != "":
		return "", errors.New("api_key_env and api_key_file are both set; leave one out")
	case env != "":
		if key := os.Getenv(env); key != "" {
			return driver.Secret(key), nil
		}
		return "", fmt.Errorf("api_key_env names the variable %s, which is not set", env)
	case file != "":
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("api_key_file: %w", err)
		}
		if key := strings.TrimSpace(string(content)); key != "" {
			return driver.Secret(key), nil
		}
		return "", fmt.Errorf("api_key_file: %s is empty", file)
	default:
		return "", nil
	}
}

func sortedKeys(targets map[string]any) string {
	keys := make([]string, 0, len(targets))
	for key := range targets {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}
