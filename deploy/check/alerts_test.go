package check

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
)

// situation has series with a sample every 15 s, in the notation of promtool's unit tests.
type situation struct{ name, series string }

// requests is the beginning of a series that counts calls. The code and the values follow it.
const requests = `accord_rpc_requests_total{method="accord.v1.SearchService/Search", job="accord", instance="a", `

// situations has two situations for each alert: one in which it fires, and a similar one in
// which it does not.
var situations = map[string]struct{ fires, quiet situation }{
	"AccordDown": {
		situation{"no answer", `up{job="accord", instance="a"} 1x20 0x500`},
		situation{"restarts", `up{job="accord", instance="a"} 1x20 0x4 1x500`},
	},
	"AccordErrors": {
		situation{"every tenth fails", requests + `code="OK"} 0+90x500` + "\n" + requests + `code="INTERNAL"} 0+10x500`},
		situation{"every tenth is wrong", requests + `code="OK"} 0+90x500` + "\n" + requests + `code="INVALID_ARGUMENT"} 0+10x500`},
	},
	"AccordPanic": {
		situation{"one panic", `accord_panics_total{job="accord", instance="a"} 0x450 1x50`},
		situation{"panics before Prometheus looked", `accord_panics_total{job="accord", instance="a"} 5x500`},
	},
	"AccordUnavailable": {
		situation{"every tenth finds a part down", requests + `code="OK"} 0+90x500` + "\n" + requests + `code="UNAVAILABLE"} 0+10x500`},
		situation{"one in a hundred", requests + `code="OK"} 0+99x500` + "\n" + requests + `code="DEADLINE_EXCEEDED"} 0+1x500`},
	},
	"AccordSearchSlow": {
		situation{"a tenth takes 2 s", times("1", "0+90x500") + times("2.5", "0+100x500") + times("+Inf", "0+100x500")},
		situation{"one in fifty takes 2 s", times("1", "0+98x500") + times("2.5", "0+100x500") + times("+Inf", "0+100x500")},
	},
	"AccordShedding": {
		situation{"refuses", `accord_rpc_shed_total{lane="reads", reason="OVERLOADED", job="accord"} 0+1x500`},
		situation{"refused once", `accord_rpc_shed_total{lane="reads", reason="OVERLOADED", job="accord"} 0x100 1x400`},
	},
	"AccordDegraded": {
		situation{"a tenth without vectors", `accord_search_degraded_total{reason="EMBEDDER_UNAVAILABLE", job="accord"} 0+10x500
accord_search_confidence_total{confidence="CONFIDENT", job="accord"} 0+100x500`},
		situation{"none", `accord_search_degraded_total{reason="EMBEDDER_UNAVAILABLE", job="accord"} 0x500
accord_search_confidence_total{confidence="CONFIDENT", job="accord"} 0+100x500`},
	},
	"AccordModelServerDown": {
		situation{"fails, as one of two servers sees", `accord_model_server_failing{server="default", job="accord", instance="a"} 0x20 1x480
accord_model_server_failing{server="default", job="accord", instance="b"} 0x500`},
		situation{"answers now and then", `accord_model_server_failing{server="default", job="accord", instance="a"} 1x15 0x1 1x15 0x1 1x15 0x400`},
	},
	"AccordPoolFull": {
		situation{"full", pool("10x500")},
		situation{"full for moments", pool("10x4 9 10x4 9 10x4 9 10x4 8x400")},
	},
	"AccordQueueStuck": {
		situation{"grows", `accord_queue_documents{state="PENDING", job="accord"} 10+1x500`},
		situation{"shrinks", `accord_queue_documents{state="PENDING", job="accord"} 5000-1x500`},
	},
	"AccordDocumentsFailed": {
		situation{"one", `accord_queue_documents{state="FAILED", job="accord"} 0x100 1x400`},
		situation{"none", `accord_queue_documents{state="FAILED", job="accord"} 0x500`},
	},
	"AccordOffTopic": {
		situation{"most", confidences("0+60x800", "0+40x800")},
		situation{"some", confidences("0+10x800", "0+90x800")},
	},
}

// times returns the bucket up to a bound, in seconds, of the histogram of search times.
func times(bound, values string) string {
	return `accord_rpc_duration_seconds_bucket{le="` + bound + `", method="accord.v1.SearchService/Search", job="accord"} ` + values + "\n"
}

// pool returns series of a pool of 10 connections with the given numbers of acquired ones.
func pool(acquired string) string {
	return `accord_db_pool_connections{state="max", job="accord", instance="a"} 10x500` + "\n" +
		`accord_db_pool_connections{state="acquired", job="accord", instance="a"} ` + acquired
}

// confidences returns series that count answers that found nothing, and other answers.
func confidences(offTopic, confident string) string {
	return `accord_search_confidence_total{confidence="OFF_TOPIC", job="accord"} ` + offTopic + "\n" +
		`accord_search_confidence_total{confidence="CONFIDENT", job="accord"} ` + confident
}

// TestAlerts: each alert fires in its situation, and does not fire in a similar one.
func TestAlerts(t *testing.T) {
	groups, faults := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	for _, rule := range groups.Groups[0].Rules {
		t.Run(rule.Alert, func(t *testing.T) {
			known, ok := situations[rule.Alert]
			if !ok {
				t.Fatal("there is no situation for it")
			}
			if !fires(t, rule, known.fires.series) {
				t.Errorf("it does not fire: %s", known.fires.name)
			}
			if fires(t, rule, known.quiet.series) {
				t.Errorf("it fires: %s", known.quiet.name)
			}
		})
	}
}

// TestAllGone: AccordDown fires even if Prometheus does not know any server.
func TestAllGone(t *testing.T) {
	groups, _ := rulefmt.ParseFile(rulesFile, false, model.UTF8Validation)
	if !fires(t, groups.Groups[0].Rules[0], `up{job="other"} 1x500`) {
		t.Error("it does not fire")
	}
}

// fires reports whether an alert fires at any time. It does if its expression has a result with
// the same labels in each evaluation for the duration of the rule.
func fires(t *testing.T, rule rulefmt.Rule, series string) bool {
	t.Helper()
	samples, engine := load(t, series), newEngine()
	pending := map[string]time.Duration{}
	for at := time.Unix(0, 0); at.Before(time.Unix(0, 0).Add(500 * step)); at = at.Add(step) {
		next := map[string]time.Duration{}
		for _, labels := range evaluate(t, engine, samples, rule.Expr, at) {
			next[labels] = pending[labels] + step
			if next[labels] > time.Duration(rule.For) {
				return true
			}
		}
		pending = next
	}
	return false
}
