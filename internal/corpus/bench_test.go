package corpus_test

import (
	"testing"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/tree"
)

// BenchmarkRead reads the files of all layouts once.
func BenchmarkRead(b *testing.B) {
	files, err := tree.List("testdata/layouts")
	if err != nil {
		b.Fatal(err)
	}
	language.Detect("y el") // loads the models before the measurement
	for b.Loop() {
		for _, input := range files {
			if _, err := (corpus.Reader{}).Read(input.Path, input.Name); err != nil {
				b.Fatal(err)
			}
		}
	}
}
