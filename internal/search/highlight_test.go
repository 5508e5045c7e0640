package search

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/lexical"
)

// before is the text before the passage in its document, so that ranges do not start at 0.
const before = "前言。 "

func passage(text, language string) (document.Passage, string) {
	whole := before + text
	r := document.NewRangeCounter(whole).Range(len(before), len(whole))
	return document.Passage{Text: text, LanguageCode: language, Range: r}, whole
}

// cut returns the parts of a text that the ranges cover. It checks that the ranges in bytes
// and in code points are the same.
func cut(t *testing.T, text string, ranges []document.TextRange) (parts []string) {
	t.Helper()
	codePoints := []rune(text)
	for _, r := range ranges {
		if byBytes, byCodePoints := r.Slice(text), string(codePoints[r.Start:r.End]); byBytes != byCodePoints {
			t.Errorf("range in bytes covers %q, range in code points %q", byBytes, byCodePoints)
		}
		parts = append(parts, r.Slice(text))
	}
	return parts
}

func TestMatchedTerms(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ query, language, text, want string }{
		{"digital economies", "en", "The DIGITAL economy, digitally.", "DIGITAL economy digitally"},
		{"what was agreed on trade", "en", "What was agreed was not written down.", "agreed"},
		{"数字经济的合作", "zh", "双方的數字經濟合作的前景", "數字經濟合作"},
		{"港", "zh", "港口在港区。", "港 港"},
		{"2016年9月13日", "en", "Signed on 13 September 2016 in 2016.", "13 September 2016 2016"},
		{"第三条", "zh", "三、双方同意。", "三、"},
		{"cooperación", "es", "Las cooperaciones: ＣＯＯＰＥＲＡＣＩＯＮ.", "cooperaciones ＣＯＯＰＥＲＡＣＩＯＮ"},
		{"ports", "en", "Nothing of that.", ""},
		{"?", "en", "Nothing at all.", ""},
	} {
		p, whole := passage(test.text, test.language)
		got := strings.Join(cut(t, whole, matchedTerms(p, lexical.Terms(p.Text, p.LanguageCode), soughtTerms(test.query, lexical.QueryTerms(test.query, test.language)))), " ")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.query, diff)
		}
	}
}

func TestHighlights(t *testing.T) {
	t.Parallel()
	p, whole := passage("One. Two. Three. Four. Five.", "en")
	window := func(text string, similarity float64) document.Sentences {
		at := strings.Index(whole, text)
		return document.Sentences{Range: document.NewRangeCounter(whole).Range(at, at+len(text)), Similarity: similarity}
	}
	for _, test := range []struct {
		what    string
		nearest []document.Sentences
		want    []string
	}{
		{"the nearest", []document.Sentences{window("Two. Three.", .7), window("Three. Four.", .69), window("One. Two.", .68), window("Four. Five.", .2)}, []string{"Two. Three."}},
		{"two in the text's order", []document.Sentences{window("Four. Five.", .7), window("Three. Four.", .69), window("One. Two.", .68)}, []string{"One. Two.", "Four. Five."}},
		{"of a kind without windows", nil, nil},
	} {
		if diff := cmp.Diff(test.want, cut(t, whole, highlights(p, test.nearest))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	short, whole := passage("One. Two.", "en")
	if diff := cmp.Diff([]string{"One. Two."}, cut(t, whole, highlights(short, nil))); diff != "" {
		t.Errorf("two sentences (-want +got):\n%s", diff)
	}
}
