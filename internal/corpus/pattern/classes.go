package pattern

import (
	"regexp/syntax"
	"slices"
	"unicode"
)

// classes divides the characters into classes. An expression treats all characters of a
// class alike, so that an automaton needs one transition for a class, and not one for each
// of thousands of characters.
type classes struct {
	takers []*syntax.Inst   // instructions that take only some characters
	starts []rune           // first characters of the runs that are treated alike, in order
	known  []int32          // class of each run; 0 if it is not known yet
	byKey  map[string]int32 // classes, by which of takers take their characters
	key    []byte
}

// newClasses returns the classes of the characters of an expression.
func newClasses(program *syntax.Prog) *classes {
	c := &classes{byKey: map[string]int32{}, starts: []rune{0}}
	for i := range program.Inst {
		inst := &program.Inst[i]
		if inst.Op != syntax.InstRune && inst.Op != syntax.InstRune1 {
			continue // the others take all characters beyond ASCII
		}
		c.takers = append(c.takers, inst)
		if len(inst.Rune) == 1 { // one character, perhaps in either case
			r := inst.Rune[0]
			c.starts = append(c.starts, r, r+1)
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				c.starts = append(c.starts, other, other+1)
			}
			continue
		}
		for at := 0; at+1 < len(inst.Rune); at += 2 {
			c.starts = append(c.starts, inst.Rune[at], inst.Rune[at+1]+1)
		}
	}
	slices.Sort(c.starts)
	c.starts = slices.Compact(c.starts)
	c.known = make([]int32, len(c.starts))
	return c
}

// of returns the class of a character, which is at least 1.
func (c *classes) of(r rune) int32 {
	at, found := slices.BinarySearch(c.starts, r)
	if !found {
		at--
	}
	if c.known[at] != 0 {
		return c.known[at]
	}
	c.key = c.key[:0]
	for i, taker := range c.takers {
		if taker.MatchRune(r) {
			c.key = append(c.key, byte(i), byte(i>>8), byte(i>>16))
		}
	}
	class := c.byKey[string(c.key)]
	if class == 0 {
		class = int32(len(c.byKey) + 1)
		c.byKey[string(c.key)] = class
	}
	c.known[at] = class
	return class
}
