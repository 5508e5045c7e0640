package web

import (
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// joined returns the text of all blocks, and that of the marked segments.
func joined(blocks []block) (all, cited string) {
	for _, b := range blocks {
		for _, s := range append(b.Segments, b.Gap...) {
			all += s.Text
			if s.Cited {
				cited += s.Text
			}
		}
	}
	return all, cited
}

const statement = "\n\n联合声明\n\n双方于2024年发表声明。\n\n一、加强合作 🙂。\r\n\r\n二、扩大贸易。\n\n三、其他事项。\n 2024年11月 \n"

func TestTypeset(t *testing.T) {
	d := &accordv1.Document{Title: "联合声明", LanguageCode: "zh", Text: statement, PageStarts: []int32{0, 30}}
	start := strings.Index(statement, "作 🙂")
	cited := span{start, strings.Index(statement, "大贸易")}
	blocks, entries := typeset(d, passagesOf(d), cited)
	all, marked := joined(blocks)
	if all != statement || marked != statement[cited.start:cited.end] {
		t.Errorf("blocks have %q, of which %q is marked", all, marked)
	}
	var labels []string
	for _, e := range entries {
		labels = append(labels, e.Label+" "+e.Text)
	}
	if got := strings.Join(labels, "; "); got != "联合声明; 一 加强合作 🙂。; 二 扩大贸易。; 三 其他事项。" && got != " 联合声明; 一 加强合作 🙂。; 二 扩大贸易。; 三 其他事项。" {
		t.Errorf("contents: %q", got)
	}
	begins, pages := 0, 0
	for _, b := range blocks {
		for _, s := range append(b.Segments, b.Gap...) {
			if s.Begin {
				begins++
			}
		}
		if b.Page > 0 {
			pages++
		}
	}
	if begins != 1 || pages != 2 {
		t.Errorf("%d beginnings of the cited words and %d of pages, want 1 and 2", begins, pages)
	}
}

// FuzzTypeset: whatever the text and the cited span, the page has each character once and in
// order, and marks exactly the span.
func FuzzTypeset(f *testing.F) {
	f.Add(statement, 3, 40)
	f.Add("Article 1\nOne.\n\nArticle 2\nTwo.", 0, 4)
	f.Fuzz(func(t *testing.T, text string, start, end int) {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) || start < 0 || start > end || end > len(text) || !boundary(text, start) || !boundary(text, end) {
			return
		}
		d := &accordv1.Document{Text: text, LanguageCode: "en"}
		blocks, _ := typeset(d, passagesOf(d), span{start, end})
		if all, cited := joined(blocks); all != text || cited != text[start:end] {
			t.Errorf("text %q, span %d:%d: blocks have %q and mark %q", text, start, end, all, cited)
		}
	})
}

func TestSplit(t *testing.T) {
	text := "the digital economy of Perú"
	segments := split(text, []span{{4, 19}}, []span{{4, 11}, {23, len(text)}, {-1, 3}, {5, 99}, {len(text) - 1, len(text)}})
	var shown []string
	for _, s := range segments {
		marks := ""
		if s.Cited {
			marks += "c"
		}
		if s.Word {
			marks += "w"
		}
		shown = append(shown, marks+"["+s.Text+"]")
	}
	if got := strings.Join(shown, ""); got != "[the ]cw[digital]c[ economy][ of ]w[Perú]" {
		t.Error(got)
	}
}

func TestWhy(t *testing.T) {
	r := &accordv1.SearchResult{
		Passage: &accordv1.Passage{Text: "Digital economy, digital trade", Range: &accordv1.TextRange{Start: 10, End: 40, StartByte: 10, EndByte: 40}},
		MatchedTerms: []*accordv1.TextRange{
			{StartByte: 10, EndByte: 17}, {StartByte: 27, EndByte: 34},
		},
		Scores: &accordv1.Scores{Relevance: proto.Float32(.948), LexicalRank: proto.Int32(2), PivotSimilarity: proto.Float32(.8)},
	}
	got := strings.Join(why(r), " ")
	want := "The estimated probability that it answers is 95 %. It was found by words; meanings were not compared with it. " +
		"By words it is number 2. It shares with the question: “digital”. It moved up because it probably says the same as the best passage, in another language."
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWords(t *testing.T) {
	for _, test := range []struct{ what, got, want string }{
		{"language", languageName("zh-Hant"), "Traditional Chinese"},
		{"unknown language", languageName("und"), "unknown language"},
		{"invalid language", languageName("x_"), "unknown language"},
		{"Arabic", direction("ar"), "rtl"},
		{"Kurdish in Arabic letters", direction("ku-Arab"), "rtl"},
		{"Kurdish in Latin letters", direction("ku"), "ltr"},
		{"direction of an unknown language", direction("und"), "auto"},
		{"a number as a label", articleName("四"), "article 四"},
		{"a label in words", articleName("Article 12"), "Article 12"},
		{"a label in Chinese words", articleName("第十二条"), "第十二条"},
		{"place of an article", place(&accordv1.Passage{Kind: accordv1.PassageKind_PASSAGE_KIND_ARTICLE, Label: "四", LabelPath: []string{"第二章", "四"}, Page: 3}), "第二章, article 四, page 3"},
		{"place of a paragraph", place(&accordv1.Passage{Kind: accordv1.PassageKind_PASSAGE_KIND_PARAGRAPH, LabelPath: []string{"Install", "1.1"}}), "Install, 1.1"},
		{"place from a server without paths", place(&accordv1.Passage{Kind: accordv1.PassageKind_PASSAGE_KIND_ARTICLE, Label: "Article 4"}), "Article 4"},
		{"digits", groupDigits(1234567), "1,234,567"},
		{"few digits", groupDigits(123), "123"},
		{"one", counted(1, "document"), "1 document"},
		{"several", counted(2000, "document"), "2,000 documents"},
		{"first words", firstWords(strings.Repeat("word ", 30)), "word word word word word word word word word word word word…"},
		{"first Chinese words", firstWords(strings.Repeat("字", 50)), strings.Repeat("字", 30) + "…"},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.what, test.got, test.want)
		}
	}
}
