package store_test

import (
	"math"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// referenceVectors returns ten texts. The vector of each whole text is the unit vector
// along the axis corner.
func referenceVectors(corner int) (texts []calibrate.Passage) {
	for i := range 10 {
		whole, pair := make([]float32, dimensions), make([]float32, dimensions)
		whole[corner], pair[(corner+1+i%3)%dimensions] = 1, 1
		texts = append(texts, calibrate.Passage{Whole: [][]float32{whole}, Sentences: [][]float32{pair, whole}})
	}
	return texts
}

// windowsOf returns the windows of texts, the whole text first.
func windowsOf(texts []calibrate.Passage) (windows []document.PlacedWindow) {
	for i, text := range texts {
		number := 0
		add := func(role document.Role, vectors [][]float32) {
			for _, v := range vectors {
				windows = append(windows, document.PlacedWindow{
					Passage: &document.Passage{Ordinal: i}, Number: number, Window: document.Window{Role: role, Embedding: document.Embedding{Vector: v}},
				})
				number++
			}
		}
		add(document.RolePassage, text.Whole)
		add(document.RoleSentences, text.Sentences)
	}
	return windows
}

// corner returns the unit vector of a space along an axis.
func corner(sp space.Space, axis int) []float32 {
	vector := make([]float32, sp.Dimensions)
	vector[axis] = 1
	return vector
}

func TestAddReferenceTexts(t *testing.T) {
	t.Parallel()
	s, conn := openAt(t)
	sp := newCollection(t, s, "c")
	learn := func(corner int, language string) {
		t.Helper()
		windows := windowsOf(referenceVectors(corner))
		for _, some := range [][]document.PlacedWindow{nil, windows[:7], windows[5:]} { // adding twice changes nothing
			if kept, err := s.LearnLanguage(t.Context(), sp, language, len(windows)); kept || err != nil {
				t.Fatalf("with incomplete reference texts: kept %v, error %v", kept, err)
			}
			if err := s.AddReferenceTexts(t.Context(), sp, language, some); err != nil {
				t.Fatal(err)
			}
		}
		if held, err := s.ReferenceTextsHeld(t.Context(), sp, language); err != nil || len(held) != len(windows) || !held[[2]int{9, 2}] {
			t.Fatalf("held %v, error %v", held, err)
		}
		for range 2 {
			if kept, err := s.LearnLanguage(t.Context(), sp, language, len(windows)); !kept || err != nil {
				t.Fatalf("kept %v, error %v", kept, err)
			}
		}
	}
	addQueries(t, s, sp, "en")
	addQueries(t, s, sp, calibrate.Fallback)
	learn(0, "en")
	learn(1, calibrate.Fallback)
	sp = active(t, s)
	if diff := gocmp.Diff([]string{"en", "und"}, sp.Calibration.Languages); diff != "" || sp.Calibration.Generation != 1 {
		t.Errorf("generation %d, languages (-want +got):\n%s", sp.Calibration.Generation, diff)
	}
	c, err := s.Calibration(t.Context(), sp)
	if err != nil {
		t.Fatal(err)
	}
	mean := calibrate.Mean(referenceVectors(0))
	want := calibrate.Language{
		Mean: mean, Sample: calibrate.CentrePassages(referenceVectors(0), mean),
		Queries: calibrate.Queries{Short: corner(sp, 0), Question: corner(sp, 1), Null: (calibrate.Calibration{}).Null("en")},
	}
	if diff := gocmp.Diff(want, c.Languages["en"], cmpopts.EquateApprox(0, 1e-6)); diff != "" {
		t.Errorf("calibration (-want +got):\n%s", diff)
	}
	// New vectors in the language are centred at once. A language without reference texts
	// uses the mean of the fallback.
	r := newRand()
	for id, language := range map[string]string{"a": "en", "b": "th"} {
		in := newDocument("c", id, r, "one")
		in.Document.LanguageCode, in.Passages[0].LanguageCode = language, language
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		fallback := map[string]string{"en": "en", "th": calibrate.Fallback}[language]
		var got []float32
		row := conn.QueryRow(t.Context(), "SELECT centred::real[] FROM "+sp.Calibration.CentredTable+" WHERE document_id = $1", id)
		if err := row.Scan(&got); err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(calibrate.Centre(in.Windows[0][0].Vector, c.Languages[fallback].Mean), got, halves); diff != "" {
			t.Errorf("%s (-want +got):\n%s", language, diff)
		}
	}
	// A language that has vectors already is left to the next generation, because these
	// vectors were centred without a mean.
	learn(2, "th")
	if diff := gocmp.Diff([]string{"en", "und"}, active(t, s).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	sp = recalibrate(t, s)
	checkCentred(t, conn, sp)
	if c, err = s.Calibration(t.Context(), sp); err != nil {
		t.Fatal(err)
	}
	if l := c.Languages["th"]; l.Passages != 1 || len(l.Sample) != 11 || math.Abs(float64(l.Mean[2])-1) > .02 {
		t.Errorf("%d passages, a sample of %d, mean %v, want the reference texts and one more", l.Passages, len(l.Sample), l.Mean)
	}
}
