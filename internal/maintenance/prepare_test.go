package maintenance

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/referencetexts/shipped"
)

// TestPrepare checks that the texts of each language are embedded once, and that languages
// without texts share some texts of all languages.
func TestPrepare(t *testing.T) {
	t.Parallel()
	f := &fake{}
	k := start(t, f)
	for range 2 {
		for _, language := range []string{"en", "th", "sw", "und", "zh"} {
			if err := k.Prepare(t.Context(), f.active(t), language); err != nil {
				t.Fatal(err)
			}
		}
	}
	if diff := cmp.Diff([]string{"en", "und", "zh"}, f.active(t).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	want := 0
	for _, windows := range f.references {
		want += len(windows)
	}
	if len(f.texts) != want {
		t.Errorf("%d windows were embedded, %d are kept", len(f.texts), want)
	}
	texts := func(language string) int {
		kept := map[int]bool{}
		for window := range f.references[language] {
			kept[window[0]] = true
		}
		return len(kept)
	}
	if n := len(referencetexts.Texts("en")); n == 0 || texts("en") != n {
		t.Errorf("%d texts in English, want %d", texts("en"), n)
	}
	if n := texts(calibrate.Fallback); n < 50 || n > fallbackTexts {
		t.Errorf("%d texts of the fallback", n)
	}
}

// TestPrepareWithoutModelServer checks that no reference text is embedded if the vectors
// shipped with Accord are of the same model.
func TestPrepareWithoutModelServer(t *testing.T) {
	t.Parallel()
	f := &fake{down: errors.New("down")}
	k := start(t, f)
	sp := f.space
	sp.Fingerprint = shipped.Fingerprint()
	for _, language := range []string{"en", "th", "zh"} {
		if err := k.Prepare(t.Context(), sp, language); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"en", "und", "zh"}, f.active(t).Calibration.Languages); diff != "" {
		t.Errorf("languages (-want +got):\n%s", diff)
	}
	if want := len(ReferenceWindows(sp, "en")); len(f.texts) > 0 || len(f.references["en"]) != want {
		t.Errorf("%d texts embedded, %d windows kept in English, want 0 and %d", len(f.texts), len(f.references["en"]), want)
	}
}

// TestPrepareGoesOn checks that texts embedded before a failure are not embedded
// again.
func TestPrepareGoesOn(t *testing.T) {
	t.Parallel()
	f := &fake{dies: true}
	k := start(t, f)
	failures := 0
	for k.Prepare(t.Context(), f.active(t), "en") != nil {
		failures++
	}
	if windows := len(f.references["en"]); failures < 2 || len(f.texts) != windows || !knows(f.active(t), "en") {
		t.Errorf("%d texts were embedded in %d failed attempts, %d are kept", len(f.texts), failures, windows)
	}
}

// TestPrepareAtOnce checks that concurrent callers share one request, and that the request
// continues if one of them gives up.
func TestPrepareAtOnce(t *testing.T) {
	t.Parallel()
	f := &fake{embedding: make(chan struct{})}
	k := start(t, f)
	sp := f.active(t)
	impatient, giveUp := context.WithCancel(t.Context())
	results := make(chan error)
	go func() { results <- k.Prepare(impatient, sp, "en") }()
	f.embedding <- struct{}{} // the request is in progress
	giveUp()
	if err := <-results; !errors.Is(err, context.Canceled) {
		t.Errorf("the caller that gave up got %v", err)
	}
	go func() { results <- k.Prepare(t.Context(), sp, "en") }()
	close(f.embedding)
	if err := <-results; err != nil {
		t.Errorf("the caller that waited got %v", err)
	}
	if once := f.active(t); !knows(once, "en") {
		t.Errorf("languages %v, want English", once.Calibration.Languages)
	}
}
