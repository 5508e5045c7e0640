package pattern

import "regexp"

// Expr is a regular expression with a fast check for texts that do not match. Most lines do
// not match most expressions.
type Expr struct {
	*regexp.Regexp
	filter *filter
}

// MustCompile is like regexp.MustCompile.
func MustCompile(expr string) *Expr {
	return &Expr{Regexp: regexp.MustCompile(expr), filter: newFilter(expr)}
}

// MatchString reports whether text matches.
func (e *Expr) MatchString(text string) bool {
	may, certain := e.filter.allows(text)
	return may && (certain || e.Regexp.MatchString(text))
}

// FindString returns the first match, or "".
func (e *Expr) FindString(text string) string {
	if may, _ := e.filter.allows(text); !may {
		return ""
	}
	return e.Regexp.FindString(text)
}

// FindStringSubmatch returns the first match with its groups, or nil.
func (e *Expr) FindStringSubmatch(text string) []string {
	if may, _ := e.filter.allows(text); !may {
		return nil
	}
	return e.Regexp.FindStringSubmatch(text)
}

// FindStringSubmatchIndex returns the byte ranges of the first match and its groups, or nil.
func (e *Expr) FindStringSubmatchIndex(text string) []int {
	if may, _ := e.filter.allows(text); !may {
		return nil
	}
	return e.Regexp.FindStringSubmatchIndex(text)
}

// FindAllStringIndex returns the byte ranges of the first n matches, of all if n < 0.
func (e *Expr) FindAllStringIndex(text string, n int) [][]int {
	if may, _ := e.filter.allows(text); !may {
		return nil
	}
	return e.Regexp.FindAllStringIndex(text, n)
}

// FindAllStringSubmatchIndex is like FindAllStringIndex, with the groups of each match.
func (e *Expr) FindAllStringSubmatchIndex(text string, n int) [][]int {
	if may, _ := e.filter.allows(text); !may {
		return nil
	}
	return e.Regexp.FindAllStringSubmatchIndex(text, n)
}

// ReplaceAllString returns text with a replacement in place of each match.
func (e *Expr) ReplaceAllString(text, replacement string) string {
	if may, _ := e.filter.allows(text); !may {
		return text
	}
	return e.Regexp.ReplaceAllString(text, replacement)
}

// ReplaceAllStringFunc returns text with the result of replace in place of each match.
func (e *Expr) ReplaceAllStringFunc(text string, replace func(string) string) string {
	if may, _ := e.filter.allows(text); !may {
		return text
	}
	return e.Regexp.ReplaceAllStringFunc(text, replace)
}
