package pattern

import (
	"regexp/syntax"
	"slices"
	"sync"
	"sync/atomic"
	"unicode/utf8"
)

// filter decides quickly whether a text can match an expression. It is the automaton of the
// expression without the checks of word boundaries and line ends, so it may accept texts
// that the expression does not match. Its states are made when they are first needed. Each
// byte of ASCII then takes one look into a table, while package regexp tries each
// alternative again at each position.
type filter struct {
	program *syntax.Prog
	exact   bool // whether the expression has no checks of word boundaries and line ends
	first   atomic.Pointer[state]
	mu      sync.Mutex        // guards states, seen, round, classes, and others of all states
	classes *classes          // of the characters beyond ASCII; nil until it is needed
	states  map[string]*state // by state.key
	seen    []uint32          // for each instruction, the round in which it was last seen
	round   uint32
	// Buffers of stateOf, which it needs to find out whether a state already exists.
	targets, stack, at []uint32
	key                []byte
}

// state is the set of instructions at which an automaton may be after some text.
type state struct {
	at     []uint32 // instructions that take the next character
	sure   bool     // whether the text matches, no matter what follows
	ends   bool     // whether the text matches if it ends here
	dead   bool     // whether no text that begins like this matches
	ascii  [utf8.RuneSelf]atomic.Pointer[state]
	others map[int32]*state // by the class of a character beyond ASCII
}

const (
	maxStates = 512 // of a filter, 1 KiB each
	maxOthers = 512 // classes of characters of a state
	// maxMade is the maximum number of new states for one text. If a text needs more, only
	// the expression is used, so that no text can make the filter slow.
	maxMade = 64
)

// newFilter returns the filter of an expression, or nil if the expression is not valid.
func newFilter(expr string) *filter {
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil
	}
	f := &filter{program: program, states: map[string]*state{}, seen: make([]uint32, len(program.Inst))}
	f.exact = !slices.ContainsFunc(program.Inst, func(i syntax.Inst) bool {
		return i.Op == syntax.InstEmptyWidth && syntax.EmptyOp(i.Arg)&^(syntax.EmptyBeginText|syntax.EmptyEndText) != 0
	})
	f.first.Store(f.stateOf(nil, true))
	return f
}

// allows reports whether text may match, and whether that is certain. If may is false, it
// is certain.
func (f *filter) allows(text string) (may, certain bool) {
	s, made := f.first.Load(), 0
	for _, r := range text {
		switch {
		case s.dead:
			return false, true
		case s.sure:
			return true, f.exact
		case made > maxMade:
			return true, false
		}
		var next *state
		if r < utf8.RuneSelf {
			next = s.ascii[r].Load()
		}
		if next == nil {
			next = f.step(s, r, &made)
		}
		s = next
	}
	may = s.sure || s.ends
	return may, f.exact || !may
}

// step returns the state that follows s after r. It increments made if it has to compute
// the state.
func (f *filter) step(s *state, r rune, made *int) *state {
	f.mu.Lock()
	defer f.mu.Unlock()
	var class int32
	if r >= utf8.RuneSelf {
		if f.classes == nil {
			f.classes = newClasses(f.program)
		}
		class = f.classes.of(r)
		if next := s.others[class]; next != nil {
			return next
		}
	}
	*made++
	f.targets = f.targets[:0]
	for _, pc := range s.at {
		if i := &f.program.Inst[pc]; i.MatchRune(r) {
			f.targets = append(f.targets, i.Out)
		}
	}
	next := f.stateOf(f.targets, false)
	switch {
	case r < utf8.RuneSelf:
		s.ascii[r].Store(next)
	case s.others == nil || len(s.others) >= maxOthers:
		s.others = map[int32]*state{class: next}
	default:
		s.others[class] = next
	}
	return next
}

// stateOf returns the state of an automaton that is at one of targets or begins a match.
// begins says whether the text begins here. The caller holds the lock, except in newFilter.
func (f *filter) stateOf(targets []uint32, begins bool) *state {
	targets = append(targets, uint32(f.program.Start))
	ends := f.follow(targets, begins, true)
	sure := f.follow(targets, begins, false)
	slices.Sort(f.at)
	f.key = appendKey(f.key[:0], f.at, sure, ends)
	if known := f.states[string(f.key)]; known != nil && !begins {
		return known
	}
	s := &state{at: slices.Clone(f.at), sure: sure, ends: ends, dead: len(f.at) == 0 && !ends && !sure}
	if begins {
		return s
	}
	key := string(f.key)
	if len(f.states) >= maxStates {
		clear(f.states) // states that are still linked stay in use, but lead to new ones
		f.first.Store(f.stateOf(nil, true))
	}
	f.states[key] = s
	return s
}

// follow sets f.at to the instructions that take a character and can be reached from
// targets without taking one. It reports whether the end of the expression can be reached
// too. begins and ends say whether the text begins and ends here.
func (f *filter) follow(targets []uint32, begins, ends bool) (matched bool) {
	from := append(f.stack[:0], targets...)
	f.at = f.at[:0]
	f.round++
	for len(from) > 0 {
		pc := from[len(from)-1]
		from = from[:len(from)-1]
		if f.seen[pc] == f.round {
			continue
		}
		f.seen[pc] = f.round
		switch i := &f.program.Inst[pc]; i.Op {
		case syntax.InstMatch:
			matched = true
		case syntax.InstAlt, syntax.InstAltMatch:
			from = append(from, i.Out, i.Arg)
		case syntax.InstCapture, syntax.InstNop:
			from = append(from, i.Out)
		case syntax.InstEmptyWidth:
			op := syntax.EmptyOp(i.Arg)
			if (op&syntax.EmptyBeginText == 0 || begins) && (op&syntax.EmptyEndText == 0 || ends) {
				from = append(from, i.Out)
			}
		case syntax.InstFail:
		default:
			f.at = append(f.at, pc)
		}
	}
	f.stack = from
	return matched
}

// appendKey appends what identifies a state of one filter.
func appendKey(key []byte, at []uint32, sure, ends bool) []byte {
	flags := byte(0)
	if sure {
		flags |= 1
	}
	if ends {
		flags |= 2
	}
	key = append(key, flags)
	for _, pc := range at {
		key = append(key, byte(pc), byte(pc>>8), byte(pc>>16), byte(pc>>24))
	}
	return key
}
