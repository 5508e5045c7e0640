package corpus_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/accord-search/accord/internal/corpus"
	"github.com/accord-search/accord/internal/language"
	"github.com/accord-search/accord/internal/tree"
)

// FuzzRead reads arbitrary bytes in every format. There must be no panic, and all documents
// must be valid, with blocks that fit their text.
func FuzzRead(f *testing.F) {
	files, err := tree.List("testdata/layouts", "testdata/formats", "../../seeds")
	if err != nil {
		f.Fatal(err)
	}
	for _, input := range files {
		data, err := os.ReadFile(input.Path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 8000)], uint8(len(data)))
	}
	language.Detect("y el") // loads the models before the fuzzer runs
	names := []string{"a.txt", "a.md", "a.html", "a.jsonl", "a.json", "a.csv"}
	f.Fuzz(func(t *testing.T, data []byte, format uint8) {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		file, err := corpus.Reader{}.Read(path, names[int(format)%len(names)])
		if err == nil && len(file.Documents) == 0 {
			t.Error("neither documents nor an error")
		}
		check(t, file)
	})
}
