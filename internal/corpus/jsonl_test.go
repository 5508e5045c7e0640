package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadJSONL(t *testing.T) {
	t.Parallel()
	lines := []string{
		`{"name":"collections/default/documents/x1","title":"Harvest","language_code":"en","publish_time":"2024-01-02T08:00:00+08:00","publish_time_precision":"MINUTE","source":"Ministry","uri":"https://example.org/1","text":"The harvest was good.","metadata":{"district":"north"}}`,
		`{"id":"x2","title":"Camel","languageCode":"en","publishTime":"2024-01-02","text":"Names as protobuf writes them.","metadata":{"myKey":"kept"}}`,
		``,
		`{"title":"Blocks","text":"Title\n\nText of it.","blocks":[{"kind":"HEADING","range":{"start":0,"end":5,"startByte":0,"endByte":5}}]}`,
		`{"text":"港口收费下降。四月起执行。"}`,
		`{"id":"x1","text":"An id again."}`,
		`{"id":"X 1","text":"A bad id."}`,
		`{"id":"x3"}`,
		`{"id":"x4","txt":"A field of no such name."}`,
		`not JSON`,
		`{"id":"x5","text":"A bad time.","publish_time":"yesterday"}`,
		`{"id":"x6","text":"A bad precision.","publish_time":"2024-01-02","publish_time_precision":"HOUR"}`,
		`{"id":"x7","text":"A range too far.","blocks":[{"kind":"CAPTION","range":{"start":0,"end":99}}]}`,
		`{"id":"x8","text":"A kind too many.","blocks":[{"kind":"VERSE","range":{"start":0,"end":1}}]}`,
		`{"id":"x9","text":"Cafe` + "\u0301" + `","blocks":[{"kind":"CAPTION","range":{"start":0,"end":1}}]}`,
		`{"id":"x10","text":"A\u0000B"}`,
	}
	file, err := read(t, "many.jsonl", []byte(strings.Join(lines, "\n")))
	check(t, file)
	want := `== x1
title:     Harvest
published: 2024-01-02T08:00+08:00
language:  en
source:    Ministry
uri:       https://example.org/1
district = north
file = many.jsonl
file_ordinal = 1

| The harvest was good.

== x2
title:     Camel
published: 2024-01-02
language:  en
source:    
uri:       
file = many.jsonl
file_ordinal = 2
myKey = kept

| Names as protobuf writes them.

== many-jsonl-4
title:     Blocks
published: unknown
language:  und
source:    
uri:       
file = many.jsonl
file_ordinal = 4

HEADING | Title

| Text of it.

== many-jsonl-5
title:     港口收费下降
published: unknown
language:  zh
source:    
uri:       
file = many.jsonl
file_ordinal = 5

| 港口收费下降。四月起执行。

error: many.jsonl:6: id: "x1" is that of line 1 already; give each document its own
many.jsonl:7: name: "X 1" is no document name; use collections/{collection}/documents/{id} or an id of a-z, 0-9 and -, at most 63 characters
many.jsonl:8: text: is required
many.jsonl:9: text: is required, and ["txt"] is no other name of it
many.jsonl:10: is not a JSON object: invalid character 'o' in literal null (expecting 'u')
many.jsonl:11: publish_time: "yesterday" is neither 2024-11-15T10:15:00Z nor 2024-11-15
many.jsonl:12: publish_time_precision: "HOUR" is none of DATE, MINUTE, SECOND
many.jsonl:13: document.blocks[0].range: end 99 is beyond the text's end (16 code points)
many.jsonl:14: blocks[0].kind: "VERSE" is none of PARAGRAPH, HEADING, CAPTION; articles are found by their numbers
many.jsonl:15: text: is not in NFC, so that the ranges of blocks do not fit what is stored; normalise it first
many.jsonl:16: text: holds NUL, remove it
`
	if diff := cmp.Diff(want, describe(file, err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestLanguageOfNeighbours checks that a text of a word or two gets the language of the
// other records, if they share one.
func TestLanguageOfNeighbours(t *testing.T) {
	t.Parallel()
	const spanish, english = "Los pescadores del viejo muelle se alegraron del nuevo techo.", "The fishers of the old pier were glad of the new roof."
	for name, tc := range map[string]struct {
		texts []string
		want  string
	}{
		"one language":   {[]string{spanish, spanish, spanish}, "es"},
		"two languages":  {[]string{spanish, spanish, english, english}, "und"},
		"too few":        {[]string{spanish, spanish}, "und"},
		"mostly unclear": {[]string{spanish, spanish, spanish, "su gate", "su gate", "su gate"}, "und"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows := ""
			for _, text := range append(tc.texts, "su gate", "2024") {
				rows += `{"text":"` + text + `"}` + "\n"
			}
			file, err := read(t, "short.jsonl", []byte(rows))
			if err != nil {
				t.Fatal(err)
			}
			short, digits := file.Documents[len(tc.texts)], file.Documents[len(tc.texts)+1]
			if short.LanguageCode != tc.want || digits.LanguageCode != "und" {
				t.Errorf("%q is in %q, want %q; %q in %q, want und", short.Text, short.LanguageCode, tc.want, digits.Text, digits.LanguageCode)
			}
		})
	}
}
