package v1_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

func settings(collection string) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{
		Settings: &accordv1.ImportSettings{Parent: collection},
	}}
}

func importOf(d *accordv1.Document) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{Document: d}}
}

// importAll sends messages over one stream and returns the answers.
func (s *service) importAll(t *testing.T, messages ...*accordv1.ImportDocumentsRequest) ([]*accordv1.ImportDocumentsResponse, error) {
	t.Helper()
	stream, err := s.ingest.ImportDocuments(callContext(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		if err := stream.Send(m); errors.Is(err, io.EOF) {
			break // Recv returns the reason
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
	var answers []*accordv1.ImportDocumentsResponse
	for {
		answer, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return answers, nil
		}
		if err != nil {
			return answers, err
		}
		answers = append(answers, answer)
	}
}

func TestImportDocuments(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "other")
	messages := []*accordv1.ImportDocumentsRequest{settings("")}
	var want []string
	for i := range 12 {
		d := &accordv1.Document{Name: name(fmt.Sprintf("d%d", i)), LanguageCode: "en", Text: fmt.Sprintf("Text %d.\n\nMore.", i)}
		outcome := "CREATED OK"
		switch i {
		case 3:
			d.Text, outcome = "", "FAILED InvalidArgument"
		case 5:
			d.Name, outcome = "collections/other/documents/d5", "FAILED InvalidArgument"
		case 7:
			d.Name, outcome = "no name", "FAILED InvalidArgument"
		case 9:
			d.LanguageCode, outcome = "no tag", "FAILED InvalidArgument"
		}
		messages = append(messages, importOf(d))
		want = append(want, d.GetName()+" "+outcome)
	}
	messages = append(messages, settings(""), &accordv1.ImportDocumentsRequest{})
	want = append(want, " FAILED InvalidArgument", " FAILED InvalidArgument")

	answers, err := s.importAll(t, messages...)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range answers {
		outcome := a.GetOutcome().String()[len("WRITE_OUTCOME_"):]
		got = append(got, fmt.Sprintf("%s %s %v", a.GetName(), outcome, codes.Code(a.GetStatus().GetCode())))
		if outcome == "FAILED" {
			if a.GetTextDigest() != "" || a.GetPassageCount() != 0 {
				t.Errorf("failed document has %v", a)
			}
		} else if a.GetPassageCount() != 2 || a.GetTextDigest() != s.get(t, a.GetName()).GetTextDigest() {
			t.Errorf("answer %v", a)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}
	for i, field := range map[int]string{
		3: "document.text", 5: "document.name", 7: "document.name", 9: "document.language_code", 12: "document", 13: "document",
	} {
		checkStatus(t, status.FromProto(answers[i].GetStatus()), invalid(field))
	}

	again, err := s.importAll(t, messages[:4]...)
	if err != nil || len(again) != 3 || again[0].GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED {
		t.Errorf("second import: %v, error %v", again, err)
	}
}

// TestImportOneNameOften: documents with the same name are written in the order in which
// they were sent, also if other documents are between them.
func TestImportOneNameOften(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	const writes = 50
	messages := []*accordv1.ImportDocumentsRequest{settings("")}
	last := map[string]string{}
	for i := range writes {
		for _, d := range []*accordv1.Document{
			{Name: name("often"), LanguageCode: "en", Text: strings.Repeat(fmt.Sprintf("Text %d.\n\n", i), 1+(writes-i)%7)},
			{Name: name(fmt.Sprintf("d%d", i%3)), LanguageCode: "en", Text: fmt.Sprintf("Other %d.", i)},
		} {
			messages = append(messages, importOf(d))
			last[d.GetName()] = document.TextDigest(d.GetText())
		}
	}
	answers, err := s.importAll(t, messages...)
	if err != nil || len(answers) != 2*writes {
		t.Fatalf("%d answers, error %v", len(answers), err)
	}
	seen := map[string]bool{}
	for i, a := range answers {
		sent := messages[i+1].GetDocument()
		want := accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED
		if !seen[a.GetName()] {
			want = accordv1.WriteOutcome_WRITE_OUTCOME_CREATED
		}
		seen[a.GetName()] = true
		if a.GetName() != sent.GetName() || a.GetTextDigest() != document.TextDigest(sent.GetText()) || a.GetOutcome() != want {
			t.Errorf("answer %d: %v, want %v for %s", i, a, want, sent.GetName())
		}
	}
	for name, digest := range last {
		if got := s.get(t, name).GetTextDigest(); got != digest {
			t.Errorf("%s: stored %s, sent last %s", name, got, digest)
		}
	}
}

func TestImportSettings(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	d := &accordv1.Document{Name: "collections/absent/documents/a", LanguageCode: "en", Text: "x"}
	for what, test := range map[string]struct {
		messages []*accordv1.ImportDocumentsRequest
		want     failure
	}{
		"document first":   {[]*accordv1.ImportDocumentsRequest{importOf(d)}, invalid("settings")},
		"nothing set":      {[]*accordv1.ImportDocumentsRequest{{}}, invalid("settings")},
		"wrong collection": {[]*accordv1.ImportDocumentsRequest{settings("absent"), importOf(d)}, invalid("settings.parent")},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			answers, err := s.importAll(t, test.messages...)
			if len(answers) > 0 {
				t.Errorf("answers %v", answers)
			}
			checkFailure(t, err, test.want)
		})
	}
	t.Run("nothing sent", func(t *testing.T) {
		t.Parallel()
		for _, messages := range [][]*accordv1.ImportDocumentsRequest{nil, {settings("")}} {
			if answers, err := s.importAll(t, messages...); err != nil || len(answers) > 0 {
				t.Errorf("%d messages: answers %v, error %v", len(messages), answers, err)
			}
		}
	})
	t.Run("unknown collection", func(t *testing.T) {
		t.Parallel()
		answers, err := s.importAll(t, settings("collections/absent"), importOf(d))
		if err != nil || len(answers) != 1 {
			t.Fatalf("answers %v, error %v", answers, err)
		}
		checkStatus(t, status.FromProto(answers[0].GetStatus()), failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
	})
}

// ingester is a fake that writes documents with a function.
type ingester struct {
	v1.Ingester
	write func(ctx context.Context, d document.Document) (ingest.Result, error)
}

// Upsert implements v1.Ingester.
func (f ingester) Upsert(ctx context.Context, d document.Document, _ document.Precondition) (ingest.Result, error) {
	return f.write(ctx, d)
}

// calibrator is a fake that has finished calibrating, unless it is busy.
type calibrator struct{ busy bool }

// Importing implements ingest.ImportCalibrator.
func (calibrator) Importing() func() { return func() {} }

// Settle implements ingest.ImportCalibrator.
func (c calibrator) Settle(context.Context, string, int) (bool, error) { return !c.busy, nil }

// TestImportSaysWhetherCalibrating: the answer to the last document has calibrating, if the
// importer knew that it was the last.
func TestImportSaysWhetherCalibrating(t *testing.T) {
	t.Parallel()
	for _, busy := range []bool{false, true} {
		closed := make(chan struct{})
		s := startWith(t, v1.Config{Importer: newImporter(ingester{write: func(_ context.Context, d document.Document) (ingest.Result, error) {
			if d.ID == "last" {
				<-closed
			}
			return ingest.Result{Document: d, Outcome: ingest.Created, Passages: 1}, nil
		}}, calibrator{busy})})
		time.AfterFunc(300*time.Millisecond, func() { close(closed) })
		answers, err := s.importAll(t, settings(""),
			importOf(&accordv1.Document{Name: name("first"), Text: "x"}), importOf(&accordv1.Document{Name: name("last"), Text: "x"}))
		if err != nil || len(answers) != 2 || answers[0].GetCalibrating() || answers[1].GetCalibrating() != busy {
			t.Errorf("busy %v: answers %v, error %v", busy, answers, err)
		}
	}
}

// TestImportSurvivesPanic: a panic in a goroutine of an import does not end the process.
func TestImportSurvivesPanic(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{Importer: newImporter(ingester{write: func(_ context.Context, d document.Document) (ingest.Result, error) {
		if d.ID == "bad" {
			panic("secret")
		}
		return ingest.Result{Document: d, Outcome: ingest.Created}, nil
	}}, calibrator{})})
	answers, err := s.importAll(t, settings(""),
		importOf(&accordv1.Document{Name: name("bad"), Text: "x"}), importOf(&accordv1.Document{Name: name("good"), Text: "x"}))
	if err != nil || len(answers) != 2 {
		t.Fatalf("answers %v, error %v", answers, err)
	}
	checkStatus(t, status.FromProto(answers[0].GetStatus()), failure{Code: codes.Internal, Reason: "INTERNAL"})
	if answers[0].GetName() != name("bad") || answers[1].GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
		t.Errorf("answers %v", answers)
	}
}
