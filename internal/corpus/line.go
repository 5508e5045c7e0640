package corpus

import (
	"html"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

// line is a piece of a file that stands by itself: a physical line, or what
// stands between wide breaks inside one.
type line struct {
	text string // without white space around it
	// gap counts the blank lines before it; a wide break counts as one.
	gap    int
	indent bool
	// kind is what the format of the file says, KindUnknown where it says nothing.
	kind  document.Kind
	level int // of a heading of the format, from 1
	class class
	// reason says why a classFurniture is left out.
	reason string
	stamp  stamp // of a classStamp or classField
	field  field // of a classField
}

const (
	stuckClock  = `(?:\s*\d{1,2}[:：时]\d{2}(?:[:：]\d{2}|分)?)?`
	stuckSource = `(?:\s*来源[:：]\s*[^\s：:。]{2,20})`
)

var (
	entityRE = regexp.MustCompile(`&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});`)
	// A wide break parts Chinese paragraphs; in English, spaces may be justified.
	wideBreakRE = regexp.MustCompile(`[\t ]*(?:\t|　　| {3,})[\t 　]*`)
	// stuckRE finds buttons, and notes of links, stuck to what stands beside them.
	stuckRE = regexp.MustCompile(`[【\[（(]\s*(?:字[体號号]\s*[：:]?\s*(?:[超特]?[大中小](?:号)?\s*)+|打印(?:本页)?|关闭(?:窗口)?|(?:我要)?纠错|推荐|分享|收藏|返回)\s*[】\]）)]|(?:^|[\s\]】）)])(?:打印本页|关闭窗口|我要纠错|收藏本页|返回顶部)|(?:(?:Purchase|Acquire) Licensing Rights)?, opens (?:in )?(?:a )?new (?:tab|window)$`)
	// A date stuck to the end of a title: 2015-05-23 anywhere, 2015年5月23日 only
	// with a time, a source or a button behind it.
	stuckISORE  = regexp.MustCompile(`^(.*[\p{Han}）)”》])\s*((?:19|20)\d{2}(?:-\d{1,2}-\d{1,2}` + stuckClock + stuckSource + `?|年\d{1,2}月\d{1,2}日\s*(?:\d{1,2}[:：时]\d{2}分?` + stuckSource + `?|` + stuckSource + `)))$`)
	stuckDateRE = regexp.MustCompile(`^(.*[\p{Han}）)”》])\s*((?:19|20)\d{2}(?:-\d{1,2}-\d{1,2}|年\d{1,2}月\d{1,2}日)(?:` + stuckClock + stuckSource + `?))$`)
	sentenceRE  = regexp.MustCompile(`^.*[。！？](?:[”』」）)]*)`)
)

// normalize returns text in NFC with "\n" as its only line end besides form
// feeds, without characters that show nothing.
func normalize(text string) string {
	if entityRE.MatchString(text) {
		text = entityRE.ReplaceAllStringFunc(text, html.UnescapeString)
	}
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n\n", "\u0085", "\n", "\v", "\n").Replace(text)
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\f', r == '　':
			return r
		case unicode.Is(unicode.Zs, r):
			return ' '
		case unicode.IsControl(r), r == '\u00AD', r == '\uFEFF', r == '\u200B', r == '\u200E', r == '\u200F', r == '\u2060':
			return -1
		}
		return r
	}, text)
	return norm.NFC.String(strings.ToValidUTF8(text, "\uFFFD"))
}

// scan cuts normalized text into lines.
func scan(text string) []line {
	var lines []line
	gap := 0
	for physical := range strings.SplitSeq(strings.ReplaceAll(text, "\f", "\n\f\n"), "\n") {
		if physical == "\f" {
			lines = append(lines, line{text: "\f", gap: gap})
			gap = 0
			continue
		}
		pieces := breakLine(physical)
		if len(pieces) == 0 {
			gap++
			continue
		}
		indent := strings.IndexFunc(physical, func(r rune) bool { return !unicode.IsSpace(r) }) > 0
		for i, piece := range pieces {
			if i > 0 {
				gap = 1
			}
			lines = append(lines, line{text: piece, gap: gap, indent: indent && i == 0})
		}
		gap = 0
	}
	return lines
}

// breakLine returns the pieces of a physical line, none for a blank one.
func breakLine(physical string) []string {
	var pieces []string
	for _, piece := range wideParts(physical) {
		for _, part := range unstick(piece) {
			if part = squeeze(part); part != "" {
				pieces = append(pieces, part)
			}
		}
	}
	return pieces
}

// wideParts cuts a physical line at wide breaks, but not after an article
// number ("第三条　　双方", "4.\tBoth") and not inside a justified sentence.
func wideParts(s string) []string {
	s = spacedKeyRE.ReplaceAllStringFunc(strings.TrimSpace(s), closeKey)
	s = alignedKeyRE.ReplaceAllString(s, "$1: ")
	var parts []string
	start := 0
	found := wideBreakRE.FindAllStringIndex(s, -1)
	for i, at := range found {
		before, after := s[start:at[0]], s[at[1]:]
		if i+1 < len(found) {
			after = s[at[1]:found[i+1][0]]
		}
		if _, size, ok := chunk.LeadingNumber(before); ok && size == len(before) {
			continue
		}
		if !breaks(before, after) || keyAlone(before) {
			continue
		}
		parts = append(parts, before)
		start = at[1]
	}
	return append(parts, s[start:])
}

// spacedKeyRE finds keys that were spread to one width: "标　　题：", "索 引 号：".
var spacedKeyRE = regexp.MustCompile(`(?:^|[\t ])\p{Han}(?:[ 　]+\p{Han}){1,4}[ 　]*[:：]`)

// alignedKeyRE finds keys whose colons stand in one column: "TITLE   :  ".
var alignedKeyRE = regexp.MustCompile(`^(\p{L}[\p{L} _-]{0,24}?)\s{2,}[:：]\s*`)

// closeKey takes the space out of a spread key, and leaves other words alone.
func closeKey(key string) string {
	closed := strings.Join(strings.Fields(key), "")
	if fieldKeys[strings.TrimRight(closed, ":：")] == fieldNone {
		return key
	}
	if strings.HasPrefix(key, "\t") || strings.HasPrefix(key, " ") {
		closed = key[:1] + closed
	}
	return closed
}

// keyAlone reports whether s is the key of a header whose value follows.
func keyAlone(s string) bool {
	if last, _ := utf8.DecodeLastRuneInString(s); last != ':' && last != '：' {
		return false
	}
	f, ok := parseField(s)
	return ok && f.value == "" && f.name != fieldBody
}

// breaks reports whether a wide break between two pieces parts paragraphs.
func breaks(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	if isCJK(last) || isCJK(next) || endsSentence(before) || furnitureReason(after) != "" {
		return true
	}
	return !unicode.IsLower(next) && !strings.ContainsRune(",;", last)
}

// unstick cuts buttons, and titles and dates stuck to their neighbours, out of
// a piece: "…出席。联合声明（全文）2015-05-23[字体：大 中 小]".
func unstick(piece string) []string {
	found := stuckRE.FindAllStringIndex(piece, -1)
	if found == nil {
		return unstickDate(piece, stuckISORE)
	}
	var parts []string
	start := 0
	for _, at := range found {
		parts = append(append(parts, unstickDate(piece[start:at[0]], stuckDateRE)...), piece[at[0]:at[1]])
		start = at[1]
	}
	return append(parts, piece[start:])
}

func unstickDate(piece string, date *regexp.Regexp) []string {
	m := date.FindStringSubmatch(strings.TrimSpace(piece))
	if m == nil {
		return []string{piece}
	}
	body := sentenceRE.FindString(m[1])
	title := strings.TrimSpace(m[1][len(body):])
	if title == "" {
		return []string{piece}
	}
	return []string{body, title, m[2]}
}

// squeeze returns s with each run of white space as one space and none around.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }

func isCJK(r rune) bool {
	return r >= 0x2E80 && r <= 0x9FFF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFF00 && r <= 0xFFEF || r >= 0x20000 && r <= 0x3FFFF
}

// width returns how many columns s takes, East Asian characters two each.
func width(s string) int {
	n := 0
	for _, r := range s {
		n++
		if isCJK(r) || r >= 0xAC00 && r <= 0xD7A3 {
			n++
		}
	}
	return n
}

var (
	sentenceEndRE  = regexp.MustCompile(`[.!?。！？…．]["'”’»）)\]』」]*$`)
	abbreviationRE = regexp.MustCompile(`(?:^|[\s(.])(?:[A-HJ-UWYZ]|Mr|Mrs|Ms|Dr|St|No|Nos|vs|Inc|Ltd|Co|Corp|Jr|Sr|Art|Gen|Sen|Rep|Gov|[A-Z]\.[A-Z])\.$`)
)

// endsSentence reports whether s ends as a sentence does.
func endsSentence(s string) bool {
	s = strings.TrimSpace(s)
	return sentenceEndRE.MatchString(s) && !abbreviationRE.MatchString(s)
}

// ends reports whether s ends with a mark after which a line is complete.
func ends(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(s))
	return endsSentence(s) || strings.ContainsRune(":：;；", last)
}
