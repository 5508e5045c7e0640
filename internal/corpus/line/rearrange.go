package line

import (
	"strings"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/corpus/dateline"
	"github.com/accord-search/accord/internal/corpus/datetime"
	"github.com/accord-search/accord/internal/corpus/furniture"
	"github.com/accord-search/accord/internal/corpus/header"
	"github.com/accord-search/accord/internal/corpus/pattern"
	"github.com/accord-search/accord/internal/corpus/prose"
	"github.com/accord-search/accord/internal/corpus/titles"
	"github.com/accord-search/accord/internal/document"
)

// rearrange splits lines with several headers, and lines with a sentence and a title. It
// joins stamps and headers that take two lines.
func rearrange(lines []Line) []Line { return joinPieces(splitTitles(splitFields(lines))) }

// joinPieces joins stamps and headers that take two lines.
func joinPieces(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		if last := len(out) - 1; last >= 0 && completes(out[last].Text, l) {
			out[last].Text += " " + l.Text
			continue
		}
		out = append(out, l)
	}
	return out
}

// completes reports whether l is the rest of the line above it: a date below a label or the
// name of an agency, the time of day below a date, or the value below a key.
func completes(above string, l Line) bool {
	if l.Gap > 1 || l.Kind != document.KindUnknown || len(l.Text) > dateline.MaxStamp || len(above) > dateline.MaxStamp {
		return false
	}
	begun := len(above) <= maxPiece && dateline.OpensStamp(above)
	timed := len(l.Text) <= maxPiece && datetime.IsClock(prose.Fold(l.Text))
	return begun && dateline.IsBareDate(l.Text) || timed && dateline.IsBareDate(above) ||
		l.Gap == 0 && isKeyAlone(above) && (titles.LooksLike(l.Text) || dateline.IsBareDate(l.Text))
}

// beginsText reports whether text is a stamp, or an article with a label that the file
// already had.
func beginsText(text string, seen map[string]bool) bool {
	if label, _, ok := chunk.LeadingNumber(text); ok {
		return seen[label]
	}
	s, ok := dateline.ParseStamp(text, datetime.Style{DayFirst: true})
	return ok && s.Rich
}

const (
	maxHeaders = 1000 // number of bytes at the start of a line that are searched for headers
	maxPiece   = 60   // maximum length in bytes of a label, an agency's name or a time of day
)

// keyRE finds possible keys inside a line.
var keyRE = pattern.MustCompile(`(?:^|[\s|｜,，;；\[【])([\p{L}]+(?: \p{L}+)?)\s*[:：]`)

// splitFields splits lines with several headers: "标题：… 日期：… 来源：…".
func splitFields(lines []Line) []Line {
	var out []Line
	for _, l := range lines {
		starts := fieldStarts(l.Text)
		if len(starts) == 0 {
			out = append(out, l)
			continue
		}
		for i, start := range starts {
			end := len(l.Text)
			if i+1 < len(starts) {
				end = starts[i+1]
			}
			piece := l
			piece.Text = strings.Trim(l.Text[start:end], " |｜,，;；[]【】")
			if i > 0 {
				piece.Gap = 0
			}
			out = append(out, piece)
		}
	}
	return out
}

// fieldStarts returns the offsets of the headers in a line that begins with a header and
// has at least two. It returns nil for other lines, and for stamps.
func fieldStarts(text string) []int {
	if strings.Count(text, ":")+strings.Count(text, "：") < 2 {
		return nil
	}
	var starts []int
	found := map[header.Key]bool{}
	for _, at := range keyRE.FindAllStringSubmatchIndex(text[:min(len(text), maxHeaders)], -1) {
		key := strings.ToLower(strings.ReplaceAll(text[at[2]:at[3]], " ", ""))
		name := header.KeyOf(key)
		if name == header.None || found[name] {
			continue
		}
		starts = append(starts, at[2])
		found[name] = true
	}
	if len(starts) < 2 || strings.Trim(text[:starts[0]], " [【") != "" {
		return nil
	}
	if _, stamped := dateline.ParseStamp(text, datetime.Style{DayFirst: true}); stamped && !found[header.Title] {
		return nil
	}
	return starts
}

// splitTitles splits a line into a sentence and the title of the next document, if a stamp
// follows or the numbers of articles start again: "…克制。某国外交部声明", "一、…".
func splitTitles(lines []Line) []Line {
	var out []Line
	seen := map[string]bool{} // labels of the articles so far
	for i, l := range lines {
		if label, _, ok := chunk.LeadingNumber(l.Text); ok {
			seen[label] = true
		}
		at := -1
		if i+1 < len(lines) && l.Kind == document.KindUnknown && !prose.EndsSentence(l.Text) && beginsText(lines[i+1].Text, seen) {
			at = titleBehind(l.Text)
		}
		if at < 0 {
			out = append(out, l)
			continue
		}
		sentence, title := l, l
		sentence.Text, title.Text = strings.TrimSpace(l.Text[:at]), l.Text[at:]
		title.Gap = 1
		out = append(out, sentence, title)
		seen = map[string]bool{}
	}
	return out
}

// minRunOn is the minimum width in columns of a title after a sentence, and of the
// sentence. Shorter pieces are sign-offs and abbreviations.
const minRunOn = 12

var runOnRE = pattern.MustCompile(`^.*(?:[。！？][”』」）)]*|\p{Ll}{2}[.!?]["”)]*\s*)`)

// titleBehind returns the offset of the title after the last sentence of text, or -1.
func titleBehind(text string) int {
	at := len(runOnRE.FindString(text))
	if tail := text[at:]; prose.Width(text[:at]) < minRunOn || !prose.EndsSentence(text[:at]) || prose.Width(tail) < minRunOn || !titles.LooksLike(tail) || furniture.Reason(tail) != "" {
		return -1
	}
	return at
}
