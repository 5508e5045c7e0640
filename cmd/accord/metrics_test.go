package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	"github.com/accord-search/accord/internal/telemetry"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// rareQuery has a word that must not appear in metrics, logs or traces.
const rareQuery = "Which port opened beside the xylophone?"

var metricsURL = regexp.MustCompile(`flag=--http-addr url=(https?://\S+)`)

// serveMetrics runs a server with a new database, a model server and a reranking server. It
// returns the addresses for gRPC and HTTP.
func serveMetrics(t *testing.T, flags ...string) (addr, web string, log *output) {
	t.Helper()
	model, rerank := embedtest.Serve(t, newModel()), embedtest.Serve(t, embedtest.Answer(http.StatusOK, `[{"index":0,"score":0.25}]`))
	addr, log = serveLogged(t, append([]string{
		"--database-url", storetest.URL(t), "--embedding-url", model.URL, "--rerank-url", "tei+" + rerank.URL, "--http-addr", "127.0.0.1:0",
	}, flags...)...)
	eventually(t, func() bool { return metricsURL.MatchString(log.String()) })
	return addr, metricsURL.FindStringSubmatch(log.String())[1], log
}

// get returns the status of an HTTP answer.
func get(t *testing.T, url string) int {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// scrape returns all metrics by name.
func scrape(t *testing.T, web string) map[string]*dto.MetricFamily {
	t.Helper()
	answer, err := http.Get(web + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("status %d, error %v", answer.StatusCode, err)
	}
	return families
}

// labelsOf returns the labels of a metric as name=value, in order.
func labelsOf(m *dto.Metric) (labels []string) {
	for _, l := range m.GetLabel() {
		labels = append(labels, l.GetName()+"="+l.GetValue())
	}
	slices.Sort(labels)
	return labels
}

// number returns the value of the metric with the labels, or its count if it is a
// histogram. It returns -1 if there is no such metric.
func number(families map[string]*dto.MetricFamily, name string, labels ...string) float64 {
	for _, m := range families[name].GetMetric() {
		if !slices.Equal(labelsOf(m), labels) {
			continue
		}
		switch {
		case m.GetHistogram() != nil:
			return float64(m.GetHistogram().GetSampleCount())
		case m.GetGauge() != nil:
			return m.GetGauge().GetValue()
		default:
			return m.GetCounter().GetValue()
		}
	}
	return -1
}

// TestMetricsContract: after an import and a search, the server has exactly the metrics
// that deploy/metrics.json lists, and has timed each stage.
func TestMetricsContract(t *testing.T) {
	t.Parallel()
	addr, web, _ := serveMetrics(t)
	mustAccord(t, "ingest", "--addr", addr, writeFile(t, t.TempDir(), "a.txt", "Ports\n\nThe port opened when the ship came in.\n"))
	mustAccord(t, "search", "--addr", addr, rareQuery)
	text, err := os.ReadFile("../../deploy/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var contract []struct {
		Name, Type, Help string
		Labels           []string
	}
	if err := json.Unmarshal(text, &contract); err != nil {
		t.Fatal(err)
	}
	families := scrape(t, web)
	listed := map[string]bool{}
	for _, want := range contract {
		listed[want.Name] = true
		family := families[want.Name]
		if family == nil || len(family.GetMetric()) == 0 {
			t.Errorf("%s is not there", want.Name)
			continue
		}
		if kind := strings.ToLower(family.GetType().String()); kind != want.Type || family.GetHelp() != want.Help {
			t.Errorf("%s is a %s, %q; want a %s, %q", want.Name, kind, family.GetHelp(), want.Type, want.Help)
		}
		var names []string
		for _, l := range family.GetMetric()[0].GetLabel() {
			names = append(names, l.GetName())
		}
		if slices.Sort(want.Labels); !slices.Equal(names, want.Labels) {
			t.Errorf("%s has the labels %q, want %q", want.Name, names, want.Labels)
		}
	}
	for _, stage := range telemetry.Stages() {
		name := fmt.Sprintf("accord_%s_stage_seconds", stage.Operation())
		if n := number(families, name, "stage="+stage.Name()); n < 1 {
			t.Errorf("%s of stage %s was seen %v times", name, stage.Name(), n)
		}
	}
	for name := range families {
		if strings.HasPrefix(name, "accord_") && !listed[name] {
			t.Errorf("%s is not in metrics.json", name)
		}
	}
	for _, name := range []string{"go_goroutines", "process_cpu_seconds_total"} {
		if families[name] == nil {
			t.Errorf("%s is not there", name)
		}
	}
	if all := fmt.Sprint(families); strings.Contains(all, "xylophone") || strings.Contains(all, "collections/") {
		t.Error("a label has what a caller sent")
	}
}

// TestMetricsCount: the metrics count calls, answers and stored rows correctly.
func TestMetricsCount(t *testing.T) {
	t.Parallel()
	addr, web, _ := serveMetrics(t)
	a := newAPI(t, addr)
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, _, err := a.askByDefault(t.Context(), rareQuery); err != nil {
			t.Fatal(err)
		}
	}
	_ = a.get(t.Context())
	_, _ = a.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: "collections/default/documents/none"})
	// grpc-go itself refuses a message that is too long, and an unknown method.
	_ = dialTest(t, addr).Invoke(t.Context(), "/xylophone.Service/Call", &accordv1.SearchRequest{}, &accordv1.SearchResponse{})
	_, _ = a.search.Search(t.Context(), &accordv1.SearchRequest{Query: strings.Repeat("long ", 4<<20)})
	const search, get = "method=accord.v1.SearchService/Search", "method=accord.v1.SearchService/GetDocument"
	wants := []struct {
		want   float64
		name   string
		labels []string
	}{
		{3, "accord_rpc_requests_total", []string{"code=OK", search}},
		{1, "accord_rpc_requests_total", []string{"code=RESOURCE_EXHAUSTED", search}},
		{1, "accord_rpc_requests_total", []string{"code=NOT_FOUND", get}},
		{4, "accord_rpc_duration_seconds", []string{search}},
		{0, "accord_rpc_in_flight", []string{"lane=reads"}},
		{0, "accord_rpc_in_flight", []string{"lane=streams"}},
		{0, "accord_rpc_shed_total", []string{"lane=writes", "reason=OVERLOADED"}},
		{0, "accord_search_degraded_total", []string{"reason=EMBEDDER_UNAVAILABLE"}},
		{0, "accord_model_server_failing", []string{"server=default"}},
		{1, "accord_spaces", []string{"state=ACTIVE"}},
		{0, "accord_spaces", []string{"state=BUILDING"}},
		{0, "accord_queue_documents", []string{"state=PENDING"}},
		{10, "accord_db_pool_connections", []string{"state=max"}},
	}
	var families map[string]*dto.MetricFamily
	eventually(t, func() bool { // calls are counted after their answer is sent
		families = scrape(t, web)
		return number(families, "accord_rpc_duration_seconds", search) == 4 && number(families, "accord_rpc_in_flight", "lane=reads") == 0
	})
	for _, w := range wants {
		if n := number(families, w.name, w.labels...); n != w.want {
			t.Errorf("%s%q is %v, want %v", w.name, w.labels, n, w.want)
		}
	}
	// A search is made again if the calibration was replaced while it ran.
	if n := number(families, "accord_model_server_requests_total", "code=ok", "server=rerank"); n < 3 || n > 6 {
		t.Errorf("%v requests to the reranking server for 3 searches", n)
	}
	if strings.Contains(fmt.Sprint(families), "xylophone") {
		t.Error("a label has what a caller sent")
	}
	total := 0.0
	for _, m := range families["accord_search_confidence_total"].GetMetric() {
		total += m.GetCounter().GetValue()
	}
	if total != 3 {
		t.Errorf("%v answers have a confidence, want 3", total)
	}
}

// TestReady: /readyz returns the server's health; /healthz only shows that the process
// answers.
func TestReady(t *testing.T) {
	t.Parallel()
	database, through := newWire(t, storetest.URL(t))
	addr, log := serveLogged(t, "--database-url", through, "--embedding-url", embedtest.Serve(t, newModel()).URL, "--http-addr", "127.0.0.1:0")
	eventually(t, func() bool { return metricsURL.MatchString(log.String()) })
	web, a := metricsURL.FindStringSubmatch(log.String())[1], newAPI(t, addr)
	ready := func(status int) {
		t.Helper()
		a.healthy(t, status == http.StatusOK, "")
		if got := get(t, web+"/readyz"); got != status {
			t.Errorf("/readyz answers %d, want %d", got, status)
		}
		if got := get(t, web+"/healthz"); got != http.StatusOK {
			t.Errorf("/healthz answers %d", got)
		}
	}
	ready(http.StatusOK)
	database.cut()
	ready(http.StatusServiceUnavailable)
	if families := scrape(t, web); number(families, "accord_db_pool_connections", "state=max") < 1 {
		t.Error("metrics need the database")
	}
	database.repair()
	ready(http.StatusOK)
}

// TestBreakerMetrics: the metrics show a model server that is down, and its circuit
// breaker.
func TestBreakerMetrics(t *testing.T) {
	t.Parallel()
	wire, through := newWire(t, embedtest.Serve(t, newModel()).URL)
	addr, log := serveLogged(t, "--database-url", storetest.URL(t), "--embedding-url", through, "--http-addr", "127.0.0.1:0")
	eventually(t, func() bool { return metricsURL.MatchString(log.String()) })
	web, a := metricsURL.FindStringSubmatch(log.String())[1], newAPI(t, addr)
	if err := do(t, a.write); err != nil {
		t.Fatal(err)
	}
	wire.cut()
	eventually(t, func() bool {
		_ = do(t, a.ask)
		families := scrape(t, web)
		return number(families, "accord_model_server_failing", "server=default") == 1 &&
			number(families, "accord_model_server_requests_total", "code=unreachable", "server=default") >= 1
	})
	if _, degraded, err := a.askByDefault(t.Context(), rareQuery); err != nil || len(degraded) != 1 {
		t.Fatalf("degraded %v, error %v", degraded, err)
	}
	if n := number(scrape(t, web), "accord_search_degraded_total", "reason=EMBEDDER_UNAVAILABLE"); n < 1 {
		t.Errorf("%v degraded searches", n)
	}
}

// TestShedMetrics: calls that are refused are counted by lane and reason.
func TestShedMetrics(t *testing.T) {
	t.Parallel()
	addr, web, _ := serveMetrics(t, "--max-rate-per-caller", "1")
	a := newAPI(t, addr)
	for range 5 {
		_ = a.get(t.Context())
	}
	if n := number(scrape(t, web), "accord_rpc_shed_total", "lane=reads", "reason=RATE_LIMITED"); n < 1 {
		t.Errorf("%v calls were refused", n)
	}
}
