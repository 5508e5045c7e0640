package check

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// board is a dashboard of Grafana.
type board struct {
	Panels []struct {
		ID          int
		Type, Title string
		Targets     []struct{ Expr string }
	}
}

func dashboard(t *testing.T) (b board) {
	t.Helper()
	text, err := os.ReadFile("../grafana/accord.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &b); err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDashboard: the queries of each panel parse and read metrics of Accord, and each
// metric is in some panel.
func TestDashboard(t *testing.T) {
	known := series(t)
	ids, shown := map[int]bool{}, &strings.Builder{}
	for _, panel := range dashboard(t).Panels {
		if ids[panel.ID] {
			t.Errorf("%s: another panel has the id %d", panel.Title, panel.ID)
		}
		ids[panel.ID] = true
		if panel.Type != "row" && len(panel.Targets) == 0 {
			t.Errorf("%s shows nothing", panel.Title)
		}
		for _, target := range panel.Targets {
			if fault := queryFault(target.Expr, known); fault != "" {
				t.Errorf("%s: %s", panel.Title, fault)
			}
			shown.WriteString(target.Expr)
		}
	}
	for name := range known {
		base := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if !strings.Contains(shown.String(), base) {
			t.Errorf("no panel shows %s", base)
		}
	}
}
