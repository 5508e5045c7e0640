package corpus_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// across and upright draw a rule as a line or, if thin is set, as a thin box.
func across(y, from, to int, thin bool) string {
	if thin {
		return fmt.Sprintf("%d %d %d 1 re f ", from, y, to-from)
	}
	return fmt.Sprintf("%d %d m %d %d l S ", from, y, to, y)
}

func upright(x, from, to int, thin bool) string {
	if thin {
		return fmt.Sprintf("%d %d 1 %d re f ", x, from, to-from)
	}
	return fmt.Sprintf("%d %d m %d %d l S ", x, from, x, to)
}

// grid draws rules between rows and columns.
func grid(xs, ys []int, thin bool) (out string) {
	for _, y := range ys {
		out += across(y, xs[0], xs[len(xs)-1], thin)
	}
	for _, x := range xs {
		out += upright(x, ys[0], ys[len(ys)-1], thin)
	}
	return out
}

// TestRuledTables checks tables whose cells are told by rules: narrow and merged ones, and those of
// several lines.
func TestRuledTables(t *testing.T) {
	t.Parallel()
	const before, after = "The levels of the lock in each year are below.", "After the table, the text goes on."
	around := show(50, 720, before) + show(50, 500, after)
	narrow := show(51, 680, "Year") + show(77, 680, "Level") + show(51, 660, "2021") + show(77, 660, "1.9 m") + show(51, 640, "2022") + show(77, 640, "2.1 m")
	boxes := ""
	for _, y := range []int{635, 655, 675} {
		boxes += fmt.Sprintf("50 %d 26 20 re S 76 %d 40 20 re S ", y, y)
	}
	columns := ""
	for i := range 30 {
		columns += show(55, 690-14*i, "left of the rule here") + show(305, 690-14*i, "right of the rule is")
	}
	for name, tc := range map[string]struct{ page, want string }{
		"lines":      {around + narrow + grid([]int{50, 76, 116}, []int{635, 655, 675, 695}, false), "Year | Level\n\n2021 | 1.9 m\n\n2022 | 2.1 m"},
		"thin boxes": {around + narrow + grid([]int{50, 75, 115}, []int{635, 655, 675, 695}, true), "Year | Level\n\n2021 | 1.9 m\n\n2022 | 2.1 m"},
		"boxes":      {around + narrow + boxes, "Year | Level\n\n2021 | 1.9 m\n\n2022 | 2.1 m"},
		"open sides": {
			around + narrow + across(635, 50, 116, false) + across(655, 50, 116, false) + across(675, 50, 116, false) + across(695, 50, 116, false) + upright(76, 635, 695, false),
			"Year | Level\n\n2021 | 1.9 m\n\n2022 | 2.1 m",
		},
		"cells of several lines": {
			around + show(52, 680, "Open the gate") + show(202, 680, "The keeper, or") + show(52, 666, "at dawn.") + show(202, 666, "his deputy if") + show(202, 652, "he is away.") + show(52, 630, "Ring the bell.") + show(202, 630, "Anna") + grid([]int{50, 200, 400}, []int{620, 645, 695}, false),
			"Open the gate at dawn. | The keeper, or his deputy if he is away.\n\nRing the bell. | Anna",
		},
		"merged cells": {
			around + show(52, 680, "Year") + show(152, 680, "Levels") + show(152, 660, "low") + show(252, 660, "high") + show(52, 640, "2021") + show(152, 640, "1.1 m") + show(252, 640, "1.9 m") +
				across(695, 50, 350, false) + across(675, 150, 350, false) + across(655, 50, 350, false) + across(635, 50, 350, false) +
				upright(50, 635, 695, false) + upright(150, 635, 695, false) + upright(250, 635, 675, false) + upright(350, 635, 695, false),
			"Year | Levels\n\n| low | high\n\n2021 | 1.1 m | 1.9 m",
		},
		"text in a frame": {
			columns + grid([]int{50, 300, 550}, []int{270, 710, 730}, false),
			strings.TrimSpace(strings.Repeat("left of the rule here ", 30)) + " " + strings.TrimSpace(strings.Repeat("right of the rule is ", 30)),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.pdf", typesetPDF(t, true, tc.page))
			if err != nil {
				t.Fatal(err)
			}
			want := tc.want
			if strings.Contains(tc.page, codes(before)) {
				want = before + "\n\n" + want + "\n\n" + after
			}
			if diff := cmp.Diff(want, file.Documents[0].Text); diff != "" {
				t.Errorf("title %q, text (-want +got):\n%s", file.Documents[0].Title, diff)
			}
		})
	}
}

// TestLineNumbers checks that line numbers in a margin are left out, but not the numbers of rows.
func TestLineNumbers(t *testing.T) {
	t.Parallel()
	const text = "The keeper of the landing counts the boats each evening and writes"
	for name, tc := range map[string]struct {
		number  func(page, line int) string
		dropped bool
	}{
		"every fifth line":       {func(_, line int) string { return map[bool]string{true: fmt.Sprint(line)}[line%5 == 0] }, true},
		"every line from 1":      {func(_, line int) string { return fmt.Sprint(line) }, true},
		"rows of a longer table": {func(page, line int) string { return fmt.Sprint(20*page + line) }, false},
		"numbers of paragraphs":  {func(_, line int) string { return map[int]string{1: "1", 8: "2", 17: "3"}[line] }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pages []string
			for page := range 3 {
				content := ""
				for line := 1; line <= 20; line++ {
					content += show(100, 740-20*line, text)
					if n := tc.number(page, line); n != "" {
						content += show(80-6*len(n), 740-20*line, n)
					}
				}
				pages = append(pages, content)
			}
			file, err := read(t, "a.pdf", typesetPDF(t, true, pages...))
			if err != nil {
				t.Fatal(err)
			}
			if has := strings.ContainsAny(file.Documents[0].Text, "0123456789"); has == tc.dropped {
				t.Errorf("text with numbers: %t; %.300q", has, file.Documents[0].Text)
			}
		})
	}
}
