package corpus

import (
	"cmp"
	"path"
	"regexp"
	"strings"

	"github.com/accord-search/accord/internal/document"
)

const (
	minHeadline  = 30  // columns; what follows a title as long as this is a standfirst
	shortTitle   = 20  // columns; a shorter line beside another is a rubric or a section
	maxPlaceDate = 150 // bytes
)

var (
	// What sites put after the titles of their pages.
	siteSuffixRE = regexp.MustCompile(`(?:\s*[_|｜]\s*[^_|｜]{2,40}|\s*[-–—]{1,2}\s*(?:(?i:xinhua|people'?s daily|china daily|global times|english\.news|reuters|afp|efe|ap news|cgtn|bbc)[^-–—]{0,40}|\p{Han}{0,6}(?:网|網|新闻|频道|日报|新华社|门户网站)))+$`)
	placeDateRE  = regexp.MustCompile(`^[（(]?\s*(?:(?:[Dd]one|[Ss]igned|[Ii]ssued|[Aa]dopted|[Hh]echo|[Ff]irmado|[Ff]ait) (?:at|in|en|à)\s+)?(?:г\. )?(?:\p{Lu}[\p{L}.'’-]*(?:[ ,]+(?:de |del |la )?\p{Lu}[\p{L}.'’-]*){0,4}|\p{Han}{2,12}|\p{Arabic}{2,12}(?: \p{Arabic}{2,12}){0,3})?\s*[,，、;]?\s*(?:on |the |el |le |a )*\x00\s*[,，、于在]*\s*(?:\p{Lu}[\p{L}.'’-]*(?:[ ,]+\p{Lu}[\p{L}.'’-]*){0,4}|\p{Han}{2,12}|م(?: \p{Arabic}{2,12})?)?\s*[)）]?[.。]?$`)
)

var (
	// Who issues a text, or what kind of text it is, above its title; and the
	// office and name of a speaker below it.
	issuerRE = whole(
		`(?:the )?(?:(?:ministry|department|embassy|office|government|secretariat|permanent mission) (?:of|for|to)\b[^.:]{0,60}|(?:white house|united nations|european (?:commission|union|council|parliament))(?:\s*[-–—,|].{0,40})?)`,
		`(?:ministerio|embajada|presidencia|gobierno|secretaría|ministère|ambassade|gouvernement|présidence|ministério|embaixada|presidência|governo) (?:del?|da|do|des|du|d['’])[^.:]{0,60}`,
		`(?:the )?(?:rep[úu]blica|republic|république|reino|kingdom|commonwealth|estado|state)(?: (?:[^ .,:]+ )?(?:del?|da|do|of|du)(?: (?:la|el|los|las|the))?(?: [^ .,:]+){1,2})`,
		`(?:joint )?(?:press |news |media )?(?:statements|releases|speeches|remarks|announcements)(?:,? (?:and|&) (?:press |media )?(?:statements|releases|speeches|remarks|transcripts|announcements))?`, `(?:briefing|press|news|media) (?:room|cent(?:er|re)|office)`, `sala de prensa`,
		`(?:cancillería|bundesregierung|auswärtiges amt|bundesministerium .{0,60})(?:\s*[-–—,|].{0,40})?`,
		`(?:for immediate release|(?:joint )?(?:press|news|media) (?:release|statement)|statements?|communiqu[ée]s?(?: de presse)?|comunicado(?: (?:de prensa|oficial))?|nota (?:informativa|de prensa|à imprensa)|pressemitteilung|comunicato stampa|пресс-релиз|新闻稿|新闻公报|新聞公報|新聞稿|政府公报)(?:\s*(?:n[.oº°]{1,2}|#)?\s*[\d/-]+)?`,
		`\p{Han}{0,12}(?:部|委|院|局|署|厅|廳|政府|委员会|委員會|办公室|辦公室|大使馆|大使館)`,
		`\p{Han}{2,16}(?:主席|总统|總統|总理|總理|首相|部长|部長|外长|大使|秘书长|委员长|国务委员)\s+\p{Han}{2,4}`,
	)
	bracketedRE = regexp.MustCompile(`^[（(][^（）()]*[）)]?$`)
	// 国发〔2016〕143号
	docNumberRE = regexp.MustCompile(`^[（(]?\p{Han}{1,10}[〔\[（(【]\d{4}[〕\]）)】]\s*第?\d+[号號][）)]?$`)
)

// chooseTitle returns which line of a head is the title, -1 for none: a title
// that a key names, else the one nearest to the text. A short line beside a
// longer one is a rubric, and the longer of two that say the same is whole. A
// heading of the first level is one for certain. Of two long lines next to each
// other the second is a standfirst, and what follows the place and date below a
// title is no other.
func chooseTitle(lines []line) int {
	if chosen := titleAmong(lines, mayBeTitle); chosen >= 0 {
		return chosen
	}
	return titleAmong(lines, func(text string) bool { return mayBeTitle(text) || issuerRE.MatchString(text) })
}

// titleAmong is chooseTitle among the title lines that may be.
func titleAmong(lines []line, may func(string) bool) int {
	best, adjacent := -1, false
	for i, l := range lines {
		if l.class == classField && l.field.name == fieldTitle {
			return -1
		}
		if l.class == classPlaceDate && best >= 0 {
			break
		}
		if !l.titled() || l.class == classTitle && !may(l.text) {
			adjacent = adjacent && (l.class == classTitle || l.class == classFurniture)
			continue
		}
		if l.level == 1 {
			return i
		}
		if best < 0 || (!adjacent || !standfirst(titleOf(l), titleOf(lines[best]))) && better(titleOf(l), titleOf(lines[best])) {
			best, adjacent = i, true
		}
	}
	return best
}

// standfirst reports whether text, below title, sums the document up: a title
// of some length, and not much shorter than text, has been before it.
func standfirst(text, title string) bool {
	return width(title) >= minHeadline && 5*width(title) >= 3*width(text)
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
	return !issuerRE.MatchString(text) && !docNumberRE.MatchString(text) && !strings.HasPrefix(text, "—") && !bracketedRE.MatchString(text) &&
		!agencyOnly(text) && hostRE.FindString(text) != text
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
	folded := fold(withoutIssuer(text))
	moments := findMoments(folded, true)
	if len(moments) != 1 {
		return nil
	}
	m := moments[0]
	if !placeDateRE.MatchString(weekdayRE.ReplaceAllString(folded[:m.start]+"\x00"+folded[m.end:], "")) {
		return nil
	}
	return &m
}

var besideRE = regexp.MustCompile(`\s[-–—|·]\s`)

// withoutIssuer drops the kind and number of a text that stand beside its place
// and date: "Berlin, 24.08.2021 – Pressemitteilung 112/2021".
func withoutIssuer(text string) string {
	sides := besideRE.Split(text, 2)
	switch {
	case len(sides) < 2:
	case issuerRE.MatchString(sides[1]):
		return sides[0]
	case issuerRE.MatchString(sides[0]):
		return sides[1]
	}
	return text
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
