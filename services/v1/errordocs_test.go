package v1

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/code"
)

// TestDocumentedReasons: the table of docs/api.md has exactly the codes and reasons that
// callers can see.
func TestDocumentedReasons(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Errors\n")
	section, _, _ = strings.Cut(section, "Errors that gRPC itself makes")
	name := regexp.MustCompile("`([A-Z][A-Z_]+)`")
	documented := map[string]string{} // code by reason
	for line := range strings.Lines(section) {
		cells := strings.Split(line, "|")
		if len(cells) != 4 {
			continue
		}
		for _, reason := range name.FindAllStringSubmatch(cells[2], -1) {
			documented[reason[1]] = strings.Trim(cells[1], " `")
		}
	}
	if diff := cmp.Diff(visibleReasons(), documented); diff != "" {
		t.Errorf("docs/api.md (-code +page):\n%s", diff)
	}
}

// TestReasonsForOperators: docs/operations.md says what to do about each reason.
func TestReasonsForOperators(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## Errors\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for reason := range visibleReasons() {
		if !strings.Contains(section, "\n| `"+reason+"` |") {
			t.Errorf("docs/operations.md has no row for %s", reason)
		}
	}
}

// visibleReasons returns the reasons that callers can see, each with its code.
func visibleReasons() map[string]string {
	visible := map[string]string{"INVALID_FIELD": code.Code_INVALID_ARGUMENT.String(), "INTERNAL": code.Code_INTERNAL.String()}
	for _, p := range publicErrors {
		visible[p.reason] = code.Code(p.code).String()
	}
	return visible
}
