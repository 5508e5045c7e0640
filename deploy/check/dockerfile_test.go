package check

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// exactTag matches an image whose tag is an exact release, such as 1.2.3, and not a series.
var exactTag = regexp.MustCompile(`^[a-z0-9./-]+:[0-9]+\.[0-9]+\.[0-9]+[a-z0-9.-]*$`)

// TestDockerfiles: BuildKit reports no warning, base images are exact, and the image does
// not run as root, has a health check and has the labels that describe it.
func TestDockerfiles(t *testing.T) {
	for _, name := range []string{"../Dockerfile", "../model/Dockerfile"} {
		t.Run(name, func(t *testing.T) {
			file, err := os.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			tree, err := parser.Parse(file)
			if err != nil {
				t.Fatal(err)
			}
			warnings := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) { t.Errorf("%s: %s", rule, message) }})
			stages, args, err := instructions.Parse(tree.AST, warnings)
			if err != nil {
				t.Fatal(err)
			}
			for _, arg := range args {
				if base := arg.Args[0].ValueString(); !exactTag.MatchString(base) {
					t.Errorf("the base %s has no exact tag", base)
				}
			}
			for _, fault := range imageFaults(stages[len(stages)-1].Commands) {
				t.Error(fault)
			}
		})
	}
}

// imageFaults returns what the last stage of an image lacks.
func imageFaults(commands []instructions.Command) (faults []string) {
	var user string
	var checked bool
	var labels []string
	for _, command := range commands {
		switch c := command.(type) {
		case *instructions.UserCommand:
			user = c.User
		case *instructions.HealthCheckCommand:
			checked = true
		case *instructions.LabelCommand:
			for _, label := range c.Labels {
				labels = append(labels, strings.Trim(label.Key, `"`))
			}
		}
	}
	if user != "65532:65532" {
		faults = append(faults, "it runs as "+user)
	}
	if !checked {
		faults = append(faults, "it has no health check")
	}
	for _, label := range []string{"title", "description", "source", "version"} {
		if !slices.Contains(labels, "org.opencontainers.image."+label) {
			faults = append(faults, "it has no label "+label)
		}
	}
	return faults
}

func TestImageFaults(t *testing.T) {
	if got := imageFaults([]instructions.Command{&instructions.UserCommand{User: "root"}}); len(got) != 6 {
		t.Errorf("%d faults, want 6: %q", len(got), got)
	}
}
