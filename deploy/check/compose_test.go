package check

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// compose returns the project of compose files in deploy, with all profiles.
func compose(t *testing.T, files ...string) *types.Project {
	t.Helper()
	options, err := cli.NewProjectOptions(files, cli.WithWorkingDirectory(".."), cli.WithProfiles([]string{"*"}),
		cli.WithEnv([]string{"POSTGRES_PASSWORD=secret"}), cli.WithInterpolation(true))
	if err != nil {
		t.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// once has the services that end when their work is done.
var once = []string{"migrate", "seeds"}

// TestCompose: every service has limits and a restart policy, reports its health, and gains
// no privileges.
func TestCompose(t *testing.T) {
	for name, service := range compose(t, "../compose.yaml").Services {
		t.Run(name, func(t *testing.T) {
			if service.Deploy == nil || service.Deploy.Resources.Limits == nil ||
				service.Deploy.Resources.Limits.NanoCPUs == 0 || service.Deploy.Resources.Limits.MemoryBytes == 0 {
				t.Error("it has no limit of CPU and memory")
			}
			if service.Logging == nil || service.Logging.Options["max-size"] == "" || service.Logging.Options["max-file"] == "" {
				t.Error("its log grows without end")
			}
			if !slices.Contains(service.SecurityOpt, "no-new-privileges:true") {
				t.Error("it may gain privileges")
			}
			if service.Restart == "" {
				t.Error("it does not restart")
			}
			built := service.Build != nil && !slices.Contains(once, name) // the Dockerfile has a health check
			if !built && service.HealthCheck == nil {
				t.Error("nothing says whether it is well")
			}
			if service.Build == nil && !strings.Contains(service.Image, ":") {
				t.Errorf("image %s has no tag", service.Image)
			}
			for _, port := range service.Ports {
				if port.HostIP != "127.0.0.1" {
					t.Errorf("port %s is published on %q", port.Published, port.HostIP)
				}
			}
		})
	}
}

// TestComposeTLS: the port that is published to other machines uses TLS and requires keys.
func TestComposeTLS(t *testing.T) {
	accord := compose(t, "../compose.yaml", "../compose.tls.yaml").Services["accord"]
	if len(accord.Ports) != 1 || accord.Ports[0].HostIP != "" {
		t.Fatalf("published ports: %v, want one on all interfaces", accord.Ports)
	}
	for key, want := range map[string]string{"ACCORD_INSECURE": "false", "ACCORD_AUTH": "keys", "ACCORD_TLS_CERT": "/run/secrets/tls.crt", "ACCORD_TLS_KEY": "/run/secrets/tls.key"} {
		if got := accord.Environment[key]; got == nil || *got != want {
			t.Errorf("%s is not %s", key, want)
		}
	}
	if !slices.Contains(accord.HealthCheck.Test, "-tls") {
		t.Errorf("the health check %q speaks no TLS", accord.HealthCheck.Test)
	}
}

// TestProfiles: each profile of .env.example starts its own servers. accord does not require
// a server that only a profile starts.
func TestProfiles(t *testing.T) {
	project := compose(t, "../compose.yaml")
	for profile, servers := range map[string][]string{
		"bge": {"bge-embed", "bge-rerank"}, "llama": {"llama-embed", "llama-rerank"}, "prometheus": {"prometheus"}, "seeds": {"seeds"},
	} {
		for _, server := range servers {
			if service := project.Services[server]; !slices.Equal(service.Profiles, []string{profile}) {
				t.Errorf("%s is in the profiles %q, want %s", server, service.Profiles, profile)
			}
		}
	}
	for server, dependency := range project.Services["accord"].DependsOn {
		if optional := len(project.Services[server].Profiles) > 0; dependency.Required == optional {
			t.Errorf("accord requires %s: %v, and its profiles are %q", server, dependency.Required, project.Services[server].Profiles)
		}
	}
}
