package check

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
)

// metric is one entry of deploy/metrics.json.
type metric struct {
	Name, Type, Help string
	Labels           []string
}

// Series and labels that Prometheus itself adds.
var (
	seriesOfPrometheus = []string{"up"}
	labelsOfPrometheus = []string{"job", "instance", "le"}
)

// series returns the labels of each series that Accord exposes. A histogram has three
// series.
func series(t *testing.T) map[string][]string {
	t.Helper()
	text, err := os.ReadFile("../metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var metrics []metric
	if err := json.Unmarshal(text, &metrics); err != nil {
		t.Fatal(err)
	}
	known := map[string][]string{}
	for _, m := range metrics {
		if m.Type != "histogram" {
			known[m.Name] = m.Labels
			continue
		}
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			known[m.Name+suffix] = m.Labels
		}
	}
	return known
}

// grafanaVariables replaces the variables of the dashboard by values, so that queries can
// be parsed.
var grafanaVariables = strings.NewReplacer("$__rate_interval", "5m", "$__range", "1h", "$method", ".*", "$job", "accord")

// queryFault returns what is wrong with a query, or "": its syntax, a series that Accord
// does not expose, or a label that the series does not have.
func queryFault(query string, known map[string][]string) string {
	expr, err := parser.ParseExpr(grafanaVariables.Replace(query))
	if err != nil {
		return err.Error()
	}
	var fault string
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		selector, ok := node.(*parser.VectorSelector)
		if !ok || slices.Contains(seriesOfPrometheus, selector.Name) {
			return nil
		}
		labels, ok := known[selector.Name]
		if !ok {
			fault = fmt.Sprintf("%s is not in metrics.json", selector.Name)
			return nil
		}
		for _, matcher := range selector.LabelMatchers {
			if matcher.Name != "__name__" && !slices.Contains(labels, matcher.Name) && !slices.Contains(labelsOfPrometheus, matcher.Name) {
				fault = fmt.Sprintf("%s has no label %s", selector.Name, matcher.Name)
			}
		}
		return nil
	})
	return fault
}

func TestQueryFault(t *testing.T) {
	known := map[string][]string{"a_total": {"code"}}
	for _, test := range []struct {
		query string
		ok    bool
	}{
		{`sum by (code) (rate(a_total{code="OK", job="$job"}[$__rate_interval]))`, true},
		{`up{job="accord"} == 0`, true},
		{`rate(a_total[5m]`, false},
		{`rate(a_total)`, false},
		{`b_total`, false},
		{`a_total{method="x"}`, false},
	} {
		if fault := queryFault(test.query, known); (fault == "") != test.ok {
			t.Errorf("%s: fault %q, want none: %v", test.query, fault, test.ok)
		}
	}
}
