package corpus_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/chunk"
)

// leaf is a page of a PDF. Its lines are in Helvetica of 12 points, unless they begin with a
// tab: these are in 8 points.
type leaf []placed

type placed struct {
	y    int
	text string
}

// bound returns a PDF of pages that are 500 points wide and 800 high.
func bound(t *testing.T, leaves ...leaf) []byte {
	t.Helper()
	kids := ""
	objects := []string{"<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"}
	for _, lines := range leaves {
		var content strings.Builder
		for _, l := range lines {
			size := 12
			if strings.HasPrefix(l.text, "\t") {
				size = 8
			}
			fmt.Fprintf(&content, "BT /F %d Tf 50 %d Td (%s) Tj ET\n", size, l.y, strings.NewReplacer("\t", "", "(", `\(`, ")", `\)`).Replace(l.text))
		}
		n := len(objects) + 1
		kids += fmt.Sprintf("%d 0 R ", n)
		objects = append(objects, fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 500 800]/Contents %d 0 R/Resources<</Font<</F 3 0 R>>>>>>", n+1), stream(t, "", content.String()))
	}
	objects[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", kids, len(leaves))
	return pdfOf("", objects...)
}

// TestStatuteInPDF checks that articles are found whose heads have lines of their own above
// text in lower case, and whose text is nearly the same on every page.
func TestStatuteInPDF(t *testing.T) {
	t.Parallel()
	const perPage, pages, first = 6, 5, 985
	var leaves []leaf
	article := first
	for page := range pages {
		lines := leaf{{770, "\tHarbour Act"}, {20, fmt.Sprint("\tPage ", page+1)}}
		for i := range perPage {
			y := 730 - 100*i
			lines = append(lines, placed{y, fmt.Sprint("Article ", article)},
				placed{y - 15, fmt.Sprintf("the keeper of lock %d shall open the lower gate at dawn, and shall write into the", article)},
				placed{y - 30, fmt.Sprintf("book of lock %d the height of the water.", article)})
			article++
		}
		leaves = append(leaves, lines)
	}
	file, err := read(t, "statute.pdf", bound(t, leaves...))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range chunk.Passages(file.Documents[0]) {
		if p.Label != "" {
			got = append(got, p.Label)
			if n := strings.TrimPrefix(p.Label, "Article "); !strings.Contains(p.Text, "keeper of lock "+n+" shall") || !strings.Contains(p.Text, "book of lock "+n+" the height") {
				t.Errorf("%s has the text %q", p.Label, p.Text)
			}
		}
	}
	var want []string
	for i := first; i < article; i++ {
		want = append(want, fmt.Sprint("Article ", i))
	}
	if !slices.Equal(got, want) {
		t.Errorf("articles %q, want %q", got, want)
	}
	if text := file.Documents[0].Text; strings.Contains(text, "Harbour Act") || strings.Contains(text, "Page ") {
		t.Errorf("text has heads or feet: %.200q", text)
	}
}

// TestEdgesOfPages checks which lines that repeat at the edges of pages are dropped: only
// those that are apart from the text, or that look like no text.
func TestEdgesOfPages(t *testing.T) {
	t.Parallel()
	body := func(page int) leaf {
		var lines leaf
		for i := range 8 {
			lines = append(lines, placed{600 - 30*i, fmt.Sprintf("Sentence %d of page %c tells of the gate.", i*i+7*page, 'a'+page)})
		}
		return lines
	}
	for name, tc := range map[string]struct {
		line func(page int) placed
		kept bool
	}{
		"head far above":   {func(int) placed { return placed{700, "Reports of the harbour"} }, false},
		"head close above": {func(page int) placed { return placed{618, fmt.Sprint("Reports of the harbour ", page+1)} }, false},
		"small foot":       {func(page int) placed { return placed{375, fmt.Sprint("\tHarbour office, page ", page+11)} }, false},
		"rights":           {func(int) placed { return placed{300, "The harbour office keeps all rights of 1987."} }, false},
		"sentence at top":  {func(page int) placed { return placed{630, fmt.Sprintf("The keeper found %d boats.", 40+page*page)} }, true},
		"sentence at foot": {func(page int) placed { return placed{360, fmt.Sprintf("The keeper found %d boats.", page+3)} }, true},
		"alone above":      {func(page int) placed { return placed{700, fmt.Sprintf("The keeper found %d boats.", page+3)} }, true},
		"sign and number": {func(page int) placed {
			return placed{700, []string{"Lock # 5 of the harbour", "Lock 5 5 of the harbour"}[page%2]}
		}, false},
		"article at top":     {func(page int) placed { return placed{630, fmt.Sprint("Article ", page+1)} }, true},
		"article far above":  {func(page int) placed { return placed{700, fmt.Sprint("Article ", page+1)} }, true},
		"running article":    {func(page int) placed { return placed{700, fmt.Sprint("Article ", page*page+1)} }, false},
		"continuing at foot": {func(int) placed { return placed{360, "gate of the lock"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var leaves []leaf
			for page := range 6 {
				lines := append(body(page), tc.line(page))
				if strings.HasPrefix(name, "continuing") {
					lines[7].text = fmt.Sprintf("On day %d%c the keeper looked at the water from dawn to dusk, and went to the lower", page*page, 'a'+page)
				}
				leaves = append(leaves, lines)
			}
			file, err := read(t, "pages.pdf", bound(t, leaves...))
			if err != nil {
				t.Fatal(err)
			}
			for page := range 6 {
				if line := strings.TrimSpace(tc.line(page).text); strings.Contains(file.Documents[0].Text, line) != tc.kept {
					t.Errorf("page %d: kept %q = %t, want %t", page+1, line, !tc.kept, tc.kept)
				}
			}
		})
	}
}
