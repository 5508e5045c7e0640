package prose

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

var (
	sentenceGapRE = regexp.MustCompile(`[.!?][”"’)]*\s+\p{Lu}|[。！？]`)
	shortDotRE    = regexp.MustCompile(`\b(?:\p{L}{1,4})\.\s`)
)

// Sentences estimates how many sentences text has.
func Sentences(text string) int {
	text = shortDotRE.ReplaceAllString(text, " ")
	return 1 + len(sentenceGapRE.FindAllString(strings.TrimRight(text, "。.!?！？ ”\"’)）"), -1))
}

var (
	sentenceEndRE  = regexp.MustCompile(`[.!?。！？…．]["'”’»）)\]』」]*$`)
	abbreviationRE = regexp.MustCompile(`(?:^|[\s(.])(?:[A-HJ-UWYZ]|Mr|Mrs|Ms|Dr|St|No|Nos|vs|Inc|Ltd|Co|Corp|Jr|Sr|Art|Gen|Sen|Rep|Gov|[A-Z]\.[A-Z])\.$`)
)

// EndsSentence reports whether s ends as a sentence does.
func EndsSentence(s string) bool {
	s = strings.TrimSpace(s)
	return sentenceEndRE.MatchString(s) && !abbreviationRE.MatchString(s)
}

// Ends reports whether s ends with a mark after which a line is complete.
func Ends(s string) bool {
	last, _ := utf8.DecodeLastRuneInString(strings.TrimSpace(s))
	return EndsSentence(s) || strings.ContainsRune(":：;；", last)
}

// EndsAbbreviated reports whether s ends with an abbreviation: "Art.", "Mr.".
func EndsAbbreviated(s string) bool { return abbreviationRE.MatchString(s) }

// hangingRE matches lines after which a sentence must go on.
var hangingRE = regexp.MustCompile(`(?:[\p{Han}][，、]|(?:^|\s)(?i:in|of|the|to|and|or|by|with|under|an?|for|from|on|at|as|between|de|del|la|el|los|las|y|en|con|por|para|según|du|des|les?|et|à|aux?))$`)

// Hangs reports whether the sentence that text ends with must go on.
func Hangs(text string) bool { return hangingRE.MatchString(text) }
