package v1_test

import (
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestUpsertOutcomes writes one document repeatedly, and counts the requests to the model
// server.
func TestUpsertOutcomes(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	d := &accordv1.Document{
		Name: name("a"), Title: "On trade", LanguageCode: "en", Source: "Wire", Uri: "https://example.com/a",
		Text: "On ports\n\nTrade grew.\n\nPorts too.", Metadata: map[string]string{"desk": "world"},
		PublishTime: timestamppb.New(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)),
	}
	const (
		created   = accordv1.WriteOutcome_WRITE_OUTCOME_CREATED
		updated   = accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED
		unchanged = accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED
	)
	etags := map[string]string{}
	for _, step := range []struct {
		what    string
		change  func()
		want    accordv1.WriteOutcome
		embeds  bool
		newETag bool
	}{
		{"first", func() {}, created, true, true},
		{"again", func() {}, unchanged, false, false},
		{"source", func() { d.Source = "Other" }, updated, false, true},
		{"uri", func() { d.Uri = "" }, updated, false, true},
		{"metadata", func() { d.Metadata["desk"] = "home" }, updated, false, true},
		{"time", func() { d.PublishTime = nil }, updated, false, true},
		{"language", func() { d.LanguageCode = "es" }, updated, false, true},
		{"title", func() { d.Title = "Of trade" }, updated, false, true},
		{"title that becomes a heading", func() { d.Title = "On ports" }, updated, true, true},
		{"block", func() {
			d.Blocks = []*accordv1.Block{{Kind: accordv1.PassageKind_PASSAGE_KIND_CAPTION, Range: &accordv1.TextRange{Start: 10, End: 21}}}
		}, updated, true, true},
		{"text", func() { d.Text, d.Blocks = "Trade fell.", nil }, updated, true, true},
		{"text again", func() {}, unchanged, false, false},
	} {
		step.change()
		before := len(model.Requests())
		resp := s.upsert(t, proto.CloneOf(d))
		if resp.GetOutcome() != step.want {
			t.Errorf("%s: outcome %v, want %v", step.what, resp.GetOutcome(), step.want)
		}
		if embeds := len(model.Requests()) > before; embeds != step.embeds {
			t.Errorf("%s: %d requests to the model server", step.what, len(model.Requests())-before)
		}
		got := resp.GetDocument()
		if seen, ok := etags[got.GetEtag()]; ok == step.newETag {
			t.Errorf("%s: etag %s, earlier etags %q", step.what, got.GetEtag(), seen)
		}
		etags[got.GetEtag()] = step.what
		if got.GetTextDigest() != document.TextDigest(d.GetText()) || got.GetText() != "" || len(got.GetBlocks()) > 0 {
			t.Errorf("%s: answer holds %v", step.what, got)
		}
		stored := s.get(t, d.GetName())
		if got.GetEtag() != stored.GetEtag() || !got.GetCreateTime().AsTime().Equal(stored.GetCreateTime().AsTime()) ||
			!got.GetUpdateTime().AsTime().Equal(stored.GetUpdateTime().AsTime()) {
			t.Errorf("%s: answer %v, stored %v", step.what, got, stored)
		}
		ignored := protocmp.IgnoreFields(&accordv1.Document{}, "text_digest", "etag", "create_time", "update_time", "publish_time_precision", "blocks", "index_state")
		if diff := gocmp.Diff(d, stored, protocmp.Transform(), ignored); diff != "" {
			t.Errorf("%s: stored (-want +got):\n%s", step.what, diff)
		}
	}
}

func TestStoredForms(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	for _, test := range []struct {
		what     string
		in, want *accordv1.Document
	}{
		{
			"normalisation form C", &accordv1.Document{LanguageCode: "en", Title: "Cafe\u0301", Source: "A\u030a", Text: "Cafe\u0301 \u212b."},
			&accordv1.Document{LanguageCode: "en", Title: "Café", Source: "Å", Text: "Café Å."},
		},
		{
			"language detected", &accordv1.Document{Text: "双方同意加强合作。"},
			&accordv1.Document{LanguageCode: "zh", Text: "双方同意加强合作。"},
		},
		{"language unknown", &accordv1.Document{Text: "123"}, &accordv1.Document{LanguageCode: "und", Text: "123"}},
		{
			"no more than 30 combining marks in a row", &accordv1.Document{LanguageCode: "en", Text: "x" + strings.Repeat("\u0316", 31)},
			&accordv1.Document{LanguageCode: "en", Text: "x" + strings.Repeat("\u0316", 30) + "\u034f\u0316"},
		},
		{"canonical tag", &accordv1.Document{LanguageCode: "ZH-hANT-tw", Text: "x"}, &accordv1.Document{LanguageCode: "zh-Hant-TW", Text: "x"}},
		{"white space kept", &accordv1.Document{LanguageCode: "en", Text: " \r\n x\t\n"}, &accordv1.Document{LanguageCode: "en", Text: " \r\n x\t\n"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			test.in.Name = name(strings.ReplaceAll(test.what, " ", "-"))
			test.in.Name = strings.ToLower(test.in.Name)
			test.want.Name = test.in.GetName()
			test.want.IndexState = accordv1.IndexState_INDEX_STATE_COMPLETE
			test.want.TextDigest = document.TextDigest(test.want.GetText())
			s.upsert(t, test.in)
			ignored := protocmp.IgnoreFields(&accordv1.Document{}, "etag", "create_time", "update_time")
			if diff := gocmp.Diff(test.want, s.get(t, test.in.GetName()), protocmp.Transform(), ignored); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPublishTimePrecision(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	at := timestamppb.New(time.Date(2024, 6, 29, 0, 0, 0, 0, time.UTC))
	for _, test := range []struct {
		time      *timestamppb.Timestamp
		precision accordv1.TimePrecision
		want      accordv1.TimePrecision
	}{
		{at, accordv1.TimePrecision_TIME_PRECISION_DATE, accordv1.TimePrecision_TIME_PRECISION_DATE},
		{at, accordv1.TimePrecision_TIME_PRECISION_UNSPECIFIED, accordv1.TimePrecision_TIME_PRECISION_SECOND},
		{nil, accordv1.TimePrecision_TIME_PRECISION_DATE, accordv1.TimePrecision_TIME_PRECISION_UNSPECIFIED},
	} {
		s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "x", PublishTime: test.time, PublishTimePrecision: test.precision})
		got := s.get(t, name("a"))
		if got.GetPublishTimePrecision() != test.want || !proto.Equal(got.GetPublishTime(), test.time) {
			t.Errorf("sent %v %v, stored %v %v", test.time, test.precision, got.GetPublishTime(), got.GetPublishTimePrecision())
		}
	}
}

// TestWrittenBack: a document that is read and written back is unchanged, also if its publish time
// was given more exactly than it is stored.
func TestWrittenBack(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	in := english("a", "Trade grows.")
	in.PublishTime = &timestamppb.Timestamp{Seconds: 1_700_000_000, Nanos: 123_456_789}
	written := s.upsert(t, in)
	read := s.get(t, name("a"))
	if want := (&timestamppb.Timestamp{Seconds: 1_700_000_000, Nanos: 123_456_000}); !proto.Equal(written.GetDocument().GetPublishTime(), want) || !proto.Equal(read.GetPublishTime(), want) {
		t.Errorf("answered %v, read %v, want %v", written.GetDocument().GetPublishTime(), read.GetPublishTime(), want)
	}
	if back := s.upsert(t, read); back.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED || back.GetDocument().GetEtag() != read.GetEtag() {
		t.Errorf("written back: %v, etag %s, want %s", back.GetOutcome(), back.GetDocument().GetEtag(), read.GetEtag())
	}
}

func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	s.createCollection(t, "default")
	asked := len(model.Requests()) // requests that identified the model
	block := func(kind accordv1.PassageKind, start, end, startByte, endByte int32) *accordv1.Block {
		return &accordv1.Block{Kind: kind, Range: &accordv1.TextRange{Start: start, End: end, StartByte: startByte, EndByte: endByte}}
	}
	const caption, heading = accordv1.PassageKind_PASSAGE_KIND_CAPTION, accordv1.PassageKind_PASSAGE_KIND_HEADING
	blocks := func(list ...*accordv1.Block) *accordv1.Document {
		return &accordv1.Document{LanguageCode: "zh", Text: "数字经济", Blocks: list}
	}
	for _, test := range []struct {
		what string
		d    *accordv1.Document
		want failure
	}{
		{"no text", &accordv1.Document{}, invalid("document.text")},
		{"blank text", &accordv1.Document{Text: " \n\u3000\u00a0\u200b"}, invalid("document.text")},
		{"NUL in text", &accordv1.Document{Text: "a\x00b"}, invalid("document.text")},
		{"text too long", &accordv1.Document{Text: strings.Repeat("x", maxTextBytes+1)}, invalid("document.text")},
		{"text too long in form C", &accordv1.Document{Text: strings.Repeat("\u0958", maxTextBytes/3)}, invalid("document.text")},
		{"title too long in form C", &accordv1.Document{Text: "x", Title: strings.Repeat("\u0958", 1001)}, invalid("document.title")},
		{"metadata value too long in form C", &accordv1.Document{Text: "x", Metadata: map[string]string{"k": strings.Repeat("\u0958", 2049)}}, invalid(`document.metadata["k"]`)},
		{"NUL in title", &accordv1.Document{Text: "x", Title: "\x00"}, invalid("document.title")},
		{"title too long", &accordv1.Document{Text: "x", Title: strings.Repeat("x", 2001)}, invalid("document.title")},
		{"NUL in source", &accordv1.Document{Text: "x", Source: "\x00"}, invalid("document.source")},
		{"NUL in uri", &accordv1.Document{Text: "x", Uri: "\x00"}, invalid("document.uri")},
		{"NUL in metadata", &accordv1.Document{Text: "x", Metadata: map[string]string{"k": "\x00"}}, invalid(`document.metadata["k"]`)},
		{"metadata value too long", &accordv1.Document{Text: "x", Metadata: map[string]string{"k": strings.Repeat("x", 4097)}}, invalid(`document.metadata["k"]`)},
		{"language name", &accordv1.Document{Text: "x", LanguageCode: "English"}, invalid("document.language_code")},
		{"language garbage", &accordv1.Document{Text: "x", LanguageCode: "e\x00n"}, invalid("document.language_code")},
		{"language too long", &accordv1.Document{Text: "x", LanguageCode: strings.Repeat("x", 36)}, invalid("document.language_code")},
		{"time beyond the calendar", &accordv1.Document{Text: "x", PublishTime: &timestamppb.Timestamp{Seconds: 1 << 60}}, invalid("document.publish_time")},
		{"time with odd nanoseconds", &accordv1.Document{Text: "x", PublishTime: &timestamppb.Timestamp{Nanos: -1}}, invalid("document.publish_time")},
		{"precision", &accordv1.Document{Text: "x", PublishTimePrecision: 9}, invalid("document.publish_time_precision")},
		{"block of a kind that only the server assigns", blocks(block(accordv1.PassageKind_PASSAGE_KIND_ARTICLE, 0, 1, 0, 0)), invalid("document.blocks[0].kind")},
		{"block without range", blocks(&accordv1.Block{Kind: caption}), invalid("document.blocks[0].range")},
		{"block reversed", blocks(block(caption, 2, 1, 0, 0)), invalid("document.blocks[0].range")},
		{"block negative", blocks(block(caption, -1, 1, 0, 0)), invalid("document.blocks[0].range.start")},
		{"block beyond the end", blocks(block(caption, 2, 5, 0, 0)), invalid("document.blocks[0].range")},
		{"block with wrong bytes", blocks(block(caption, 0, 1, 0, 1)), invalid("document.blocks[0].range")},
		{"blocks overlap", blocks(block(caption, 0, 2, 0, 0), block(heading, 1, 3, 0, 0)), invalid("document.blocks[1].range")},
		{"blocks out of order", blocks(block(caption, 2, 3, 0, 0), block(heading, 0, 1, 0, 0)), invalid("document.blocks[1].range")},
		{"first page after the start", &accordv1.Document{Text: "x", PageStarts: []int32{1}}, invalid("document.page_starts[0]")},
		{"pages out of order", &accordv1.Document{Text: "xyz", PageStarts: []int32{0, 2, 1}}, invalid("document.page_starts[2]")},
		{"page beyond the end", &accordv1.Document{Text: "数字", PageStarts: []int32{0, 3}}, invalid("document.page_starts[1]")},
		{"page before the start", &accordv1.Document{Text: "x", PageStarts: []int32{-1}}, invalid("document.page_starts[0]")},
		{"pages of text in another form", &accordv1.Document{Text: "e\u0301", PageStarts: []int32{0}}, invalid("document.text")},
		{"blocks of text in another form", &accordv1.Document{Text: "e\u0301", Blocks: []*accordv1.Block{block(caption, 0, 1, 0, 0)}}, invalid("document.text")},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			test.d.Name = name("refused")
			_, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: test.d})
			checkFailure(t, err, test.want)
		})
	}
	t.Cleanup(func() {
		if n := len(model.Requests()); n != asked {
			t.Errorf("%d requests to the model server for refused documents", n-asked)
		}
	})
}

// TestSameKeysInFormC: if two metadata keys become equal in form C, the document is
// refused, since one of the values would be lost.
func TestSameKeysInFormC(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	_, err := s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{Document: &accordv1.Document{
		Name: name("a"), Text: "x", Metadata: map[string]string{"\u00e9": "1", "e\u0301": "2"},
	}})
	if st := status.Convert(err); st.Code() != codes.InvalidArgument || !strings.Contains(st.Message(), "same as another key") {
		t.Errorf("got %v", err)
	}
}

func TestLongestTextInFormC(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "x" + strings.Repeat("e\u0301", maxTextBytes/2-1)})
}

// TestConcurrentUpserts: if several writers write the same new document at once, exactly
// one of them creates it.
func TestConcurrentUpserts(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "default")
	const writers = 16
	answers := make([]*accordv1.UpsertDocumentResponse, writers)
	var group errgroup.Group
	for i := range answers {
		group.Go(func() (err error) {
			answers[i], err = s.ingest.UpsertDocument(callContext(t), &accordv1.UpsertDocumentRequest{
				Document: &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "Text.\n\nMore."},
			})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	outcomes := map[accordv1.WriteOutcome]int{}
	stored := s.get(t, name("a"))
	for _, a := range answers {
		outcomes[a.GetOutcome()]++
		if !proto.Equal(a.GetDocument().GetUpdateTime(), stored.GetUpdateTime()) || a.GetDocument().GetEtag() != stored.GetEtag() {
			t.Errorf("answer %v, stored %v", a.GetDocument(), stored)
		}
	}
	want := map[accordv1.WriteOutcome]int{
		accordv1.WriteOutcome_WRITE_OUTCOME_CREATED: 1, accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED: writers - 1,
	}
	if diff := gocmp.Diff(want, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}
}

func TestDeleteDocument(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "x"})
	s.upsert(t, &accordv1.Document{Name: name("b"), LanguageCode: "en", Text: "x"})
	if _, err := s.ingest.DeleteDocument(callContext(t), &accordv1.DeleteDocumentRequest{Name: name("a")}); err != nil {
		t.Fatal(err)
	}
	notFound := failure{Code: codes.NotFound, Reason: "NOT_FOUND"}
	_, err := s.ingest.DeleteDocument(callContext(t), &accordv1.DeleteDocumentRequest{Name: name("a")})
	checkFailure(t, err, notFound)
	_, err = s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("a")})
	checkFailure(t, err, notFound)
	resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "x"})
	if err != nil || len(resp.GetResults()) != 1 || resp.GetResults()[0].GetDocument().GetName() != name("b") {
		t.Errorf("Search finds %v, error %v; want only b", resp.GetResults(), err)
	}
}
