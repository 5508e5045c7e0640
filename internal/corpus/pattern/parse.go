package pattern

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// parser collects the kinds of a file while it is read.
type parser struct {
	set    Set
	kind   *Kind // kind that is being read, or nil before the first one
	why    string
	values map[string]string // values for {{name}}
}

// take reads one line of a file.
func (p *parser) take(key, value string, line int) error {
	if key == "kind" {
		if err := p.endKind(); err != nil {
			return err
		}
		p.kind, p.why = &Kind{Name: value}, ""
		return nil
	}
	if p.kind == nil {
		return errors.New("a file begins with a kind")
	}
	switch key {
	case "form":
		p.kind.form = value
	case "why":
		p.why = value
	case "pattern":
		expr, err := p.expand(value)
		if err != nil {
			return err
		}
		p.kind.patterns = append(p.kind.patterns, entry{expr: expr, why: p.why, line: line})
	case "yes", "no":
		return p.example(key, value)
	default:
		return fmt.Errorf("%q is none of kind, form, why, pattern, yes, no", key)
	}
	return nil
}

var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\f`, "\f", `\x00`, "\x00")

func (p *parser) example(key, value string) error {
	if len(p.kind.patterns) == 0 {
		return errors.New("an example stands below its pattern")
	}
	if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
		value = value[1 : n-1]
	}
	value = escapes.Replace(value)
	last := &p.kind.patterns[len(p.kind.patterns)-1]
	if key == "yes" {
		last.yes = append(last.yes, value)
	} else {
		last.no = append(last.no, value)
	}
	return nil
}

var valueRE = regexp.MustCompile(`\{\{([^{}]+)\}\}`)

// expand replaces names in double braces by their values.
func (p *parser) expand(expr string) (string, error) {
	var err error
	expanded := valueRE.ReplaceAllStringFunc(expr, func(name string) string {
		value, ok := p.values[name[2:len(name)-2]]
		if !ok {
			err = fmt.Errorf("%s is not defined above", name)
		}
		return "(?:" + value + ")"
	})
	return expanded, err
}

// endKind adds the kind that was being read to the set.
func (p *parser) endKind() error {
	k := p.kind
	if k == nil {
		return nil
	}
	if strings.Count(k.form, "{}") != 1 || len(k.patterns) == 0 {
		return fmt.Errorf("kind %q has no form with {}, or no pattern", k.Name)
	}
	k.compiled = sync.OnceValue(func() *Expr { return MustCompile(k.fill(k.alternatives())) })
	p.set = append(p.set, k)
	p.values[k.Name] = k.alternatives()
	return nil
}
