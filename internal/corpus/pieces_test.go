package corpus_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/accord-search/accord/internal/corpus"
)

// pieceTests has files of 3,000 documents each.
func pieceTests(t *testing.T) map[string][]byte {
	t.Helper()
	text := strings.Repeat("港口今天已经开放。", 30) // its language is known by its script, which takes little time
	lines := repeatedTimes("", `{"text":"`+text+`"}`+"\n", 3000)
	parts := make([][]byte, 3000)
	for i := range parts {
		parts[i] = []byte(text)
	}
	return map[string][]byte{
		"a.jsonl":    lines,
		"a.jsonl.gz": gzipOf(t, lines),
		"a.json":     []byte("[" + strings.TrimSuffix(strings.ReplaceAll(string(lines), "\n", ","), ",") + "]"),
		"a.csv":      repeatedTimes("title,text\n", "A,"+text+"\n", 3000),
		"a.mbox":     repeatedTimes("", "From a@example.org Mon May  1 10:00:00 2023\nSubject: A\n\n"+text+"\n\n", 3000),
		"a.zip":      packed(t, numbered("%d.txt", text, 3000)),
		"a.tar":      tarOf(t, parts...),
		"a.tar.gz":   gzipOf(t, tarOf(t, parts...)),
	}
}

func repeatedTimes(start, piece string, times int) []byte {
	return []byte(start + strings.Repeat(piece, times))
}

// TestPieces checks that a file of many documents is read in small pieces, that these
// together have all its documents, and that a reader may stop after any piece. MaxBytes
// does not bound the size of such a file, only that of a document.
func TestPieces(t *testing.T) {
	t.Parallel()
	for name, content := range pieceTests(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			reader := corpus.Reader{MaxBytes: 2 << 20} // less than the size of each file that is not compressed
			if name == "a.json" {
				reader.MaxBytes = 0 // the whole list is held in memory
			}
			ids, ordinals, pieces := map[string]bool{}, map[string]bool{}, 0
			for piece, err := range reader.Pieces(path, name) {
				if err != nil || len(piece.Documents) > 1000 || piece.Format == "" {
					t.Fatalf("a piece of %d documents in format %q, error %v", len(piece.Documents), piece.Format, err)
				}
				pieces++
				for _, d := range piece.Documents {
					ids[d.ID], ordinals[d.Metadata["file_ordinal"]] = true, true
					if d.Metadata["file"] != name || d.LanguageCode != "zh" {
						t.Fatalf("%s: metadata %v, language %q", d.ID, d.Metadata, d.LanguageCode)
					}
				}
			}
			if len(ids) != 3000 || len(ordinals) != 3000 || pieces < 3 {
				t.Errorf("%d ids and %d ordinals in %d pieces", len(ids), len(ordinals), pieces)
			}
			for _, err := range reader.Pieces(path, name) {
				if err != nil {
					t.Error(err)
				}
				break // must not panic
			}
		})
	}
}

// TestLateFault: what comes before and after a faulty line is read, and so is what comes
// before a file is cut off.
func TestLateFault(t *testing.T) {
	t.Parallel()
	good := `{"text":"` + strings.Repeat("港口今天已经开放。", 30) + `"}` + "\n"
	packed := gzipOf(t, []byte(strings.Repeat(good, 5000)))
	for name, test := range map[string]struct {
		content   []byte
		documents int
		says      string
	}{
		"line.jsonl":   {[]byte(strings.Repeat(good, 4000) + "garbage\n" + strings.Repeat(good, 10)), 4010, "line.jsonl:4001: is not a JSON object"},
		"long.jsonl":   {[]byte(good + strings.Repeat("x", 2<<20) + "\n" + good), 2, "long.jsonl:2: has more than 1048576 bytes: is too long"},
		"columns.csv":  {[]byte("title,text\n" + strings.Repeat("A,港\n", 3000) + strings.Repeat(",", 2000)), 3000, "columns.csv: has more than 1000 columns"},
		"open.csv":     {[]byte("title,text\n" + strings.Repeat("A,港\n", 3000) + `"` + strings.Repeat("A,b and more of it\n", 1<<16)), 3000, "open.csv: has a row of more than 1048576 bytes; close its quotes"},
		"lines.csv":    {[]byte("title,text\n" + strings.Repeat("A,港\n", 3000) + `"` + strings.Repeat("A,b\n", 1<<17)), 3000, "lines.csv: has a row of more than 100000 lines; close its quotes"},
		"message.mbox": {[]byte(box("Text.") + box(strings.Repeat("x\n", 1<<20)) + box("Text.")), 2, "message.mbox/2.eml: is too large"},
		"cut.jsonl.gz": {packed[:len(packed)-9], 4999, "cut.jsonl.gz: is broken or cut off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			file, err := corpus.Reader{MaxBytes: 1 << 20}.Read(path, name)
			var failed *corpus.FileError
			if len(file.Documents) < test.documents || !errors.As(err, &failed) || !strings.HasPrefix(fmt.Sprint(err), test.says) {
				t.Errorf("%d documents, want %d; error %v", len(file.Documents), test.documents, err)
			}
		})
	}
}

// TestCutOff: of a packed file that is cut off, the fault is reported beside those of its lines,
// whatever its encoding, and no half of a message is read.
func TestCutOff(t *testing.T) {
	t.Parallel()
	good := `{"text":"` + strings.Repeat("The port is open. ", 60) + `"}` + "\n"
	legacy, err := charmap.Windows1251.NewEncoder().String(strings.Repeat(`{"text":"`+strings.Repeat("Порт открыт, и корабли снова ходят каждый день. ", 20)+`"}`+"\n", 100))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.Repeat(good, 100))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ content, want string }{
		"legacy.jsonl.gz": {legacy, "legacy.jsonl.gz: is broken or cut off"},
		"wide.jsonl.gz":   {wide, "wide.jsonl.gz: is broken or cut off"},
		"lines.jsonl.gz":  {"garbage\n" + strings.Repeat(good, 100), "lines.jsonl.gz: is broken or cut off"},
		"a.csv.gz":        {"title,text\n" + strings.Repeat("A,"+strings.Repeat("The port is open. ", 60)+"\n", 100), "a.csv.gz: is broken or cut off"},
		"a.mbox.gz":       {box("The port is open.") + box(strings.Repeat("The gate is shut. ", 8000)), "a.mbox.gz: is broken or cut off"},
	} {
		packed := gzipOf(t, []byte(test.content))
		file, err := read(t, name, packed[:len(packed)-4]) // without a part of its checksum
		found := false
		for line := range strings.Lines(fmt.Sprint(err)) {
			found = found || strings.HasPrefix(line, test.want)
		}
		if !found || len(file.Documents) == 0 || file.Format == "" {
			t.Errorf("%s: %d documents in format %q, error %v", name, len(file.Documents), file.Format, err)
		}
		if name == "a.mbox.gz" && len(file.Documents) != 1 {
			t.Errorf("%d messages", len(file.Documents))
		}
	}
}

func box(text string) string {
	return "From a@example.org Mon May  1 10:00:00 2023\nSubject: A\n\n" + text + "\n\n"
}
