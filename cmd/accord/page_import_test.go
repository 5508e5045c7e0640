package main

import (
	"bytes"
	"maps"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// upload sends files with the form for an import, and returns the page of the report.
func (w web) upload(t *testing.T, collection string, files map[string]string) (head, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("in", collection); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(files[name])); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return w.with("Content-Type", form.FormDataContentType()).do(t, http.MethodPost, "/admin/import", body.String())
}

// TestImportOverPage: files are read as accord ingest reads them, and the report says in words
// what became of each document, with a link to it. A file that is imported again replaces its
// documents.
func TestImportOverPage(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	const records = `{"id":"one","text":"The first record."}` + "\n" + `{"id":"two","text":"The second record."}` + "\n"
	_, page := w.upload(t, "default", map[string]string{
		"note.md": "# A note\n\nThe port of Chancay opened.", "records.jsonl": records, "empty.txt": "", "../../up.txt": "Words of a file.",
	})
	v := look(t, page)
	for _, want := range []string{"4 files into default", "created", "note.md, 1 passage", "empty.txt: is empty", "documents: 4 new", "The import has ended."} {
		if !strings.Contains(strings.Join(strings.Fields(v.all), " "), want) {
			t.Errorf("the report lacks %q: %s", want, v.all)
		}
	}
	if len(v.links) != 4 {
		t.Fatalf("links %q", v.links)
	}
	texts := ""
	for _, link := range v.links {
		texts += w.open(t, link).text
	}
	for _, want := range []string{"The port of Chancay opened.", "The first record.", "The second record.", "Words of a file."} {
		if !strings.Contains(texts, want) {
			t.Errorf("the documents lack %q: %q", want, texts)
		}
	}
	_, page = w.upload(t, "default", map[string]string{"records.jsonl": records[:strings.Index(records, "\n")]})
	if all := look(t, page).all; !strings.Contains(all, "1 unchanged, 0 failed, 1 removed") {
		t.Errorf("the file was imported again with one record less: %s", all)
	}
	if v := w.open(t, "/admin"); !strings.Contains(v.all, "3 documents") || !strings.Contains(v.all, "searched") || !strings.Contains(v.all, "test-model") {
		t.Errorf("administration: %s", v.all)
	}
}

// TestImportRefused: the answer to an import that is refused says what is wrong with it.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	w := serveWeb(t)
	for _, test := range []struct {
		collection string
		files      map[string]string
		code       int
		says       string
	}{
		{"default", nil, http.StatusBadRequest, "Choose at least one file."},
		{"No Such", map[string]string{"a.txt": "One."}, http.StatusBadRequest, "inner hyphens"},
		{"nowhere", map[string]string{"a.txt": "One."}, http.StatusOK, "collections/nowhere: not found"},
		{"default", map[string]string{strings.Repeat("n", 300) + ".txt": "One."}, http.StatusBadRequest, "its name is too long"},
		{"default", map[string]string{"..": "One."}, http.StatusBadRequest, "cannot be stored"},
	} {
		answer, page := w.upload(t, test.collection, test.files)
		if v := look(t, page); answer.code != test.code || !strings.Contains(v.all, test.says) {
			t.Errorf("%v into %s: %d, %s", test.files, test.collection, answer.code, v.all)
		}
	}
	if answer, body := w.with("Content-Type", "text/plain").do(t, http.MethodPost, "/admin/import", "x"); answer.code != http.StatusBadRequest {
		t.Errorf("no form: %d, %s", answer.code, body)
	}
}
