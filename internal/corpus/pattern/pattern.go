// Package pattern reads files of regular expressions. With these files, Accord can
// be extended to another language without a change of code. A file looks like this:
//
//	# Lines that begin with # are comments.
//	kind: print button
//	form: ^(?i:{})$
//
//	why: Links that print the page.
//	pattern: print(?: this (?:page|article))?
//	yes: Print this article
//	no: Print this article first, the editor said.
//
// A kind is matched as one expression: its form, with the alternatives of its
// patterns in place of {}. In a pattern, {{name}} stands for the alternatives of
// the kind of that name above it, or for a value that the program gives.
//
// The reason after "why" applies to all patterns up to the next reason. Each pattern
// has examples. The pattern alone must match "yes", and no pattern of its kind may
// match "no". In examples, \n, \t, \f and \x00 stand for these characters, and
// quotation marks around an example keep the spaces at its ends. Set.Check tests that
// the reasons and examples are right.
package pattern

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Set has the kinds of a file in order.
type Set []*Kind

// Kind is a group of patterns that are matched as one expression.
type Kind struct {
	Name     string
	compiled func() *Expr // compiles the expression when it is first needed
	file     string       // name of the file, if it was loaded from one
	form     string
	patterns []entry
}

// entry is a pattern of a kind, with its reason and its examples.
type entry struct {
	expr, why string
	line      int // line in the file, from 1
	yes, no   []string
}

// MustLoad reads a file of patterns that is embedded in the program. It panics if the file
// cannot be read. Methods that compile patterns panic if a pattern is invalid. A test that
// calls Set.Check finds both faults.
func MustLoad(files fs.FS, name string, values map[string]string) Set {
	data, err := fs.ReadFile(files, name)
	if err != nil {
		panic(err)
	}
	set, err := Parse(string(data), values)
	if err != nil {
		panic(fmt.Sprintf("%s:%v", name, err))
	}
	for _, k := range set {
		k.file = name
	}
	return set
}

// Parse reads the text of a file of patterns. Errors begin with the line number.
func Parse(text string, values map[string]string) (Set, error) {
	p := parser{values: map[string]string{}}
	for name, value := range values {
		p.values[name] = value
	}
	number := 0
	for row := range strings.Lines(text) {
		number++
		row = strings.TrimRight(row, "\r\n")
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		key, value, ok := strings.Cut(row, ": ")
		if !ok {
			return nil, fmt.Errorf("%d: %q is no \"key: value\"", number, row)
		}
		if err := p.take(key, value, number); err != nil {
			return nil, fmt.Errorf("%d: %w", number, err)
		}
	}
	if err := p.endKind(); err != nil {
		return nil, fmt.Errorf("%d: %w", number, err)
	}
	return p.set, nil
}

// Regexp returns the expression of a kind. It panics if the set has no such kind.
func (s Set) Regexp(name string) *Expr { return s.find(name).Regexp() }

// Regexp returns the expression of k.
func (k *Kind) Regexp() *Expr { return k.compiled() }

// Regexps returns the expressions of all kinds with a name, in order.
func (s Set) Regexps(name string) []*Expr {
	var all []*Expr
	for _, k := range s {
		if k.Name == name {
			all = append(all, k.Regexp())
		}
	}
	return all
}

// Alternatives returns the patterns of a kind, joined, for use inside of other expressions.
// It panics if the set has no such kind.
func (s Set) Alternatives(name string) string { return s.find(name).alternatives() }

func (s Set) find(name string) *Kind {
	for _, k := range s {
		if k.Name == name {
			return k
		}
	}
	panic(fmt.Sprintf("no kind %q", name))
}

// alternatives returns the patterns of k, joined.
func (k *Kind) alternatives() string {
	exprs := make([]string, len(k.patterns))
	for i, p := range k.patterns {
		exprs[i] = p.expr
	}
	return strings.Join(exprs, "|")
}

// fill returns the form of k with alternatives in place of {}.
func (k *Kind) fill(alternatives string) string {
	return strings.Replace(k.form, "{}", alternatives, 1)
}

// compile returns the form of the kind, filled with alternatives, as an expression.
func (k *Kind) compile(alternatives string) (*regexp.Regexp, error) {
	return regexp.Compile(k.fill(alternatives))
}
