package chunk

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

// outline returns one line for each passage: kind, label and text.
func outline(passages []document.Passage) []string {
	var lines []string
	for _, p := range passages {
		kind := p.Kind.String()
		if p.Label != "" {
			kind += " " + p.Label
		}
		lines = append(lines, kind+": "+strings.Join(strings.Fields(p.Text), " "))
	}
	return lines
}

// article returns a sentence that is too long to be taken for a heading.
func article(n int) string {
	return fmt.Sprintf("The two sides agreed in point %d to go on with what they had begun, and to widen it.", n)
}

func TestPassages(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, title, text string
		want              []string
	}{
		{"blank", "", " \n\u3000\n\u200b\n\n\ufeff \u00ad", nil},
		{"invisible lines", "", "\u200b\n\nOne.\n\u200b\n\n \u200b\u200b \n\nTwo\u200b.", []string{"PARAGRAPH: One.", "PARAGRAPH: Two\u200b."}},
		{"paragraphs", "", "\n One. \n\nTwo\u2029Three.\f Four.\n \t\nFive.", []string{"PARAGRAPH: One.", "PARAGRAPH: Two", "PARAGRAPH: Three.", "PARAGRAPH: Four.", "PARAGRAPH: Five."}},
		{"title", "Xi visits “Lima” （全文）", "ＸＩ VISITS\u3000LIMA\n\nXi visits Lima today.", []string{"HEADING: ＸＩ VISITS LIMA", "PARAGRAPH: Xi visits Lima today."}},
		{"CRLF", "", "One.\r\n\r\nTwo.\r\nThree.", []string{"PARAGRAPH: One.", "PARAGRAPH: Two.", "PARAGRAPH: Three."}},
		{
			"hard wrapped", "",
			"China and Peru should improve and upgrade practical cooperation and\ncontinuously elevate their partnership to new heights to better benefit\nthe two peoples. Xi made the remarks on Thursday in Lima. He said that\nfour things matter.\nBoth sides should enhance cooperation in traditional areas such as\nminerals and energy.",
			[]string{
				"PARAGRAPH: China and Peru should improve and upgrade practical cooperation and continuously elevate their partnership to new heights to better benefit the two peoples. Xi made the remarks on Thursday in Lima. He said that four things matter.",
				"PARAGRAPH: Both sides should enhance cooperation in traditional areas such as minerals and energy.",
			},
		},
		{
			"hard wrapped Chinese", "",
			"习近平表示，中秘两国相互信任、互利合作，是好朋友、\n好伙伴。秘鲁在拉美率先同中国签署一揽子自由贸易协\n定，在拉美起到了很好示范效应。\n我们愿同秘方一道努力，以两国建立全面战略伙伴关系为\n契机，谱写新篇章。",
			[]string{
				"PARAGRAPH: 习近平表示，中秘两国相互信任、互利合作，是好朋友、 好伙伴。秘鲁在拉美率先同中国签署一揽子自由贸易协 定，在拉美起到了很好示范效应。",
				"PARAGRAPH: 我们愿同秘方一道努力，以两国建立全面战略伙伴关系为 契机，谱写新篇章。",
			},
		},
		{
			"a line a paragraph", "Xi meets Boluarte",
			"Xi meets Boluarte\nBEIJING, June 28 -- " + article(1) + "\n" + strings.Repeat(article(2)+" ", 3) + "\nHe left.",
			[]string{"HEADING: Xi meets Boluarte", "PARAGRAPH: BEIJING, June 28 -- " + article(1), "PARAGRAPH: " + strings.TrimSpace(strings.Repeat(article(2)+" ", 3)), "PARAGRAPH: He left."},
		},
		{
			"a headline and a short line", "", "Xi meets Boluarte\nThey spoke for an hour in Lima.",
			[]string{"PARAGRAPH: Xi meets Boluarte", "PARAGRAPH: They spoke for an hour in Lima."},
		},
		{
			"indented", "", "\u3000\u3000会谈后，两国元首出席签字仪式\n\u3000\u3000会谈前，举行欢迎仪式\n\n\tOne came\n  and went.",
			[]string{"PARAGRAPH: 会谈后，两国元首出席签字仪式", "PARAGRAPH: 会谈前，举行欢迎仪式", "PARAGRAPH: One came and went."},
		},
		{
			"lost line breaks", "", "联合声明\u3000\u3000（2015年5月22日，利马）\u3000\u3000一、应邀访问。\u3000\u3000二、双方满意。\u3000\u3000第一章\u3000\u3000总则",
			[]string{"PARAGRAPH: 联合声明 （2015年5月22日，利马）", "ARTICLE 一: 一、应邀访问。", "ARTICLE 二: 二、双方满意。", "HEADING: 第一章 总则"},
		},
		{
			"tabs behind numbers", "", "1.\tBoth sides agree.\t2.\tThey like it.\n\n第三条\u3000\u3000双方同意。",
			[]string{"ARTICLE 1: 1. Both sides agree.", "ARTICLE 2: 2. They like it.", "PARAGRAPH: 第三条 双方同意。"},
		},
		{
			"one number is no series", "", "4. Both sides agree.\n\nI. Newton agrees.\n\n2016. A year.",
			[]string{"PARAGRAPH: 4. Both sides agree.", "PARAGRAPH: I. Newton agrees.", "PARAGRAPH: 2016. A year."},
		},
		{
			"a reference is no article", "", "第一条 双方同意。\n\n第一条所述措施有效。\n\n第二条 双方满意。",
			[]string{"ARTICLE 第一条: 第一条 双方同意。 第一条所述措施有效。", "ARTICLE 第二条: 第二条 双方满意。"},
		},
		{
			"a gap and a duplicate", "", "1. a.\n\n2. b.\n\n2. c.\n\n3. d.\n\n9. e.",
			[]string{"ARTICLE 1: 1. a.", "ARTICLE 2: 2. b.", "ARTICLE 2: 2. c.", "ARTICLE 3: 3. d.", "PARAGRAPH: 9. e."},
		},
		{
			"continued from another document", "", "七、双方同意。\n\n八、双方满意。",
			[]string{"ARTICLE 七: 七、双方同意。", "ARTICLE 八: 八、双方满意。"},
		},
		{
			"number line above its text", "", "Preamble of the treaty.\n\nArticle 1\n\nThe parties agree.\n\nThey like it.\n\nArticle 2\nScope\n\nArticle 1 of the Treaty of Lima applies.\n\nArticle 3\n\nIn force.\n\nDone at Lima.\n\nUnrelated. More.",
			[]string{
				"PARAGRAPH: Preamble of the treaty.", "ARTICLE Article 1: Article 1 The parties agree. They like it.", "ARTICLE Article 2: Article 2 Scope Article 1 of the Treaty of Lima applies.",
				"ARTICLE Article 3: Article 3 In force. Done at Lima.", "PARAGRAPH: Unrelated. More.",
			},
		},
		{
			"items belong to their article", "", "第一条 定义\n\n（一）甲；\n\n（二）乙；\n\n第二条 范围\n\n（一）丙；\n\n（二）丁。\n\n1. 戊。\n\n2. 己。",
			[]string{"ARTICLE 第一条: 第一条 定义 （一）甲； （二）乙；", "ARTICLE 第二条: 第二条 范围 （一）丙； （二）丁。 1. 戊。 2. 己。"},
		},
		{
			"items of a bare parent", "", "一、总体要求\n\n指导思想如下。\n\n（一）甲。\n\n（二）乙。\n\n二、主要任务\n\n（一）丙。\n\n1. 戊。\n\n2. 己。\n\n（二）丁。\n\n三、双方同意加强合作：\n\n（一）庚。\n\n（二）辛。\n\n四、组织实施\n\n各方落实。",
			[]string{
				"HEADING: 一、总体要求", "PARAGRAPH: 指导思想如下。", "ARTICLE （一）: （一）甲。", "ARTICLE （二）: （二）乙。",
				"HEADING: 二、主要任务", "ARTICLE （一）: （一）丙。 1. 戊。 2. 己。", "ARTICLE （二）: （二）丁。",
				"ARTICLE 三: 三、双方同意加强合作： （一）庚。 （二）辛。", "ARTICLE 四: 四、组织实施 各方落实。",
			},
		},
		{
			"items counting through their parents", "", "I. Trade\n\n1. One is agreed.\n\n2. Two is agreed.\n\nII. Culture\n\n3. Three is agreed.",
			[]string{"HEADING: I. Trade", "ARTICLE 1: 1. One is agreed.", "ARTICLE 2: 2. Two is agreed.", "HEADING: II. Culture", "ARTICLE 3: 3. Three is agreed."},
		},
		{
			"a list of the same form inside", "", "1. One.\n\n2. Two:\n\n1. Inner one.\n\n2. Inner two.\n\n3. Inner three.\n\n1. Other.",
			[]string{"ARTICLE 1: 1. One.", "ARTICLE 2: 2. Two:", "ARTICLE 1: 1. Inner one.", "ARTICLE 2: 2. Inner two.", "ARTICLE 3: 3. Inner three.", "PARAGRAPH: 1. Other."},
		},
		{
			"a list of the same form between two numbers", "", "1. One.\n\n2. Two.\n\n3. Three:\n\n1. Inner one.\n\n2. Inner two.\n\n4. Four.\n\n5. Five.",
			[]string{"ARTICLE 1: 1. One.", "ARTICLE 2: 2. Two.", "ARTICLE 3: 3. Three: 1. Inner one. 2. Inner two.", "ARTICLE 4: 4. Four.", "ARTICLE 5: 5. Five."},
		},
		{
			"chapters", "", "CHAPTER I\n\nGENERAL PROVISIONS\n\nArticle 1.1: Aims\n\nThe aims.\n\nCHAPTER II: Trade\n\nArticle 2.1: Goods\n\nSection 3 of the Act holds.",
			[]string{"HEADING: CHAPTER I", "HEADING: GENERAL PROVISIONS", "ARTICLE Article 1.1: Article 1.1: Aims The aims.", "HEADING: CHAPTER II: Trade", "ARTICLE Article 2.1: Article 2.1: Goods Section 3 of the Act holds."},
		},
		{
			"a list amid a report", "", "The ministers agreed on:\n1. Trade.\n2. Ports.\n3. Schools.\nThen they had dinner. It was late.\n\nThey left. Nobody spoke.",
			[]string{"PARAGRAPH: The ministers agreed on:", "ARTICLE 1: 1. Trade.", "ARTICLE 2: 2. Ports.", "ARTICLE 3: 3. Schools.", "PARAGRAPH: Then they had dinner. It was late.", "PARAGRAPH: They left. Nobody spoke."},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			doc := document.Document{Title: tc.title, Text: tc.text, LanguageCode: "und"}
			got := Passages(doc)
			if diff := cmp.Diff(tc.want, outline(got)); diff != "" {
				t.Errorf("Passages (-want +got):\n%s", diff)
			}
			checkPassages(t, doc, got)
		})
	}
}

func TestPassagesOfBlocks(t *testing.T) {
	t.Parallel()
	text := "一、甲。\n\n照片 说明 \n\n续甲。\n\n二、乙。\n小标题\n三、丙。"
	mark := func(kind document.Kind, s string) document.Block {
		at := utf8.RuneCountInString(text[:strings.Index(text, s)])
		return document.Block{Kind: kind, Range: document.TextRange{Start: at, End: at + utf8.RuneCountInString(s)}}
	}
	blocks, err := document.FillBytes(text, []document.Block{mark(document.KindCaption, "照片 说明 \n"), mark(document.KindParagraph, "续甲。"), mark(document.KindHeading, "小标题")})
	if err != nil {
		t.Fatal(err)
	}
	doc := document.Document{Text: text, Blocks: blocks, LanguageCode: "zh"}
	got := Passages(doc)
	want := []string{"ARTICLE 一: 一、甲。", "CAPTION: 照片 说明", "PARAGRAPH: 续甲。", "ARTICLE 二: 二、乙。", "HEADING: 小标题", "ARTICLE 三: 三、丙。"}
	if diff := cmp.Diff(want, outline(got)); diff != "" {
		t.Errorf("Passages (-want +got):\n%s", diff)
	}
	checkPassages(t, doc, got)
}

// TestPassagesOfMarkedParagraph checks that a paragraph that repeats the title stays
// a paragraph if doc marks it as one.
func TestPassagesOfMarkedParagraph(t *testing.T) {
	t.Parallel()
	doc := document.Document{Title: "The ferry runs again", Text: "The ferry runs again.\n\nIt costs the same."}
	want := []string{"HEADING: The ferry runs again.", "PARAGRAPH: It costs the same."}
	if diff := cmp.Diff(want, outline(Passages(doc))); diff != "" {
		t.Errorf("Passages (-want +got):\n%s", diff)
	}
	doc.Blocks = []document.Block{{Kind: document.KindParagraph, Range: document.TextRange{End: 21, EndByte: 21}}}
	want[0] = "PARAGRAPH: The ferry runs again."
	if diff := cmp.Diff(want, outline(Passages(doc))); diff != "" {
		t.Errorf("Passages of a marked paragraph (-want +got):\n%s", diff)
	}
}

// checkPassages checks the invariants of the passages of any text.
func checkPassages(t *testing.T, doc document.Document, passages []document.Passage) {
	t.Helper()
	points := []rune(doc.Text)
	at := 0
	for i, p := range passages {
		r := p.Range
		if p.Ordinal != i || p.LanguageCode != doc.LanguageCode || p.Kind == document.KindUnknown {
			t.Errorf("passage %d has ordinal %d, language %q, kind %v", i, p.Ordinal, p.LanguageCode, p.Kind)
		}
		if !strings.ContainsFunc(p.Text, visible) || p.Text != strings.TrimSpace(p.Text) {
			t.Errorf("passage %d is blank or has white space around it: %q", i, p.Text)
		}
		if p.Text != doc.Text[r.StartByte:r.EndByte] || p.Text != string(points[r.Start:r.End]) {
			t.Errorf("passage %d is not text[%d:%d] and bytes [%d:%d]: %q", i, r.Start, r.End, r.StartByte, r.EndByte, p.Text)
		}
		if (p.Kind == document.KindArticle) != (p.Label != "") || !strings.HasPrefix(p.Text, p.Label) {
			t.Errorf("passage %d of kind %v has label %q: %q", i, p.Kind, p.Label, p.Text)
		}
		if n := len(p.LabelPath); n > maxPath || p.Label != "" && (n == 0 || p.LabelPath[n-1] != p.Label) {
			t.Errorf("passage %d with label %q has path %q", i, p.Label, p.LabelPath)
		}
		if r.StartByte < at || strings.ContainsFunc(doc.Text[at:r.StartByte], visible) {
			t.Errorf("passage %d at byte %d overlaps or leaves out text after byte %d", i, r.StartByte, at)
		}
		at = r.EndByte
	}
	if strings.ContainsFunc(doc.Text[at:], visible) {
		t.Errorf("no passage holds %q", doc.Text[at:])
	}
}

func FuzzPassages(f *testing.F) {
	f.Add("Title", "Title\n\n1. a\r\n2. b\n\nphoto\n\n3. c", uint16(11), uint16(5))
	f.Add("", "第一章 总则\u2028第一条\u3000甲\f（一）乙\u2029（二）丙\n一、丁", uint16(0), uint16(3))
	f.Add("", "\u200b\n\n1. a\u200b\n\n\u200b \u200b\n2. b", uint16(9), uint16(2))
	f.Add("Ⅻ", "\t4.5 billion\n Article 4\n of\nArticle 5. x", uint16(3), uint16(900))
	f.Fuzz(func(t *testing.T, title, text string, start, length uint16) {
		if !utf8.ValidString(text) || !utf8.ValidString(title) {
			t.Skip("no text that may be stored")
		}
		doc := document.Document{Title: title, Text: text, LanguageCode: "und"}
		marked := document.Block{Kind: document.KindCaption, Range: document.TextRange{Start: int(start), End: int(start) + int(length)}}
		if blocks, err := document.FillBytes(text, []document.Block{marked}); err == nil {
			doc.Blocks = blocks
		}
		passages := Passages(doc)
		checkPassages(t, doc, passages)
		if diff := cmp.Diff(passages, Passages(doc)); diff != "" {
			t.Errorf("a second reading differs:\n%s", diff)
		}
		for _, b := range doc.Blocks {
			want := strings.TrimSpace(b.Range.Slice(text))
			found := !strings.ContainsFunc(want, visible)
			for _, p := range passages {
				found = found || p.Kind == b.Kind && p.Text == want
			}
			if !found {
				t.Errorf("no passage is the block %q", want)
			}
		}
	})
}

// withoutSpace returns s without its white space.
func withoutSpace(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}
