package corpus

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/accord-search/accord/internal/document"
)

const maxStamp = 300 // bytes

// stamp is what a line such as "Updated: November 17, 2023 Source: Xinhua News
// Agency" says about a document.
type stamp struct {
	moments []moment
	updated bool   // the only date is a later one than that of publication
	source  string // as written
	rich    bool   // names more than a date: a time, a source, a site
	title   string // a title on the same line
}

var (
	stampSourceRE = regexp.MustCompile(`(?i)(?:sources?|来源|來源|稿源|信息来源|文章来源|稿件来源|fuente|quelle)\s*[:：]\s*([^|｜\n\t]*?)\s*(?:$|[|｜\x00【\[]|\s(?:editor|author|by|updated|published|date|fecha|autor)\b|\s(?:作者|编辑|责任编辑|责编|记者|字号|字体|发布|更新|发表|时间|日期|浏览|点击|阅读)|\s\p{Han}{2,5}[:：])`)
	stampNoiseRE  = regexp.MustCompile(`(?i)(?:(?:web )?editors?|author|by|作者|责任编辑|责编|编辑|记者|浏览次数|浏览量|点击数?|阅读量?|字号|字体|views?|autor|por|par)\s*[:：]\s*[^|｜\x00]*`)
	stampLabelRE  = regexp.MustCompile(`(?i)(?:\b(?:first )?(?:published|publish(?:ed)? (?:date|time)|posted|created|issued|release[d]?|last (?:updated|modified)|updated|date|time|publicad[oa]|actualizad[oa]|atualizad[oa]|fecha|data|pubblicato|publicato|publi[eé]e?|mise? à jour|modifi[eé]e?|stand|datum|veröffentlicht|aktualisiert|dated)(?:\s+(?:on|at|el|le|em|am|il)\b)?,?|(?:发布|發布|發佈|发表|發表|发稿|發稿|更新|最新更新)?(?:时间|時間|日期)|发布于|发表于|发布|更新|最新更新|опубликовано|обновлено|дата|نشر في)\s*(?:[:：]|(\x00))`)
	// A label without a date behind it, such as "Updated 2 hours ago".
	bareLabelRE = regexp.MustCompile(`(?i)^(?:(?:first |last )?(?:published|posted|updated|modified|issued|released)(?: on)?|发布|更新|发布时间|publicado|actualizado|publié|modifié)$`)
	updatedRE   = regexp.MustCompile(`(?i)updated|modified|actualizad|mise? à jour|modifi|更新`)
	publishedRE = regexp.MustCompile(`(?i)publi|posted|created|issued|发布|發布|发表|发稿`)
	weekdayRE   = regexp.MustCompile(`(?i)\b(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?|(?:星期|周)[一二三四五六日天]|\b(?:lunes|martes|miércoles|jueves|viernes|sábado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|segunda|terça|quarta|quinta|sexta)(?:-feira)?\b,?|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|lunedì|martedì|mercoledì|giovedì|venerdì|domenica)\b,?|\buhr\b|года|г\.|\b(?:GMT|UTC)\b|\b\d+ (?:year|month|week|day|hour|minute)s? ago\b`)
	hostRE      = regexp.MustCompile(`(?i)\b(?:https?://)?((?:[a-z0-9-]+\.)+(?:com|cn|org|net|gov|int|edu|info|news|pe|es|fr|mx|cl|ar|br|uk|us|hk|tw|eu|de)(?:\.[a-z]{2})?)(?:/\S*)?`)
	agencyRE    = regexp.MustCompile(`(?i)\b(?:Bernama|Antara|Interfax|Al Jazeera|Europa Press|Xinhua(?: News Agency|net)?|People'?s Daily(?: Online)?|China Daily|Global Times|CGTN|AFP|Reuters|EFE|Agencia EFE|AP|Associated Press|Andina|TASS|Kyodo(?: News)?|dpa|ANSA|Notimex|Télam|Bloomberg|Yonhap|Agência Brasil|Lusa|Prensa Latina|DPA|UN News)\b|(?:ТАСС|РИА Новости|Интерфакс)|新华社|新华网|新华每日电讯|人民网|人民日报(?:海外版)?|中新社|中新网|中国新闻网|央视网|央视新闻|中国政府网|外交部网站|中国日报|光明日报|环球网|中央社|路透社|法新社|埃菲社`)
	// \x00 stands for the date. Prose such as "signed on 15 November 2024" is no
	// title and date: a mark parts them, or the date is written as 2024-11-15.
	dateTitleRE = regexp.MustCompile(`^\s*(?:(?i:date|日期|时间|fecha)\s*[:：]?\s*)?\x00\s*[|:–—-]?\s+(\S.*)$`)
	titleDateRE = regexp.MustCompile(`^(.*\S)(?:\s+|\s*[|–—(-]\s*)\x00\s*\)?\s*$`)
)

// parseStamp reads a line that says when, and perhaps by whom, a document was
// published, and nothing else but perhaps its title.
func parseStamp(text string, dayFirst bool) (stamp, bool) {
	if len(text) > maxStamp {
		return stamp{}, false
	}
	folded := fold(text)
	moments := findMoments(folded, dayFirst)
	if len(moments) == 0 || len(moments) > 3 {
		return stamp{}, false
	}
	s := stamp{moments: slices.Clone(moments)}
	s.preferPublished(folded)
	if titled, ok := s.withTitle(text, folded); ok {
		return titled, true
	}
	rest := folded
	for i := len(moments) - 1; i >= 0; i-- {
		rest = rest[:moments[i].start] + "\x00" + rest[moments[i].end:]
	}
	if m := stampSourceRE.FindStringSubmatchIndex(rest); m != nil {
		s.source = unfold(text, folded, strings.Trim(rest[m[2]:m[3]], " ,;()"))
		rest = rest[:m[0]] + "|" + rest[m[3]:]
	}
	rest = stampNoiseRE.ReplaceAllString(rest, "|")
	rest = weekdayRE.ReplaceAllString(rest, " ")
	rest = stampLabelRE.ReplaceAllString(rest, "|$1")
	rest = stuckRE.ReplaceAllString(rest, " ")
	host := hostRE.FindString(rest)
	rest = strings.Replace(rest, host, " ", 1)
	if name := agencyRE.FindString(rest); name != "" && width(rest)-width(name) < 40 {
		if s.source == "" {
			s.source = name
		}
		rest = strings.Replace(rest, name, " ", 1)
	}
	s.rich = s.source != "" || host != "" || moments[0].precision > document.PrecisionDate || strings.Contains(rest, "|")
	if settled, ok := s.settle(rest); ok {
		return settled, true
	}
	return s, s.loose(rest)
}

const (
	maxLoose = 70 // columns beside the date of a date line that says more
	minBars  = 2  // from which bars make a date line of any line with a date
)

// loose reports whether what is left beside the date of a short line leaves it
// a date line: one with a time of day, or a label before the date, or several
// bars, whatever place, byline or rubric it gives as well.
func (s *stamp) loose(rest string) bool {
	rest = squeeze(rest)
	labelled := strings.HasPrefix(rest, "|")
	bars := strings.Count(rest, "|") + strings.Count(rest, "｜")
	if width(rest) > maxLoose && bars < minBars || endsSentence(rest) || s.moments[0].precision == document.PrecisionDate && !labelled && bars < minBars {
		return false
	}
	s.rich = true
	return true
}

// preferPublished puts the date of publication first where a line gives both.
func (s *stamp) preferPublished(folded string) {
	before := 0
	for i, m := range s.moments {
		label := folded[before:m.start]
		if i > 0 && publishedRE.MatchString(label) {
			s.moments[0], s.moments[i] = s.moments[i], s.moments[0]
			s.updated = false
			return
		}
		if i == 0 {
			s.updated = updatedRE.MatchString(label)
		}
		before = m.end
	}
}

// settle decides by what is left of the line once all that a stamp may say is
// taken away: nothing, or the short name of a publisher beside a bar.
func (s stamp) settle(rest string) (stamp, bool) {
	var left []string
	for piece := range strings.FieldsFuncSeq(rest, func(r rune) bool { return strings.ContainsRune("|｜·•\x00", r) }) {
		if piece = strings.Trim(piece, " ,，;.()（）[]【】-–—:：<>《》/"); piece != "" && !bareLabelRE.MatchString(piece) && furnitureReason(piece) == "" {
			left = append(left, piece)
		}
	}
	switch {
	case len(left) == 0:
		return s, true
	case len(left) == 1 && strings.ContainsAny(rest, "|｜·•") && width(left[0]) <= 40:
		if s.source == "" {
			s.source = left[0]
		}
		s.rich = true
		return s, true
	}
	return stamp{}, false
}

// withTitle reads "date 2024-11-15 Title" and "Title (2024-11-15)".
func (s stamp) withTitle(text, folded string) (stamp, bool) {
	m := s.moments[0]
	if len(s.moments) != 1 {
		return s, false
	}
	line := folded[:m.start] + "\x00" + folded[m.end:]
	iso := strings.Count(folded[m.start:min(m.start+8, len(folded))], "-") > 0
	labelled := m.start > 0
	for _, re := range []*regexp.Regexp{dateTitleRE, titleDateRE} {
		at := re.FindStringSubmatchIndex(line)
		if at == nil {
			continue
		}
		title := line[at[2]:at[3]]
		parted := strings.Trim(line[:at[2]]+line[at[3]:], " \x00") != ""
		if !iso && !parted && !labelled || !titleLike(title) || hangingRE.MatchString(title) || len(strings.Fields(title)) < 3 && countHan(title) < 8 || stampSourceRE.MatchString(line) {
			continue
		}
		s.title = unfold(text, folded, title)
		return s, s.title != "" && agencyRE.FindString(title) != title
	}
	return s, false
}

// unfold returns a piece of a folded line as the line has it: folding keeps the
// number of characters.
func unfold(text, folded, piece string) string {
	at := strings.Index(folded, piece)
	if at < 0 {
		return piece
	}
	from := utf8.RuneCountInString(folded[:at])
	runes := []rune(text)
	return squeeze(string(runes[from : from+utf8.RuneCountInString(piece)]))
}
