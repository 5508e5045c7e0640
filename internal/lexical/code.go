package lexical

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Code is the last part of a name that distinguishes things of one kind: the "A" of
// "hepatitis A", the "11" of "Windows 11", the "#" of "C#". head is the rest of the name.
type Code struct{ head, code string } // folded

// wordLetters are the letters that are a whole word in some language.
const wordLetters = "aeiouykswzавикосуя"

// shortestName is the minimum number of letters of a name before a code.
const shortestName = 3

var (
	// codeNumberRE matches the numbers that may be codes: short ones, years and versions.
	codeNumberRE = regexp.MustCompile(`^[0-9]{1,4}(?:\.[0-9]{1,3})*$`)
	versionsRE   = regexp.MustCompile(`[0-9]+(?:\.[0-9]+)*`)
)

// Codes returns the codes in a question. A number or letter is a code only after a word
// that is neither a month nor a stop word in any language. So "in 2016" and "May 5" have
// none.
func Codes(question string) []Code {
	s := scanner{folded: fold(question), original: question}
	return slices.DeleteFunc(s.codes(), func(c Code) bool {
		signs := strings.ContainsAny(c.code, "+#")
		return c.code == "" || !signs && (months[c.head] > 0 || isStopAnywhere(c.head))
	})
}

// isStopAnywhere reports whether a folded word is a stop word in any language.
func isStopAnywhere(word string) bool {
	for _, a := range analysers {
		if a.stops[word] {
			return true
		}
	}
	return false
}

// Letter returns the term for a code that is a single Latin letter. ok is false for other
// codes.
func (c Code) Letter() (term Term, ok bool) {
	return Term{Text: c.code}, len(c.code) == 1 && c.code[0] >= 'a' && c.code[0] <= 'z'
}

// Contradicts reports whether a text has the code's name with another code, and never with
// this one: for the question "hepatitis A", a text with "hepatitis B" alone. If the code is
// a number that occurs anywhere in the text, even without the name, the text does not
// contradict it.
func (c Code) Contradicts(text, language string) bool {
	s := scanner{folded: fold(text), original: text}
	if codeNumberRE.MatchString(c.code) && slices.Contains(versionsRE.FindAllString(s.text, -1), c.code) {
		return false
	}
	a := analyserOf(language)
	other := false
	for _, named := range s.codes() {
		if named.head != c.head && a.stem(named.head) != a.stem(c.head) {
			continue
		}
		if named.code == c.code {
			return false
		}
		other = true
	}
	return other
}

// codes returns the codes in a folded text. A name that ends in a letter without signs,
// such as "C", gets the code "", since it is not the same thing as "C#".
func (s *scanner) codes() (codes []Code) {
	var before span // word before the current one
	for at := 0; at < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[at:])
		if !isUnspaced(r) && !canBegin(r) {
			at += size
			continue
		}
		word := span{at, s.codeEnd(at)}
		if sign := strings.IndexAny(s.text[word.start:word.end], "+#"); sign > 0 {
			codes = append(codes, Code{s.text[at : at+sign], s.text[at+sign : word.end]})
		} else if word.end-at == size && s.isUpper(at, word.end) {
			codes = append(codes, Code{s.text[at:word.end], ""})
		}
		if head := s.headBefore(before, at); head != "" {
			codes = append(codes, s.listedCodes(head, word)...)
		}
		before, at = word, word.end
	}
	return codes
}

// codeEnd returns the end of what begins at an offset: a number, a word with its signs, or
// a character of a script without spaces.
func (s *scanner) codeEnd(at int) int {
	r, size := utf8.DecodeRuneInString(s.text[at:])
	if isUnspaced(r) {
		return at + size
	}
	end := runEnd(s.text, at, isSpelt)
	if digits := digitsRE.FindString(s.text[at:]); at+len(digits) > end {
		return at + len(digits)
	}
	for _, signs := range []string{"++", "#"} {
		if after, ok := strings.CutPrefix(s.text[end:], signs); ok {
			if next, _ := utf8.DecodeRuneInString(after); !isSpelt(next) && !strings.ContainsRune("+#", next) {
				return end + len(signs)
			}
		}
	}
	return end
}

// headBefore returns the word before a code at an offset, or in scripts without spaces
// the two characters before a letter. It is empty if there is none.
func (s *scanner) headBefore(word span, at int) string {
	if word.end == 0 {
		return ""
	}
	head := s.text[word.start:word.end]
	between := s.text[word.end:at]
	if r, _ := utf8.DecodeRuneInString(head); isUnspaced(r) {
		previous, size := utf8.DecodeLastRuneInString(s.text[:word.start])
		if isUnspaced(previous) && strings.TrimSpace(between) == "" && !isDigit(rune(s.text[at])) {
			return s.text[word.start-size : word.end]
		}
		return ""
	}
	if between != " " && between != "-" || isDigit(rune(head[0])) || utf8.RuneCountInString(head) < shortestName {
		return ""
	}
	return head
}

// listedCodes returns the code at word and the codes that are listed after it, as in
// "hepatitis A, B and C".
func (s *scanner) listedCodes(head string, word span) (codes []Code) {
	for s.isCode(word) {
		codes = append(codes, Code{head, s.text[word.start:word.end]})
		and := andRE.FindString(s.text[word.end:])
		if and == "" && strings.HasPrefix(s.text[word.end:], "/") {
			and = "/"
		}
		if and == "" || word.end+len(and) == len(s.text) {
			break
		}
		word = span{word.end + len(and), s.codeEnd(word.end + len(and))}
	}
	return codes
}

// isCode reports whether a word may be a code. A letter that is a word in some language
// must be in upper case, and not before another capital, as in the title "Buy A Car". A
// letter at the end of a text may always be a code, since a word such as "a" is not last.
func (s *scanner) isCode(word span) bool {
	text := s.text[word.start:word.end]
	if codeNumberRE.MatchString(text) {
		return !strings.HasPrefix(strings.TrimPrefix(s.text[word.end:], " "), "%")
	}
	letter, size := utf8.DecodeRuneInString(text)
	if size != len(text) || !isSpelt(letter) || isDigit(letter) {
		return false
	}
	rest := s.text[word.end:]
	if next, _ := utf8.DecodeRuneInString(rest[min(1, len(rest)):]); len(rest) > 1 && strings.ContainsRune("'.&-", rune(rest[0])) && isSpelt(next) {
		return false
	}
	if !strings.ContainsRune(wordLetters, letter) || !strings.ContainsFunc(rest, isSpelt) {
		return true
	}
	title := len(rest) > 1 && rest[0] == ' ' && s.beginsUpper(word.end+1)
	return s.isUpper(word.start, word.end) && !title && letter != 'i'
}
