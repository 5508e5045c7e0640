package chunk

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// TestStatements checks the passages of the two joint statements in the seeds.
func TestStatements(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("../../seeds/004_fbcdf80aeda2e1b4.txt")
	if err != nil {
		t.Fatal(err)
	}
	const furniture = "[字体：大 中 小]      打印本页"
	parts := strings.Split(string(file), furniture)
	second, _, _ := strings.Cut(parts[1], "中华人民共和国和秘鲁共和国关于深化全面战略伙伴关系的联合声明（全文）2016")
	for _, tc := range []struct {
		title, text string
		before      []string // kinds of the passages before the articles
		labels      string
		last        string
	}{
		{
			"中华人民共和国政府和秘鲁共和国政府联合声明（全文）", second,
			[]string{"PARAGRAPH", "HEADING", "PARAGRAPH"},
			"一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九", "衷心感谢。",
		},
		{
			"中华人民共和国和秘鲁共和国关于深化全面战略伙伴关系的联合声明（全文）", parts[2],
			[]string{"HEADING", "PARAGRAPH"},
			"一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十 二十一", "2016年9月13日于北京",
		},
	} {
		doc := document.Document{Title: tc.title, Text: strings.ReplaceAll(strings.TrimSpace(tc.text), "\u3000\u3000", "\n\n"), LanguageCode: "zh"}
		got := Passages(doc)
		checkPassages(t, doc, got)
		var kinds, labels []string
		for _, p := range got {
			if p.Kind == document.KindArticle {
				labels = append(labels, p.Label)
			} else {
				kinds = append(kinds, p.Kind.String())
			}
			if paragraphs := strings.Count(p.Text, "\n\n") + 1; p.Label == "六" && strings.Contains(tc.title, "深化") && paragraphs != 2 {
				t.Errorf("article 六 has %d paragraphs, want 2", paragraphs)
			}
		}
		if diff := cmp.Diff(tc.before, kinds); diff != "" {
			t.Errorf("%s: kinds of other passages (-want +got):\n%s", tc.title, diff)
		}
		if diff := cmp.Diff(tc.labels, strings.Join(labels, " ")); diff != "" {
			t.Errorf("%s: labels (-want +got):\n%s", tc.title, diff)
		}
		if last := got[len(got)-1].Text; !strings.HasSuffix(last, tc.last) {
			t.Errorf("%s: the last passage is %q, want it to end in %q", tc.title, last, tc.last)
		}
	}
}

// TestTitleAlone checks that a document that consists of its title can be found.
func TestTitleAlone(t *testing.T) {
	t.Parallel()
	doc := document.Document{Title: "The port opens in May.", Text: "The port opens in May."}
	if got := Passages(doc); len(got) != 1 || got[0].Kind != document.KindParagraph {
		t.Errorf("got %+v, want one PARAGRAPH", got)
	}
	doc.Blocks = []document.Block{{Kind: document.KindHeading, Range: document.TextRange{End: 22, EndByte: 22}}}
	if got := Passages(doc); len(got) != 1 || got[0].Kind != document.KindHeading {
		t.Errorf("marked by the writer: got %+v, want one HEADING", got)
	}
}
