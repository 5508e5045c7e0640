package v1

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"golang.org/x/text/unicode/norm"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

func TestEnumsHaveSameNumbers(t *testing.T) {
	t.Parallel()
	for number, name := range accordv1.PassageKind_name {
		want := strings.Replace(strings.TrimPrefix(name, "PASSAGE_KIND_"), "UNSPECIFIED", "UNKNOWN", 1)
		if got := document.Kind(number).String(); got != want {
			t.Errorf("kind %d is %s in the domain and %s in the API", number, got, want)
		}
	}
	if diff := cmp.Diff(accordv1.TimePrecision_name, map[int32]string{
		int32(document.PrecisionUnknown): "TIME_PRECISION_UNSPECIFIED",
		int32(document.PrecisionDate):    "TIME_PRECISION_DATE",
		int32(document.PrecisionMinute):  "TIME_PRECISION_MINUTE",
		int32(document.PrecisionSecond):  "TIME_PRECISION_SECOND",
	}); diff != "" {
		t.Errorf("precisions (-API +domain):\n%s", diff)
	}
	if diff := cmp.Diff(accordv1.IndexState_name, map[int32]string{
		int32(document.IndexUnknown):  "INDEX_STATE_UNSPECIFIED",
		int32(document.IndexComplete): "INDEX_STATE_COMPLETE",
		int32(document.IndexPartial):  "INDEX_STATE_PARTIAL",
		int32(document.IndexPending):  "INDEX_STATE_PENDING",
		int32(document.IndexFailed):   "INDEX_STATE_FAILED",
	}); diff != "" {
		t.Errorf("index states (-API +domain):\n%s", diff)
	}
	if diff := cmp.Diff(accordv1.WriteOutcome_name, map[int32]string{
		0:                       "WRITE_OUTCOME_UNSPECIFIED",
		int32(ingest.Created):   "WRITE_OUTCOME_CREATED",
		int32(ingest.Updated):   "WRITE_OUTCOME_UPDATED",
		int32(ingest.Unchanged): "WRITE_OUTCOME_UNCHANGED",
		4:                       "WRITE_OUTCOME_FAILED", // in the domain, an error stands for this outcome
	}); diff != "" {
		t.Errorf("outcomes (-API +domain):\n%s", diff)
	}
	if diff := cmp.Diff(accordv1.Windowing_name, map[int32]string{
		0:                               "WINDOWING_UNSPECIFIED",
		int32(space.WindowingPassages):  "WINDOWING_PASSAGES",
		int32(space.WindowingSentences): "WINDOWING_SENTENCES",
	}); diff != "" {
		t.Errorf("windowings (-API +domain):\n%s", diff)
	}
}

// TestEnumsHaveSameNames: values that are stored by name have the same names in the API.
func TestEnumsHaveSameNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		prefix string
		api    map[string]int32
		here   []string
	}{
		{"SPACE_STATE_", accordv1.SpaceState_value, []string{string(space.Building), string(space.Ready), string(space.Active), string(space.Retired)}},
		{"PREFIX_BY_", accordv1.PrefixBy_value, []string{strings.ToUpper(string(document.PrefixByClient)), strings.ToUpper(string(document.PrefixByServer))}},
		{"WINDOW_FAILURE_REASON_", accordv1.WindowFailureReason_value, []string{
			string(document.FailureRejected), string(document.FailureBadVector), string(document.FailureTruncated),
		}},
	} {
		want := map[string]int32{test.prefix + "UNSPECIFIED": 0}
		for i, name := range test.here {
			want[test.prefix+name] = int32(i + 1)
		}
		if diff := cmp.Diff(want, test.api); diff != "" {
			t.Errorf("%s (-domain +API):\n%s", test.prefix, diff)
		}
	}
}

// TestPartlyIndexed: a response has at most maxFailures failures.
func TestPartlyIndexed(t *testing.T) {
	t.Parallel()
	d := document.Document{Collection: "c", ID: "x", IndexState: document.IndexPartial}
	d.Failures = slices.Repeat([]document.WindowFailure{{Document: "x", Ordinal: 3}}, maxFailures+1)
	got := fromDocument(d)
	if got.GetIndexState() != accordv1.IndexState_INDEX_STATE_PARTIAL || len(got.GetIndexFailures()) != maxFailures ||
		got.GetIndexFailures()[0].GetPassage() != "collections/c/documents/x/passages/3" {
		t.Errorf("partly indexed document: %v", got)
	}
}

const rounds = 500

func TestDocumentRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range rounds {
		want := randomDocument(r)
		got, err := toDocument(fromDocument(want))
		if err != nil {
			t.Fatal(err)
		}
		setByStore := cmpopts.IgnoreFields(document.Document{}, "Digest", "ETag", "CreateTime", "UpdateTime")
		if diff := cmp.Diff(want, got, setByStore, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("document (-want +got):\n%s", diff)
		}
	}
}

func TestFilterRoundTrip(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range rounds {
		want := randomFilter(r)
		encoded := &accordv1.Filter{Languages: want.Languages, Sources: want.Sources, Metadata: want.Metadata}
		for _, id := range want.Documents {
			encoded.Documents = append(encoded.Documents, document.Name("c", id))
		}
		for _, kind := range want.Kinds {
			encoded.Kinds = append(encoded.Kinds, accordv1.PassageKind(kind))
		}
		if want.PublishedAfter != nil {
			encoded.PublishedAfter = timestamppb.New(*want.PublishedAfter)
		}
		if want.PublishedBefore != nil {
			encoded.PublishedBefore = timestamppb.New(*want.PublishedBefore)
		}
		got, err := toFilter(encoded, "c")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("filter (-want +got):\n%s", diff)
		}
	}
}

func randomDocument(r *rand.Rand) document.Document {
	d := document.Document{
		Collection: randomID(r), ID: randomID(r), Title: randomText(r), LanguageCode: randomText(r), Source: randomText(r),
		URI: randomText(r), Text: randomText(r), PublishPrecision: document.Precision(r.IntN(4)), PublishTime: randomTime(r),
		Metadata: randomMap(r), Digest: randomText(r), ETag: randomText(r), CreateTime: time.Unix(1, 0), UpdateTime: time.Unix(2, 0),
	}
	for range r.IntN(3) {
		d.Blocks = append(d.Blocks, document.Block{Kind: document.Kind(r.IntN(5)), Range: document.TextRange{
			Start: r.IntN(1 << 20), End: r.IntN(1 << 20), StartByte: r.IntN(1 << 20), EndByte: r.IntN(1 << 20),
		}})
	}
	return d
}

func randomFilter(r *rand.Rand) document.Filter {
	f := document.Filter{Metadata: randomMap(r)}
	for _, bound := range []**time.Time{&f.PublishedAfter, &f.PublishedBefore} {
		if t := randomTime(r); r.IntN(2) == 0 {
			*bound = &t
		}
	}
	for range r.IntN(3) {
		f.Languages = append(f.Languages, []string{"en", "he", "zh-Hant", "pt-BR"}[r.IntN(4)])
		f.Sources = append(f.Sources, norm.NFC.String(randomText(r)))
		f.Documents = append(f.Documents, randomID(r))
		f.Kinds = append(f.Kinds, document.Kind(1+r.IntN(4)))
	}
	return f
}

// pieces are characters of one to four bytes, and combining characters.
var pieces = []string{"a", " ", "é", "e\u0301", "中", "👩\u200d👩\u200d👧", "\r\n", "０", "\u0623"}

func randomText(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(8) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func randomID(r *rand.Rand) string {
	return string(rune('a'+r.IntN(26))) + "-" + string(rune('0'+r.IntN(10)))
}

func randomTime(r *rand.Rand) time.Time {
	if r.IntN(3) == 0 {
		return time.Time{}
	}
	return time.Unix(r.Int64N(4e9)-2e9, r.Int64N(1e9)).UTC()
}

func randomMap(r *rand.Rand) map[string]string {
	m := map[string]string{}
	for range r.IntN(3) {
		m[norm.NFC.String(randomText(r))] = norm.NFC.String(randomText(r))
	}
	return m
}

// TestFilterNormalised: filters match stored values, which are in normalisation form C,
// whatever the form of the filter's own values.
func TestFilterNormalised(t *testing.T) {
	t.Parallel()
	decomposed := norm.NFD.String("Perú")
	got, err := toFilter(&accordv1.Filter{Sources: []string{decomposed}, Metadata: map[string]string{decomposed: decomposed}}, "c")
	want := document.Filter{Sources: []string{"Perú"}, Metadata: map[string]string{"Perú": "Perú"}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, filter (-want +got):\n%s", err, diff)
	}
}
