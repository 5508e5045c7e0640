package pattern

import (
	"errors"
	"fmt"
)

// Check tests the examples of all patterns: each pattern must have a reason and match its
// own "yes" examples, and its kind must not match any "no" example.
func (s Set) Check() error {
	var errs []error
	for _, k := range s {
		if _, err := k.compile(k.alternatives()); err != nil {
			errs = append(errs, fmt.Errorf("%s: %s: %w", k.file, k.Name, err))
			continue
		}
		for _, p := range k.patterns {
			for _, problem := range k.check(p) {
				errs = append(errs, fmt.Errorf("%s:%d: %s: %s %s", k.file, p.line, k.Name, p.expr, problem))
			}
		}
	}
	return errors.Join(errs...)
}

// check returns what is wrong with one pattern.
func (k *Kind) check(p entry) []string {
	alone, err := k.compile(p.expr)
	if err != nil {
		return []string{err.Error()}
	}
	var problems []string
	if p.why == "" || len(p.yes) == 0 || len(p.no) == 0 {
		problems = append(problems, "needs a reason, and examples of both sorts")
	}
	for _, text := range p.yes {
		if !alone.MatchString(text) {
			problems = append(problems, fmt.Sprintf("does not match %q", text))
		}
	}
	for _, text := range p.no {
		if k.Regexp().MatchString(text) {
			problems = append(problems, fmt.Sprintf("its kind matches %q", text))
		}
	}
	return problems
}
