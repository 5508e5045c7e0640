package lexical

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// withOtherForms adds other forms of the words of a query as other spellings, which Terms does not
// bring together: short Arabic and Hebrew words with and without their article, the indefinite
// accusative of Arabic words, and Hebrew words in -יה and -ייה. NeededParts removes the forms that
// no passage has.
func withOtherForms(language string, terms []Term) []Term {
	var forms func(string) []string
	switch primarySubtag(language) {
	case "ar":
		forms = arabicForms
	case "he":
		forms = hebrewForms
	default:
		return terms
	}
	all := make([]Term, 0, len(terms))
	for _, t := range terms {
		all = append(all, t)
		if t.Part || !hasOtherForms(t) {
			continue
		}
		for _, form := range forms(t.Text) {
			all = append(all, Term{Text: form, Start: t.Start, End: t.End, Part: true, Respelt: true})
		}
	}
	return all
}

// hasOtherForms reports whether a term is a word in the Arabic or Hebrew script.
func hasOtherForms(t Term) bool {
	r, _ := utf8.DecodeRuneInString(t.Text)
	return unicode.IsLetter(r) && unicode.In(r, unicode.Arabic, unicode.Hebrew)
}

// isOtherForm reports whether a term is one of withOtherForms. Other spellings of these scripts do
// not exist.
func isOtherForm(t Term) bool { return t.Respelt && hasOtherForms(t) }

// arabicForms returns the other forms of a folded Arabic word: كتابا for كتاب, and for words of
// two letters those with an article, الدم for دم.
func arabicForms(word string) (forms []string) {
	bare := word
	for _, article := range arabicArticles {
		if rest, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(rest) == shortestBare-1 {
			bare = rest
			break
		}
	}
	if utf8.RuneCountInString(bare) == shortestBare-1 {
		return withPrefixes(word, bare, arabicArticles)
	}
	const accusative = "ا"
	stem, ok := strings.CutSuffix(word, accusative)
	switch {
	case !ok:
		return []string{word + accusative}
	case utf8.RuneCountInString(stem) >= shortestBare:
		return []string{stem}
	}
	return nil
}

// hebrewForms returns the other forms of a folded Hebrew word: ספרייה for ספריה, and for words of
// two letters those with a prefix, הגן for גן.
func hebrewForms(word string) []string {
	const article, plain, doubled = "ה", "יה", "ייה"
	bare := word
	if rest, ok := strings.CutPrefix(word, article); ok && utf8.RuneCountInString(rest) == shortestBare-1 && !hebrewKept[word] {
		bare = rest
	}
	if utf8.RuneCountInString(bare) == shortestBare-1 {
		prefixes := strings.Split(hebrewPrefixes, "")
		return slices.DeleteFunc(withPrefixes(word, bare, prefixes), func(form string) bool { return hebrewKept[form] })
	}
	if stem, ok := strings.CutSuffix(word, doubled); ok {
		return []string{stem + plain}
	}
	if stem, ok := strings.CutSuffix(word, plain); ok && utf8.RuneCountInString(stem) >= shortestBare-1 {
		return []string{stem + doubled}
	}
	return nil
}

// withPrefixes returns a bare word and its forms with each prefix, except for the given form.
func withPrefixes(except, bare string, prefixes []string) []string {
	forms := []string{bare}
	for _, prefix := range prefixes {
		forms = append(forms, prefix+bare)
	}
	return slices.DeleteFunc(forms, func(form string) bool { return form == except })
}
