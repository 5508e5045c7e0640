package chunk

import "slices"

// depths orders the forms by how deep they usually nest. A number of a deeper form
// inside an article belongs to that article.
var depths = map[form]int{
	formWord: 0, formHanWord: 0, formSection: 0,
	formHan: 1, formRoman: 1,
	formHanParen: 2,
	formPeriod:   3, formComma: 3,
	formClose: 4, formParen: 4,
}

// lookBack bounds how many series of the same form a number is compared with.
const lookBack = 8

// series is a run of numbers of one form that count up through a document.
type series struct {
	form    form
	items   []int // indices of the items with its numbers, ascending
	last    number
	slips   int
	longest int // maximum number of items from one number to the next
}

// step reports whether n continues s, and whether it does so with a slip: a number was
// skipped or repeated.
func (s *series) step(n number) (follows, slip bool) {
	next := n.group == s.last.group && n.value == s.last.value+1 || n.group == s.last.group+1 && n.value == 1
	skips := n.group == s.last.group && (n.value == s.last.value || n.value == s.last.value+2)
	return next || skips && s.slips*10 <= len(s.items), !next
}

func (s *series) add(item int, n number, slip bool) {
	if len(s.items) > 0 {
		s.longest = max(s.longest, item-s.items[len(s.items)-1])
	}
	if slip {
		s.slips++
	}
	s.items = append(s.items, item)
	s.last = n
}

// isSeries reports whether s has at least two numbers that are not slips.
func (s *series) isSeries() bool { return len(s.items)-s.slips >= 2 }

// within reports whether all items of s lie after from and before to.
func (s *series) within(from, to int) bool {
	return s.items[0] > from && s.items[len(s.items)-1] < to
}

// next returns the index of the first item after the given one whose number belongs to s.
// ok is false if there is none.
func (s *series) next(item int) (next int, ok bool) {
	i, found := slices.BinarySearch(s.items, item)
	if found {
		i++
	}
	if i == len(s.items) {
		return 0, false
	}
	return s.items[i], true
}

// findSeries sets the series of every item whose number belongs to one. The number 1
// begins a new series. Any other number continues the latest series that it follows,
// preferring one that it follows without a slip.
func findSeries(items []item) {
	open := map[form][]*series{}
	for i := range items {
		n := items[i].number
		if n.value == 0 {
			continue
		}
		all := open[n.form]
		var found *series
		var slipped bool
		for _, s := range all[max(0, len(all)-lookBack):] {
			if follows, slip := s.step(n); follows && n.value+n.group > 1 && (found == nil || slipped || !slip) {
				found, slipped = s, slip
			}
		}
		if found == nil {
			found, slipped = &series{form: n.form}, false
			open[n.form] = append(all, found)
		}
		found.add(i, n, slipped)
		items[i].series = found
	}
	for i := range items {
		if s := items[i].series; s != nil && !s.isSeries() {
			items[i].series = nil
		}
	}
}
