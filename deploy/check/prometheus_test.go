package check

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"sigs.k8s.io/yaml"
)

const rulesFile = "../prometheus/rules.yml"

// TestRules: promtool would accept the alerts, each alert reads metrics of Accord, and
// docs/operations.md says what to do about it.
func TestRules(t *testing.T) {
	groups, faults := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	known := series(t)
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			if fault := queryFault(rule.Expr, known); fault != "" {
				t.Errorf("%s: %s", rule.Alert, fault)
			}
			if rule.Labels["severity"] == "" || rule.Annotations["summary"] == "" {
				t.Errorf("%s has no severity or no summary", rule.Alert)
			}
			if !strings.Contains(string(page), "`"+rule.Alert+"`") {
				t.Errorf("docs/operations.md does not say what to do about %s", rule.Alert)
			}
		}
	}
}

// TestPrometheusRule: the alerts fit into an object of the Prometheus Operator that is made
// as deploy/README.md describes.
func TestPrometheusRule(t *testing.T) {
	rules, err := os.ReadFile(rulesFile)
	if err != nil {
		t.Fatal(err)
	}
	object := "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata: {name: accord}\nspec:\n  " +
		strings.ReplaceAll(string(rules), "\n", "\n  ")
	if _, err := decode([]byte(object)); err != nil {
		t.Error(err)
	}
}

// TestScrape: Prometheus reads the rules that compose mounts, and scrapes the server's port
// with the job name that the alerts use.
func TestScrape(t *testing.T) {
	text, err := os.ReadFile("../prometheus.yml")
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Global        map[string]model.Duration `json:"global"`
		RuleFiles     []string                  `json:"rule_files"`
		ScrapeConfigs []struct {
			JobName string `json:"job_name"`
			DNS     []struct {
				Names    []string       `json:"names"`
				Type     string         `json:"type"`
				Port     int            `json:"port"`
				Interval model.Duration `json:"refresh_interval"`
			} `json:"dns_sd_configs"`
		} `json:"scrape_configs"`
	}
	if err := yaml.UnmarshalStrict(text, &config); err != nil {
		t.Fatal(err)
	}
	scrape := config.ScrapeConfigs[0]
	if scrape.JobName != "accord" || !slices.Equal(scrape.DNS[0].Names, []string{"accord"}) || scrape.DNS[0].Port != 9464 {
		t.Errorf("it scrapes %+v", scrape)
	}
	project := compose(t, "../compose.yaml")
	if addr := project.Services["accord"].Environment["ACCORD_HTTP_ADDR"]; addr == nil || *addr != ":9464" {
		t.Error("the server does not serve metrics on port 9464")
	}
	for _, volume := range project.Services["prometheus"].Volumes {
		if strings.HasSuffix(volume.Source, "/prometheus/rules.yml") && volume.Target == "/etc/prometheus/"+config.RuleFiles[0] {
			return
		}
	}
	t.Errorf("compose does not mount %s", config.RuleFiles[0])
}
