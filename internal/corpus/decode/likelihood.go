package decode

import (
	"bytes"
	_ "embed" // for the alphabets
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

//go:embed alphabets.txt
var alphabetTable string

// alphabet holds the letters of a language beyond ASCII, and the encodings of its texts.
type alphabet struct {
	encodings []string
	values    map[rune]float64 // points of each letter; the commonest has the most
	latin     bool
}

// Points for a character beyond ASCII. Their mean over a text decides.
const (
	commonest = 4.0  // the commonest letter
	rarest    = -2.0 // the rarest letter
	foreign   = -5.0 // not a letter of the language
	misplaced = -4.0 // a capital after a small letter; a letter of another script next to an ASCII letter
	crowded   = -2.0 // two letters beyond ASCII of a Latin alphabet side by side
	rare      = 1.0  // subtracted from the points of the DOS and Macintosh encodings
)

var charmaps = map[string]encoding.Encoding{
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252, "windows-1253": charmap.Windows1253,
	"windows-1254": charmap.Windows1254, "windows-1255": charmap.Windows1255, "windows-1256": charmap.Windows1256, "windows-1257": charmap.Windows1257,
	"windows-1258": charmap.Windows1258, "windows-874": charmap.Windows874, "iso-8859-2": charmap.ISO8859_2, "iso-8859-5": charmap.ISO8859_5,
	"iso-8859-6": charmap.ISO8859_6, "iso-8859-7": charmap.ISO8859_7, "iso-8859-8": charmap.ISO8859_8, "iso-8859-13": charmap.ISO8859_13,
	"iso-8859-16": charmap.ISO8859_16, "koi8-r": charmap.KOI8R, "koi8-u": charmap.KOI8U, "ibm852": charmap.CodePage852, "ibm866": charmap.CodePage866,
	"macintosh-cyrillic": charmap.MacintoshCyrillic,
}

var alphabets = sync.OnceValue(func() []alphabet {
	var all []alphabet
	for row := range strings.Lines(alphabetTable) {
		fields := strings.Fields(row)
		if len(fields) != 3 || fields[0] == "#" {
			continue
		}
		letters := []rune(fields[2])
		a := alphabet{encodings: strings.Split(fields[1], ","), values: map[rune]float64{}, latin: unicode.In(letters[0], unicode.Latin, unicode.Mn)}
		for i, r := range letters {
			a.values[r] = commonest + (rarest-commonest)*float64(i)/float64(len(letters))
		}
		all = append(all, a)
	}
	return all
})

// reading is a text as decoded from one single-byte encoding.
type reading struct {
	encoding string
	text     string
	points   float64 // mean for each character beyond ASCII
}

// maxLikelihood is the maximum number of bytes that readings decodes in each encoding.
const maxLikelihood = 16 << 10

// readings decodes a sample of data in all single-byte encodings, and returns the results,
// the likeliest first. Encodings that give the same text count as one reading.
func readings(data []byte) []reading {
	var sample []byte
	for l := range bytes.Lines(data) {
		if bytes.ContainsFunc(l, func(r rune) bool { return r >= 0x80 }) {
			sample = append(sample, l[:min(len(l), maxLikelihood-len(sample))]...)
		}
		if len(sample) == maxLikelihood {
			break
		}
	}
	texts := map[string][]rune{}
	for name, from := range charmaps {
		text, _ := from.NewDecoder().Bytes(sample) // charmaps decode every byte
		texts[name] = []rune(string(text))
	}
	var found []reading
	for _, a := range alphabets() {
		for _, name := range a.encodings {
			r := reading{encoding: name, text: string(texts[name]), points: a.points(texts[name])}
			if strings.HasPrefix(name, "ibm") || strings.HasPrefix(name, "mac") {
				r.points -= rare
			}
			if i := slices.IndexFunc(found, func(o reading) bool { return o.text == r.text }); i < 0 {
				found = append(found, r)
			} else if found[i].points < r.points {
				found[i].points = r.points
			}
		}
	}
	slices.SortStableFunc(found, func(a, b reading) int {
		if a.points > b.points {
			return -1
		} else if a.points < b.points {
			return 1
		}
		return 0
	})
	return found
}

// points returns how well text fits the alphabet: the mean points of its characters beyond
// ASCII.
func (a alphabet) points(text []rune) float64 {
	sum, count := 0.0, 0
	for i, r := range text {
		if r < 0x80 {
			continue
		}
		count++
		before, after := ' ', ' '
		if i > 0 {
			before = text[i-1]
		}
		if i+1 < len(text) {
			after = text[i+1]
		}
		sum += a.value(r, before, after)
	}
	return sum / float64(max(count, 1))
}

// value returns the points of r, which stands between the characters before and after.
func (a alphabet) value(r, before, after rune) float64 {
	inWord := unicode.IsLetter(before) && unicode.IsLetter(after)
	value, ok := a.values[r]
	if !ok {
		value, ok = a.values[unicode.ToLower(r)]
	}
	ascii := func(r rune) bool { return r < 0x80 && unicode.IsLetter(r) }
	switch {
	case !ok && !inWord && r != unicode.ReplacementChar && !unicode.IsControl(r) && !unicode.IsLetter(r):
		return 0 // punctuation or a symbol
	case !ok:
		return foreign
	case unicode.IsUpper(r) && unicode.IsLower(before), !a.latin && (ascii(before) || ascii(after)):
		return misplaced
	case a.latin && before >= 0x80 && unicode.IsLetter(before) && !unicode.Is(unicode.Mn, r):
		return crowded
	}
	return value
}
