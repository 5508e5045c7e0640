package lexical

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numberTermRE matches the terms of numbers, versions and percentages, but not of dates.
var numberTermRE = regexp.MustCompile(`^[0-9]+(?:\.[0-9]+)*%?$`)

// codeTermRE matches the terms of codes, which have letters and digits.
var codeTermRE = regexp.MustCompile(`^[\pL\pM0-9]+$`)

// longestBeside is the maximum number of bytes between a number and the word beside it, and
// longestBetween that between two numbers of a range or list, such as "1990 and 2000".
// longestCounter is the maximum number of bytes of a word that counts things, such as 名.
const longestBeside, longestBetween, longestCounter = 24, 8, 6

// quantity is a number or code in a text with the words beside it.
type quantity struct {
	Term
	letters       string // letters of a code
	year          bool   // whether it is written like a year
	before, after string // terms of the words beside it, or ""
}

// HasOtherNumber reports whether a text lacks a number of a question and has another one in its
// place: "18,501 inhabitants" for "18,500 inhabitants". lacking has the terms of the
// question's numbers that the text lacks. Its values report whether all other texts lack
// them too. Then any number of the same form is in its place, even beside other words. Numbers
// after words such as "about" and "before" do not count, nor do single digits and ranges.
func HasOtherNumber(question, text, language string, lacking map[int32]bool) bool {
	terms := QueryTerms(question, language)
	asked := quantitiesIn(terms, question)
	var others []quantity
	for i, a := range asked {
		everywhere, lacks := lacking[a.ID()]
		if !lacks || a.letters == "" && len(a.Text) == 1 || isInRange(asked, i) || isApproximate(question, a) {
			continue
		}
		if others == nil {
			others = slices.DeleteFunc(quantitiesIn(Terms(text, language), text), func(o quantity) bool {
				return slices.ContainsFunc(terms, func(t Term) bool { return t.Text == o.Text })
			})
		}
		if slices.ContainsFunc(others, func(o quantity) bool { return a.isReplacedBy(o, everywhere) }) {
			return true
		}
	}
	return false
}

// isReplacedBy reports whether another number is in the place of q: a code with the same
// letters, or a number beside the same word. If everywhere is true, a number of the same form
// is enough.
func (q quantity) isReplacedBy(other quantity, everywhere bool) bool {
	if q.letters != other.letters {
		return false
	}
	sameKind := q.year == other.year && isVersion(q.Text) == isVersion(other.Text)
	switch {
	case q.letters != "":
		return true
	case q.after != "" && q.after == other.after, sameKind && q.before != "" && q.before == other.before:
		return true
	}
	return everywhere && sameKind && (isVersion(q.Text) || numberForm(q.Text) == numberForm(other.Text))
}

// isVersion reports whether a number has at least two points.
func isVersion(number string) bool { return strings.Count(number, ".") > 1 }

// numberForm returns a number with zeros as its digits, and at most one decimal.
func numberForm(number string) string {
	whole, decimals, _ := strings.Cut(number, ".")
	form := strings.Repeat("0", len(strings.TrimSuffix(whole, "%")))
	if decimals != "" {
		form += ".0"
	}
	if strings.HasSuffix(number, "%") {
		form += "%"
	}
	return form
}

// quantitiesIn returns the numbers and codes among the terms of a text.
func quantitiesIn(terms []Term, text string) (list []quantity) {
	for i, t := range terms {
		number := numberTermRE.MatchString(t.Text)
		if t.Part || !number && (!codeTermRE.MatchString(t.Text) || !strings.ContainsFunc(t.Text, unicode.IsDigit)) {
			continue
		}
		q := quantity{Term: t, before: wordBefore(terms[:i], t, text), after: wordAfter(terms[i+1:], t, text)}
		q.year = yearRE.MatchString(text[t.Start:t.End])
		if !number {
			q.letters = strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return -1
				}
				return r
			}, t.Text)
		}
		list = append(list, q)
	}
	return list
}

// wordBefore returns the longest term that ends nearest before a number, or "".
func wordBefore(terms []Term, number Term, text string) string {
	best := Term{}
	for i := len(terms) - 1; i >= 0 && number.Start-terms[i].Start <= 2*longestBeside; i-- {
		if t := terms[i]; !t.Part && t.End <= number.Start && t.End >= best.End {
			best = t // terms are ordered by start, so the longest comes last here
		}
	}
	return wordBeside(best, text[best.End:number.Start])
}

// wordAfter returns the longest term that begins nearest after a number, or "".
func wordAfter(terms []Term, number Term, text string) string {
	best := Term{Start: len(text)}
	for _, t := range terms {
		if t.Start > best.Start {
			break
		}
		if !t.Part && t.Start >= number.End {
			best = t
		}
	}
	return wordBeside(best, text[min(number.End, best.Start):best.Start])
}

// wordBeside returns the text of a term if only a few letters without the end of a sentence are
// between it and a number, and if it has no digits.
func wordBeside(t Term, between string) string {
	if len(between) > longestBeside || strings.ContainsAny(between, ".!?;:\n。！？；：") || strings.ContainsFunc(t.Text, unicode.IsDigit) {
		return ""
	}
	return t.Text
}

// isInRange reports whether another number is near the number at an index.
func isInRange(numbers []quantity, i int) bool {
	for _, o := range numbers {
		before, after := o.End <= numbers[i].Start && numbers[i].Start-o.End <= longestBetween, o.Start >= numbers[i].End && o.Start-numbers[i].End <= longestBetween
		if before || after {
			return true
		}
	}
	return false
}

// longestApproximate is the number of bytes beside a number in which isApproximate looks for words.
const longestApproximate = 48

// isApproximate reports whether a word beside a number of a question says that other numbers
// also fit.
func isApproximate(question string, q quantity) bool {
	before := fold(question[max(0, q.Start-longestApproximate):q.Start]).text
	after := fold(question[q.End:min(len(question), q.End+longestApproximate)]).text
	return endsWithWordOf(strings.TrimRightFunc(before, isBlank), approximateBefore) ||
		beginsWithWordOf(strings.TrimLeftFunc(after, isBlank), approximateAfter)
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || r == '$' || r == '€' || r == '£' }

// endsWithWordOf reports whether a text ends with one of the words.
func endsWithWordOf(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		rest, ok := strings.CutSuffix(text, word)
		last, _ := utf8.DecodeLastRuneInString(rest)
		return ok && (!isSpelt(last) || isUnspacedText(word))
	})
}

// beginsWithWordOf reports whether a text begins with one of the words. In scripts without
// spaces, a counter may be before it, as in 18500名以上.
func beginsWithWordOf(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool {
		if isUnspacedText(word) && strings.Contains(text[:min(len(text), len(word)+longestCounter)], word) {
			return true
		}
		rest, ok := strings.CutPrefix(text, word)
		next, _ := utf8.DecodeRuneInString(rest)
		return ok && !isSpelt(next)
	})
}
