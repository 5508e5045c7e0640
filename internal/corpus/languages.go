package corpus

import (
	"strings"
	"unicode"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/language"
)

const (
	// maxDetected is the number of documents of a file whose languages are detected one by
	// one, which takes a millisecond for a short text. In each later piece, only a sample
	// of the documents is detected. If nearly all of the sample, and nearly all documents
	// detected so far, have the same language, all documents of the piece get it.
	maxDetected = 2000
	sampled     = 50
	agreed      = 0.98
	// A short text that fits several languages gets the language of the file. A file has one
	// if the languages of at least half of its texts, and of at least minKnown texts, are
	// clear, and if the share of these texts with the same language is at least neighbours.
	// The numbers are choices, not measurements.
	minKnown   = 3
	neighbours = 0.9
)

// languages sets the languages of the documents of a file that do not say theirs.
type languages struct {
	found    census // documents whose language is set, by the file or by detection
	detected census // documents that were detected as part of a sample, or because they were few
	asked    int    // number of documents in detected
}

// set sets the languages of the documents of a piece. A short text that fits several
// languages gets that of the others, if that is clear. If there are too many documents, and
// a sample is not in one language, it leaves them to the server.
func (l *languages) set(documents []document.Document) {
	if l.found == nil {
		l.found, l.detected = census{}, census{}
	}
	var silent []*document.Document
	for i := range documents {
		if documents[i].LanguageCode == "" {
			silent = append(silent, &documents[i])
		} else {
			l.found[documents[i].LanguageCode]++
		}
	}
	if len(silent) <= sampled || l.asked+len(silent) <= maxDetected {
		l.setEach(silent)
		return
	}
	if l.detected.language(agreed) == "" { // the texts so far are in several languages, so the server detects these
		l.detected[language.DetectDocument(silent[len(silent)/2].Text)]++
		l.asked++
		return
	}
	sample := census{}
	for i := range sampled {
		tag := language.DetectDocument(silent[i*len(silent)/sampled].Text)
		sample[tag]++
		l.detected[tag]++
	}
	l.asked += sampled
	if most := sample.language(agreed); most != "" && most == l.detected.language(agreed) {
		for _, d := range silent {
			d.LanguageCode = most
		}
	}
}

// setEach detects the language of each document.
func (l *languages) setEach(silent []*document.Document) {
	for _, d := range silent {
		d.LanguageCode = language.DetectDocument(d.Text)
		l.found[d.LanguageCode]++
		l.detected[d.LanguageCode]++
	}
	l.asked += len(silent)
	if most := l.found.language(neighbours); most != "" {
		for _, d := range silent {
			if d.LanguageCode == language.Unknown && strings.ContainsFunc(d.Text, unicode.IsLetter) {
				d.LanguageCode = most
			}
		}
	}
}

// census counts the texts of a file by language.
type census map[string]int

// language returns the language that at least the given share of the texts with a clear language
// have. It returns "" if there is none, or if the languages of too few texts are clear.
func (c census) language(share float64) string {
	known, most := 0, ""
	for tag, n := range c {
		if tag == language.Unknown {
			continue
		}
		if known += n; n > c[most] {
			most = tag
		}
	}
	if known < minKnown || known < c[language.Unknown] || float64(c[most]) < share*float64(known) {
		return ""
	}
	return most
}
