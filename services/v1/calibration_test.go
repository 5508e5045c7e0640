package v1_test

import (
	"fmt"
	"testing"
	"time"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestImportIsCalibrated: when an import ends, the calibration covers its documents.
func TestImportIsCalibrated(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	generation := func() int32 {
		t.Helper()
		resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "Trade grew"})
		if err != nil {
			t.Fatal(err)
		}
		return resp.GetSearchInfo().GetCalibrationGeneration()
	}
	document := &accordv1.Document{Name: name("a"), LanguageCode: "en", Text: "Trade grew."}
	for range 2 { // the second import has no changes
		if _, err := s.importAll(t, settings(""), importOf(document)); err != nil {
			t.Fatal(err)
		}
		if got := generation(); got != 2 {
			t.Errorf("generation %d, want 2", got)
		}
	}
}

// TestReplacedDocumentsAreCalibrated: if all documents are replaced by as many others, the
// calibration covers the others. If few of many are, it stays.
func TestReplacedDocumentsAreCalibrated(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	const documents = 30
	write := func(text string, first, last int) {
		t.Helper()
		messages := []*accordv1.ImportDocumentsRequest{settings("")}
		for n := first; n <= last; n++ {
			messages = append(messages, importOf(&accordv1.Document{Name: name(fmt.Sprint("d", n)), LanguageCode: "en", Text: fmt.Sprint(text, n)}))
		}
		if _, err := s.importAll(t, messages...); err != nil {
			t.Fatal(err)
		}
	}
	generation := func() int32 {
		t.Helper()
		resp, err := s.search.Search(callContext(t), &accordv1.SearchRequest{Query: "Trade grew", QueryLanguageCode: "en"})
		if err != nil {
			t.Fatal(err)
		}
		return resp.GetSearchInfo().GetCalibrationGeneration()
	}
	for _, step := range []struct {
		text        string
		first, last int
		want        int32
	}{
		{"Trade grew in the year ", 1, documents, 2},
		{"Trade shrank in the year ", 1, 2, 2},
		{"Herring swim in the bay ", 1, documents, 3},
		{"Herring swim in the bay ", 1, documents, 3},
	} {
		write(step.text, step.first, step.last)
		// On a busy machine, calibration continues after the import.
		for end := time.Now().Add(time.Minute); generation() < step.want && time.Now().Before(end); {
			time.Sleep(20 * time.Millisecond)
		}
		if got := generation(); got != step.want {
			t.Errorf("%q %d to %d: generation %d, want %d", step.text, step.first, step.last, got, step.want)
		}
	}
}
