package corpus

import (
	"cmp"
	"path"
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

const (
	shortTitle   = 20  // columns; a shorter line beside another is a rubric or a section
	maxPlaceDate = 150 // bytes
)

var (
	// What sites put after the titles of their pages.
	siteSuffixRE = regexp.MustCompile(`(?:\s*[_|｜]\s*[^_|｜]{2,40}|\s*[-–—]{1,2}\s*(?:(?i:xinhua|people'?s daily|china daily|global times|english\.news|reuters|afp|efe|ap news|cgtn|bbc)[^-–—]{0,40}|\p{Han}{0,6}(?:网|網|新闻|频道|日报|新华社|门户网站)))+$`)
	placeDateRE  = regexp.MustCompile(`^[（(]?\s*(?:(?:[Dd]one|[Ss]igned|[Ii]ssued|[Aa]dopted|[Hh]echo|[Ff]irmado|[Ff]ait) (?:at|in|en|à)\s+)?(?:\p{Lu}[\p{L}.'’-]*(?:[ ,]+(?:de |del |la )?\p{Lu}[\p{L}.'’-]*){0,4}|\p{Han}{2,12})?\s*[,，、;]?\s*(?:on |the |el |le |a )*\x00\s*[,，、于在]*\s*(?:\p{Lu}[\p{L}.'’-]*(?:[ ,]+\p{Lu}[\p{L}.'’-]*){0,4}|\p{Han}{2,12})?\s*[)）]?[.。]?$`)
)

// chooseTitle returns which line of a head is the title, -1 for none: a title
// that a key names, else the one nearest to the text. A short line beside a
// longer one is a rubric, and the longer of two that say the same is whole. A
// heading of the first level is one for certain.
func chooseTitle(lines []line) int {
	best := -1
	for i, l := range lines {
		if l.class == classField && l.field.name == fieldTitle {
			return -1
		}
		if !l.titled() || l.class == classTitle && !mayBeTitle(l.text) {
			continue
		}
		if l.level == 1 {
			return i
		}
		if best < 0 || better(titleOf(l), titleOf(lines[best])) {
			best = i
		}
	}
	return best
}

func titleOf(l line) string {
	if l.class == classStamp {
		return l.stamp.title
	}
	return l.text
}

// better reports whether title, which stands nearer to the text than other, is
// the title of the document.
func better(title, other string) bool {
	if sameTitle(title, cleanTitle(other)) || strings.Contains(bareTitle(other), bareTitle(title)) && cleanTitle(other) == other {
		return false
	}
	return width(title) >= shortTitle || width(title) >= width(other)
}

// mayBeTitle reports whether a short line in a head can be the title.
func mayBeTitle(text string) bool {
	return !strings.HasPrefix(text, "—") && !strings.HasPrefix(text, "（") && !strings.HasPrefix(text, "(") &&
		!agencyOnly(text) && placeDate(text) == nil && hostRE.FindString(text) != text
}

// agencyOnly reports whether text is nothing but the name of a news agency.
func agencyOnly(text string) bool {
	text = strings.Trim(fold(text), " ()[]")
	return text != "" && agencyRE.FindString(text) == text
}

// cleanTitle drops what the site added to a title.
func cleanTitle(title string) string {
	if cut := strings.TrimSpace(siteSuffixRE.ReplaceAllString(title, "")); width(cut) >= 8 {
		title = cut
	}
	return strings.TrimSpace(strings.Trim(title, "#*"))
}

// placeDate returns the day in a line that says where and when a text was
// made, "（2015年5月22日，利马）" or "Done at Lima on 15 November 2024", else nil.
func placeDate(text string) *moment {
	if len(text) > maxPlaceDate {
		return nil
	}
	folded := fold(text)
	moments := findMoments(folded, true)
	if len(moments) != 1 {
		return nil
	}
	m := moments[0]
	if !placeDateRE.MatchString(folded[:m.start] + "\x00" + folded[m.end:]) {
		return nil
	}
	return &m
}

// fallbackTitle names a document whose text names none: after its first
// heading, else its first sentence, else its file.
func fallbackTitle(paragraphs []paragraph, name string) string {
	for _, kind := range []document.Kind{document.KindHeading, document.KindUnknown} {
		for _, p := range paragraphs {
			if title := shorten(p.text); title != "" && p.kind == kind && placeDate(p.text) == nil {
				return title
			}
		}
	}
	return cmp.Or(strings.TrimSuffix(path.Base(name), path.Ext(name)), name)
}

const maxFallback = 120 // columns of a title made from a sentence

// shorten returns the first sentence of text without its dateline, cut at a
// word where it is long.
func shorten(text string) string {
	if d, ok := parseDateline(text); ok && strings.HasPrefix(text, d.text) {
		text = strings.TrimSpace(text[len(d.text):])
	}
	if at := firstSentenceRE.FindStringIndex(text); at != nil {
		text = text[:at[1]]
	}
	text = strings.TrimRight(text, " .。")
	columns, lastSpace := 0, 0
	for i, r := range text {
		if r == ' ' || isCJK(r) {
			lastSpace = i
		}
		if columns += width(string(r)); columns > maxFallback {
			return strings.TrimRight(text[:cmp.Or(lastSpace, i)], " ,，、;；") + "…"
		}
	}
	return text
}

var firstSentenceRE = regexp.MustCompile(`[.!?]["”]?\s|[。！？]`)

func repeated(title string, lines []line) bool {
	for _, l := range lines {
		if sameTitle(title, l.text) {
			return true
		}
	}
	return false
}

// sameTitle reports whether a and b are one title, perhaps with "(full text)"
// after one of them.
func sameTitle(a, b string) bool {
	a, b = bareTitle(a), bareTitle(b)
	return a != "" && a == b
}

var titleNotes = strings.NewReplacer("（全文）", "", "(全文)", "", "（双语）", "", "(full text)", "", "(Full text)", "", "(Full Text)", "", "(texto completo)", "", "Full text:", "", "Full Text:", "", "FULL TEXT:", "", "全文：", "", " ", "", "　", "")

func bareTitle(s string) string { return strings.ToLower(titleNotes.Replace(s)) }
