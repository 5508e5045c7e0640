package furniture

import (
	"strings"

	"github.com/accord-search/accord/internal/corpus/pattern"
)

var (
	elements     = pattern.MustLoad(files, "patterns/elements.txt", nil)
	otherTextsRE = elements.Regexp("other texts")
	windowRE     = elements.Regexp("window")
	frameRE      = elements.Regexp("text frame")
	pageRE       = elements.Regexp("page element")
	shownDateRE  = elements.Regexp("shown date")
	changeRE     = elements.Regexp("shown change")
	factsRE      = elements.Regexp("text facts")
	textRE       = elements.Regexp("text")
	partRE       = elements.Regexp("text part")
	contentsRE   = pattern.MustCompile(`(?:^|[\s_-])has-\S*`)
	camelRE      = pattern.MustCompile(`([a-z])([A-Z])`)
)

// ElementNames returns the class, the id and the role of an element in the form that
// HoldsOtherTexts, SurroundsText and CoversPage take.
func ElementNames(names ...string) string {
	all := strings.ToLower(camelRE.ReplaceAllString(strings.Join(names, " "), "$1-$2"))
	return contentsRE.ReplaceAllString(all, "") // "has-comments" says what an element contains, not what it is
}

// HoldsOtherTexts reports whether an element with these names holds other texts than
// the document of its page: comments, teasers.
func HoldsOtherTexts(names string) bool { return matches(otherTextsRE, names) }

// SurroundsText reports whether an element with these names belongs to the page around
// a text: navigation, buttons, windows.
func SurroundsText(names string) bool { return matches(pageRE, names) }

// CoversPage reports whether an element with these names is a window over its page,
// such as a notice about privacy.
func CoversPage(names string) bool { return matches(windowRE, names) }

// ShowsDate reports whether an element with these names shows when a text was published.
func ShowsDate(names string) bool { return shownDateRE.MatchString(names) }

// ShowsChange reports whether an element with these names shows when a text was changed.
func ShowsChange(names string) bool { return changeRE.MatchString(names) }

// TellsOfText reports whether an element with these names tells who wrote a text, and when.
func TellsOfText(names string) bool { return factsRE.MatchString(names) }

// HoldsText reports whether an element with this class is the one that holds the text of its page.
func HoldsText(class string) bool { return class != "" && textRE.MatchString(strings.ToLower(class)) }

// IsPart reports whether an element with this class is a part of a text that has no sentences, such as the
// ingredients of a recipe.
func IsPart(class string) bool { return class != "" && partRE.MatchString(strings.ToLower(class)) }

// matches reports whether re matches the names of an element. It returns false if the names also
// say that the element is around the text itself.
func matches(re *pattern.Expr, names string) bool {
	return names != "" && re.MatchString(names) && !frameRE.MatchString(names)
}
