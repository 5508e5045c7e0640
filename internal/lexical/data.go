package lexical

import (
	_ "embed" // for the word lists
	"slices"
	"strings"
	"unicode/utf8"
)

// The word lists have one folded entry on each line.
var (
	//go:embed data/variants.txt
	variantLines string
	// respeltLines lists marked letters with their spelling in two letters, and the languages in
	// which it counts. Without languages, it counts in all.
	//
	//go:embed data/respelt.txt
	respeltLines string
	//go:embed data/elided.txt
	elidedLines string
	//go:embed data/arabic_articles.txt
	arabicArticleLines string
	//go:embed data/arabic_kept.txt
	arabicKeptLines string
	// hebrewKeptLines lists words that begin with a letter that looks like a Hebrew prefix
	// but is part of the word.
	//
	//go:embed data/hebrew_kept.txt
	hebrewKeptLines string
	//go:embed data/articles.txt
	articleLines string
	// joiningLines lists the words that join the numbers of several articles or codes.
	//
	//go:embed data/joining.txt
	joiningLines string
	//go:embed data/numbers.txt
	numberLines string
	// percentLines lists signs and words for percent.
	//go:embed data/percent.txt
	percentLines string
	// percentBeforeLines lists words for percent that stand before the number.
	//go:embed data/percent_before.txt
	percentBeforeLines string
	// magnitudeLines lists words for thousands and more, each with its number of zeros, and
	// with its language if the word means another number in other languages.
	//go:embed data/magnitudes.txt
	magnitudeLines string
	// numberListLines lists words such as "pages". After them, groups of digits with only
	// spaces between them are different numbers.
	//go:embed data/number_lists.txt
	numberListLines string
	// approximateBeforeLines lists words and signs before a number, and approximateAfterLines
	// those after one, which say that other numbers also fit: "about", "more than".
	//
	//go:embed data/approximate_before.txt
	approximateBeforeLines string
	//go:embed data/approximate_after.txt
	approximateAfterLines string
	//go:embed data/german_parts.txt
	germanPartLines string
	//go:embed data/german_prefixes.txt
	germanPrefixLines string
	//go:embed data/german_suffixes.txt
	germanSuffixLines string
	// germanNounLines lists common nouns that are not parts of compounds, without the names of
	// people and places.
	//
	//go:embed data/german_nouns.txt
	germanNounLines string
	// nameLinkLines lists, by language, the words that may stand between the capitalised
	// words of a name.
	//
	//go:embed data/name_links.txt
	nameLinkLines string
	// personLines lists names of people by language, and the parts of Korean ones.
	//
	//go:embed data/persons.txt
	personLines string
	// cityLines has the names of one city on each line, separated by tabs. They are not folded.
	//
	//go:embed data/cities.txt
	cityLines string
)

var (
	numberListWords   = wordSet(numberListLines)
	approximateBefore = foldedLines(approximateBeforeLines)
	approximateAfter  = foldedLines(approximateAfterLines)
)

// foldedLines returns the lines of a list, folded.
func foldedLines(list string) []string {
	return strings.Split(strings.TrimSpace(fold(list).text), "\n")
}

// percentForms returns expressions for the signs and words for percent, long ones first.
func percentForms() (forms []string) {
	for _, words := range linesOf(fold(percentLines).text) {
		forms = append(forms, strings.Join(words, `\s+`))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return forms
}

func initialsOf(words []string) map[rune]bool {
	initials := map[rune]bool{}
	for _, word := range words {
		first, _ := utf8.DecodeRuneInString(word)
		initials[first] = true
	}
	return initials
}

// finalsOf returns the last letters of words.
func finalsOf(words []string) map[rune]bool {
	finals := map[rune]bool{}
	for _, word := range words {
		last, _ := utf8.DecodeLastRuneInString(word)
		finals[last] = true
	}
	return finals
}

// wordSet returns the words of a list as a set.
func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(words) {
		set[word] = true
	}
	return set
}

// linesOf returns the fields of each non-blank line of a list.
func linesOf(list string) (lines [][]string) {
	for line := range strings.Lines(list) {
		if fields := strings.Fields(line); len(fields) > 0 {
			lines = append(lines, fields)
		}
	}
	return lines
}
