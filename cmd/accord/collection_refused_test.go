package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// sealLine adds to a JSON object the digest that each line of an exported file has.
// docs/backup.md describes the digest.
func sealLine(object string) string {
	body := strings.TrimSuffix(object, "}")
	sum := sha256.Sum256([]byte(body))
	return fmt.Sprintf("%s,\"digest\":\"sha256:%s\"}\n", body, hex.EncodeToString(sum[:]))
}

// unsealLine returns the object of a line without its digest.
func unsealLine(line string) string { return line[:strings.LastIndex(line, `,"digest":`)] + "}" }

// sealFile adds a last line with the digest of all lines.
func sealFile(data string) string {
	end := strings.LastIndex(strings.TrimSuffix(data, "\n"), "\n") + 1
	sum := sha256.Sum256([]byte(data[:end]))
	return data[:end] + sealLine(fmt.Sprintf(`{"end":{"documents":%d,"digest":"sha256:%s"}}`, strings.Count(data[:end], "\n")-1, hex.EncodeToString(sum[:])))
}

// TestImportRefuses checks that lines that cannot be imported are reported by number, and
// that --keep-going imports the others.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	from := servedSeeds(t)
	file := filepath.Join(t.TempDir(), "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", from, file)
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(data), "\n") // a header, 7 documents, the last line
	edited := func(line int, edit func(string) string) string {
		out := append([]string(nil), lines...)
		out[line-1] = edit(out[line-1])
		return strings.Join(out, "")
	}
	document := func(edit func(string) string) func(string) string {
		return func(line string) string { return sealLine(edit(unsealLine(line))) }
	}
	replace := func(old, next string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, next, 1) }
	}
	for _, test := range []struct {
		what     string
		data     string
		ignore   bool
		stopped  string // number of imported documents in the output, without --keep-going
		imported string // the same with --keep-going
		says     []string
	}{
		{"a changed character", edited(3, replace("Peru", "Perú")), false, "1", "6", []string{":3: does not have the digest at its end"}},
		{"a cut file", string(data[:len(data)-400]), false, "", "6", []string{":8: the file ends before its last line", "run the export again"}},
		{"no last line", strings.Join(lines[:8], ""), false, "7", "7", []string{":9: the file ends before its last line"}},
		{"a later version", edited(1, document(replace(`"accord_export":1`, `"accord_export":2`))), false, "", "", []string{"line 1: the file has version 2", "newer Accord"}},
		{"an unknown field", edited(3, document(replace(`{"document":{`, `{"document":{"summary":"x",`))), false, "1", "6", []string{":3: document: ", `unknown field "summary"`, "--ignore-unknown"}},
		{"an unknown field that is ignored", sealFile(edited(3, document(replace(`{"document":{`, `{"document":{"summary":"x",`)))), true, "7", "7", nil},
		{"an empty name", edited(3, document(replace(`"name":"collections/`, `"name":"`))), false, "1", "6", []string{":3: document.name: ", "must be collections/"}},
		{"a text that is too long", edited(3, document(replace(`"text":"`, `"text":"`+strings.Repeat("long ", 20_000)))), false, "", "6", []string{":3: collections/default/documents/", "document.text: is ", "at most 60000 are stored: send it as several documents"}},
		{"a message that is too long", edited(3, document(replace(`"text":"`, `"text":"`+strings.Repeat("long ", 4<<20)))), false, "1", "6", []string{":3: collections/default/documents/", "more than the limit of 16777216 per message"}},
		{"text of another digest", sealFile(edited(3, document(replace(`"text":"`, `"text":"More: `)))), false, "", "6", []string{":3: collections/default/documents/", "was stored with another text than the file has"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			path := writeFile(t, t.TempDir(), "bad.jsonl", test.data)
			flags := []string{"collection", "import", path}
			if test.ignore {
				flags = append(flags, "--ignore-unknown")
			}
			for _, keepGoing := range []bool{false, true} {
				addr := serveInstant(t, "--max-text-bytes", "60000")
				args, want := append(flags, "--addr", addr), test.stopped
				if keepGoing {
					args, want = append(args, "--keep-going"), test.imported
				}
				code, out, errOut := accord(t, args...)
				if (code == 0) != (test.says == nil) || !strings.Contains(out, want) {
					t.Errorf("keep going %t: exit code %d, %q, want %s documents", keepGoing, code, out, want)
				}
				for _, part := range test.says {
					if !strings.Contains(errOut, part) {
						t.Errorf("keep going %t: standard error lacks %q:\n%s", keepGoing, part, errOut)
					}
				}
			}
		})
	}
}

// TestExportRefuses checks the errors of exports that are refused before they begin.
func TestExportRefuses(t *testing.T) {
	t.Parallel()
	addr := servedSeeds(t)
	folder := t.TempDir()
	file := filepath.Join(folder, "export.jsonl")
	mustAccord(t, "collection", "export", "--addr", addr, file)
	if err := os.Rename(file, file+".part"); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		what string
		args []string
		says string
	}{
		{"absent collection", []string{filepath.Join(folder, "x.jsonl"), "--collection", "collections/absent"}, "NotFound"},
		{"the beginning of another export", []string{file, "--passages"}, "holds the beginning of another export; remove it"},
		{"an existing file", []string{writeFile(t, folder, "old.jsonl", "")}, "exists already; remove it, or choose another name"},
	} {
		code, out, errOut := accord(t, append([]string{"collection", "export", "--addr", addr}, test.args...)...)
		if code != 1 || out != "" || !strings.Contains(errOut, test.says) {
			t.Errorf("%s: exit code %d, %q, %q", test.what, code, out, errOut)
		}
	}
	if out := mustAccord(t, "collection", "export", "--addr", addr, file); !strings.HasPrefix(out, "7 documents") {
		t.Errorf("the file that is complete but for its name: %q", out)
	}
	code, _, errOut := accord(t, "collection", "import", "--addr", addr, file, "--vectors")
	if code != 1 || !strings.Contains(errOut, "the file has no vectors; import it without --vectors") {
		t.Errorf("absent vectors: exit code %d, %q", code, errOut)
	}
}

// TestImportOfNothing: the report of an import without documents does not mention refusals.
func TestImportOfNothing(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := (&copyReport{io: streams{out: &out, err: &out}}).end(); err != nil || out.String() != "documents: none\n" {
		t.Errorf("%q, error %v", out.String(), err)
	}
}
