package v1_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// TestRangesMatchText checks every range against the text that GetDocument returns, in
// both units.
func TestRangesMatchText(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	texts := map[string]string{
		"ascii":     "One paragraph.\n\nAnother one, of two sentences. Here is the second.",
		"cjk":       "　　双方同意加强数字经济合作。\n　　一、双方认为，合作前景广阔。\n　　二、双方将续签协定。",
		"emoji":     "👩\u200d👩\u200d👧 signed 🇵🇪🤝🇨🇳.\n\nThen they left 👋🏽.",
		"combining": "Cafe\u0301 talks in Lim\u00e1.\n\nA\u030angstro\u0308m, \u1100\u1161\u11a8 and \u0915\u094d\u0937.",
		"crlf":      "First line.\r\n\r\nSecond line.\r\nStill the second?\r\n\r\nThird.",
		"articles":  "Article 1\nOf the scope — “all of it”.\n\nArticle 2\nOf the 終わり.\n\nArticle 3\nOf 👋.",
		"edges":     "\ufeff\u00a0 starts and ends with space \u3000\n\t ",
		"one":       "𝔸",
		"unbroken":  strings.Repeat("数字经济合作、", 500),
	}
	r := rand.New(rand.NewPCG(5, 6))
	for i := range 20 {
		texts[fmt.Sprintf("random-%d", i)] = randomText(r)
	}
	for id, text := range texts {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			written := s.upsert(t, &accordv1.Document{Name: name(id), Title: "First line.", LanguageCode: "en", Text: text})
			stored := s.get(t, name(id)).GetText()
			passages := s.passages(t, name(id))
			if len(passages) == 0 || len(passages) != int(written.GetPassageCount()) {
				t.Fatalf("%d passages found, the write reported %d", len(passages), written.GetPassageCount())
			}
			codePoints := []rune(stored)
			for i, p := range passages {
				r := p.GetRange()
				byBytes := stored[r.GetStartByte():r.GetEndByte()]
				byCodePoints := string(codePoints[r.GetStart():r.GetEnd()])
				if byBytes != p.GetText() || byCodePoints != p.GetText() {
					t.Errorf("passage %q\nbytes   %q\nrunes   %q", p.GetText(), byBytes, byCodePoints)
				}
				if want := fmt.Sprintf("%s/passages/%d", name(id), i); p.GetName() != want || int(p.GetOrdinal()) != i {
					t.Errorf("passage %d is %s, ordinal %d", i, p.GetName(), p.GetOrdinal())
				}
			}
		})
	}
}

// randomText returns text whose ranges are hard to count. It is never blank and has at most
// 100 passages.
func randomText(r *rand.Rand) string {
	pieces := []string{
		"word ", "中文", "。", "\n", "\n\n", "\r\n", "\u2029", "e\u0301", "\u0301", "🇵🇪", "👩\u200d👧", "\u3000", "\u00ad", "\ufeff",
		"一、", "第三条 ", "Article 4 ", "1. ", "٣", "ﬁ", "\u212b", "\U0010ffff", "\u0085",
	}
	var b strings.Builder
	b.WriteString("x")
	for range 60 {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}
