package pdf

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const (
	minNumbers   = 3    // minimum number of numbers in a margin
	maxShift     = 3.0  // points by which the edges of line numbers differ, one to the next
	minExtent    = 0.5  // minimum share of the text's height beside which line numbers stand
	minPageShare = 0.5  // minimum share of the pages with text that have line numbers
	minLines     = 0.8  // minimum share of the lines that have a number if each has one
	smallNumbers = 0.92 // maximum size of small line numbers, as a multiple of the size of the text
)

var numberRE = regexp.MustCompile(`^\d{1,4}$`)

// margin is a column of line numbers beside the text of a page.
type margin struct {
	left, right float64 // the edges of all numbers
	step        int     // between two numbers
	first       int     // the highest number
	small       bool    // whether they are smaller than the text
}

// dropLineNumbers removes the numbers of lines in the margins of pages, and returns the removed ones.
// A number for each line looks like the first column of a table, unless it is smaller than the text
// or begins with 1 on each page.
func dropLineNumbers(pages [][]run) (dropped []string) {
	var found []margin
	texts := 0
	for _, runs := range pages {
		if len(runs) > 0 {
			texts++
		}
		if m, ok := marginOf(runs); ok {
			found = append(found, m)
		}
	}
	again := !slices.ContainsFunc(found, func(m margin) bool { return m.first != 1 })
	found = slices.DeleteFunc(found, func(m margin) bool { return m.step == 1 && !m.small && !again })
	if len(found) < 2 || float64(len(found)) < minPageShare*float64(texts) {
		return nil
	}
	for i, runs := range pages {
		pages[i] = slices.DeleteFunc(runs, func(r run) bool {
			isNumber := numberRE.MatchString(strings.TrimSpace(r.text)) &&
				slices.ContainsFunc(found, func(m margin) bool { return r.left >= m.left-maxShift && r.right <= m.right+maxShift })
			if isNumber {
				dropped = append(dropped, strings.TrimSpace(r.text))
			}
			return isNumber
		})
	}
	return dropped
}

// marginOf returns the line numbers of a page: numbers that grow evenly from top to bottom, next to
// most of the text, with all of it on one side.
func marginOf(runs []run) (margin, bool) {
	var numbers []run
	for _, r := range runs {
		if numberRE.MatchString(strings.TrimSpace(r.text)) {
			numbers = append(numbers, r)
		}
	}
	for _, edge := range []func(run) float64{func(r run) float64 { return r.right }, func(r run) float64 { return r.left }} {
		slices.SortStableFunc(numbers, func(a, b run) int { return cmp.Compare(edge(a), edge(b)) })
		for start := 0; start < len(numbers); {
			end := start + 1
			for end < len(numbers) && edge(numbers[end])-edge(numbers[end-1]) <= maxShift {
				end++
			}
			if m, ok := marginBeside(numbers[start:end], runs); ok {
				return m, true
			}
			start = end
		}
	}
	return margin{}, false
}

// marginBeside returns the margin that numbers, which all end at one place, make beside the runs of
// the text. ok is false if they are not line numbers.
func marginBeside(numbers, runs []run) (m margin, ok bool) {
	if len(numbers) < minNumbers {
		return m, false
	}
	numbers = slices.SortedFunc(slices.Values(numbers), func(a, b run) int { return cmp.Compare(b.top, a.top) })
	values := make([]int, len(numbers))
	for i, r := range numbers {
		values[i], _ = strconv.Atoi(strings.TrimSpace(r.text)) // it has at most four digits
	}
	left, right := extent(numbers)
	m = margin{left: left, right: right, step: values[1] - values[0], first: values[0]}
	for i := 2; i < len(values); i++ {
		if values[i]-values[i-1] != m.step {
			return m, false
		}
	}
	own, all := heightOf(numbers), heightOf(runs)
	if m.step < 1 || own.top-own.bottom < minExtent*(all.top-all.bottom) {
		return m, false
	}
	var beside []run
	before, after, size := 0, 0, 0.0
	for _, r := range runs {
		switch {
		case r.bottom > own.top || r.top < own.bottom || r.left >= left && r.right <= right:
			continue
		case r.right < left:
			before++
		case r.left > right:
			after++
		default:
			return m, false
		}
		beside, size = append(beside, r), size+r.size
	}
	if m.step == 1 && float64(len(numbers)) < minLines*float64(len(bandsOf(beside))) {
		return m, false // numbers of paragraphs
	}
	m.small = numbers[0].size < smallNumbers*size/float64(max(before+after, 1))
	return m, (before == 0) != (after == 0)
}
