package pattern

// Allows returns what the automaton of an expression says about a text.
func Allows(expr, text string) (may, certain bool) { return newFilter(expr).allows(text) }
