package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// cellsAt draws the lines of a row at places from the left.
func cellsAt(y int, xs []int, texts ...string) (out string) {
	for i, text := range texts {
		if text != "" {
			out += show(xs[i], y, text)
		}
	}
	return out
}

// TestTablesWithoutUprightRules checks tables whose cells are told by gaps or by rules across the page,
// and text that is no table.
func TestTablesWithoutUprightRules(t *testing.T) {
	t.Parallel()
	const before, after = "The office publishes the figures of the locks each year in the spring.", "The keepers may ask for a second count within thirty days after that."
	around := show(50, 720, before) + show(50, 440, after)
	three, wide := []int{50, 300, 380}, []int{50, 220, 390}
	duties := func(y ...int) string {
		return cellsAt(y[0], wide, "What is to be done", "Who is to do it", "When it is done") +
			cellsAt(y[1], wide, "Open the gate at dawn and", "The keeper of the lock", "Each day") + cellsAt(y[1]-14, wide, "close it after sunset", "or his deputy", "") +
			cellsAt(y[2], wide, "Write down the levels", "The keeper of the lock", "At noon and at midnight") + cellsAt(y[2]-14, wide, "", "", "also on holidays")
	}
	const dutyRows = "What is to be done | Who is to do it | When it is done\n\nOpen the gate at dawn and close it after sunset | The keeper of the lock or his deputy | Each day\n\nWrite down the levels | The keeper of the lock | At noon and at midnight also on holidays"
	columns, list := "", ""
	for i := range 12 {
		columns += show(50, 690-14*i, "left of the two columns here") + show(320, 690-14*i, "right of the two columns is")
	}
	for i, text := range []string{"The gate is opened at dawn by the keeper of the lock", "The level is written down at noon and at midnight", "The pumps are tested on the first Monday of a month"} {
		list += show(50, 680-14*i, string(rune('1'+i))+".") + show(80, 680-14*i, text)
	}
	for name, tc := range map[string]struct{ page, want string }{
		"cells of several lines": {
			around + cellsAt(680, three, "Kind of traffic", "2022", "2023") + cellsAt(666, three, "Passenger boats of the villages on the", "310", "342") + cellsAt(652, three, "upper bank", "", "") +
				cellsAt(638, three, "Ferries", "118", "121") + cellsAt(624, three, "Total", "428", "463"),
			"Kind of traffic | 2022 | 2023\n\nPassenger boats of the villages on the upper bank | 310 | 342\n\nFerries | 118 | 121\n\nTotal | 428 | 463",
		},
		"empty cells": {
			around + cellsAt(680, three, "Village", "Spring", "Summer") + cellsAt(666, three, "Upper Ford", "", "14") + cellsAt(652, three, "Mill Bank", "31", "") + cellsAt(638, three, "Sand Point", "19", "11"),
			"Village | Spring | Summer\n\nUpper Ford | | 14\n\nMill Bank | 31\n\nSand Point | 19 | 11",
		},
		"cells of text":            {around + duties(680, 658, 622), dutyRows},
		"cells of text with rules": {around + duties(680, 664, 634) + across(677, 50, 560, false) + across(647, 50, 560, true), dutyRows},
		"cells in the middle": {
			around + cellsAt(680, three, "Kind of traffic", "2022", "2023") + cellsAt(650, three, "Passenger boats of the villages on the", "", "") + cellsAt(643, three, "", "310", "342") + cellsAt(636, three, "upper bank", "", "") +
				cellsAt(606, three, "Ferries", "118", "121"),
			"Kind of traffic | 2022 | 2023\n\nPassenger boats of the villages on the upper bank | 310 | 342\n\nFerries | 118 | 121",
		},
		"cells of text in the middle": {
			around + cellsAt(680, wide, "What is to be done", "Who is to do it", "When it is done") +
				cellsAt(640, wide, "Open the gate at dawn and", "The keeper of the lock", "") + cellsAt(630, wide, "", "", "Each day") + cellsAt(620, wide, "close it after sunset", "or his deputy", "") +
				cellsAt(580, wide, "Write down the levels", "The keeper of the lock", "At noon and at midnight") + cellsAt(540, wide, "Test the pumps of the gate", "The mechanic", "On Mondays"),
			"What is to be done | Who is to do it | When it is done\n\nOpen the gate at dawn and close it after sunset | The keeper of the lock or his deputy | Each day\n\nWrite down the levels | The keeper of the lock | At noon and at midnight\n\nTest the pumps of the gate | The mechanic | On Mondays",
		},
		"a short line below": {
			around + cellsAt(680, three, "Village", "Spring", "Summer") + cellsAt(666, three, "Upper Ford", "12", "14") + cellsAt(652, three, "Mill Bank", "31", "17") + show(50, 624, "Sums are in boats."),
			"Village | Spring | Summer\n\nUpper Ford | 12 | 14\n\nMill Bank | 31 | 17\n\nSums are in boats.",
		},
		"columns of text": {
			around + columns,
			strings.TrimSpace(strings.Repeat("left of the two columns here ", 12)) + " " + strings.TrimSpace(strings.Repeat("right of the two columns is ", 12)),
		},
		"items of a list": {
			around + list,
			"1. The gate is opened at dawn by the keeper of the lock\n\n2. The level is written down at noon and at midnight\n\n3. The pumps are tested on the first Monday of a month",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, err := read(t, "a.pdf", typesetPDF(t, true, tc.page))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(before+"\n\n"+tc.want+"\n\n"+after, file.Documents[0].Text); diff != "" {
				t.Errorf("title %q, text (-want +got):\n%s", file.Documents[0].Title, diff)
			}
		})
	}
}
