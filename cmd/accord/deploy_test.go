package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// TestCompose: accord accepts the commands and the environment of the compose files in
// deploy/, and knows all their variables.
func TestCompose(t *testing.T) {
	type service struct {
		Command     []string
		Environment map[string]string
	}
	var base, withTLS struct{ Services map[string]service }
	for name, file := range map[string]any{"compose.yaml": &base, "compose.tls.yaml": &withTLS} {
		text, err := os.ReadFile("../../deploy/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(text, file); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"accord", "migrate", "seeds"} {
		t.Run(name, func(t *testing.T) {
			checkEnvironment(t, base.Services[name].Command, base.Services[name].Environment, withTLS.Services[name].Environment)
		})
	}
}

// TestEnvironmentFiles: accord serve accepts the variables of the ConfigMap and of the
// systemd unit, and knows all of them.
func TestEnvironmentFiles(t *testing.T) {
	database := map[string]string{"ACCORD_DATABASE_URL": "postgres://accord@postgres/accord"}
	for _, name := range []string{"kubernetes/base/accord.env", "systemd/accord.env"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../../deploy/" + name)
			if err != nil {
				t.Fatal(err)
			}
			variables := map[string]string{}
			for line := range strings.Lines(string(text)) {
				if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(line, "#") {
					variables[key] = strings.Trim(value, `"`)
				}
			}
			if strings.HasPrefix(name, "systemd") { // systemd sets these
				variables["ACCORD_TLS_CERT"], variables["ACCORD_TLS_KEY"] = "tls.crt", "tls.key"
			}
			checkEnvironment(t, []string{"serve"}, database, variables)
		})
	}
}

// checkEnvironment checks that a command can be parsed in an environment and knows all
// ACCORD_ variables in it. Later maps override earlier ones.
func checkEnvironment(t *testing.T, args []string, environments ...map[string]string) {
	t.Helper()
	for _, environment := range environments {
		for key, value := range environment {
			t.Setenv(key, value)
		}
	}
	command, err := kong.Must(&cli{}).Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, flag := range command.Flags() {
		known = append(known, flag.Envs...)
	}
	for _, environment := range environments {
		for key := range environment {
			if strings.HasPrefix(key, "ACCORD_") && !slices.Contains(known, key) {
				t.Errorf("%s is not a variable of accord %s", key, args[0])
			}
		}
	}
}
