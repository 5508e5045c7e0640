package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// TestCompose: accord accepts the commands of deploy/compose.yaml with their
// environment, and knows all its variables.
func TestCompose(t *testing.T) {
	text, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Services map[string]struct {
			Command     []string
			Environment map[string]string
		}
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"accord", "migrate"} {
		t.Run(name, func(t *testing.T) {
			service := file.Services[name]
			for key, value := range service.Environment {
				t.Setenv(key, value)
			}
			command, err := kong.Must(&cli{}).Parse(service.Command)
			if err != nil {
				t.Fatal(err)
			}
			var known []string
			for _, flag := range command.Flags() {
				known = append(known, flag.Envs...)
			}
			for key := range service.Environment {
				if strings.HasPrefix(key, "ACCORD_") && !slices.Contains(known, key) {
					t.Errorf("%s is not a variable of accord %s", key, service.Command[0])
				}
			}
		})
	}
}
