package main

import (
	"strings"

	"github.com/rivo/uniseg"
)

// pipeWidth is the width of text that does not go to a terminal. maxWidth is the widest
// that is easy to read.
const pipeWidth, maxWidth = 100, 120

// wrap breaks text into lines of at most width cells, including indent. It breaks at the
// places that Unicode allows (UAX #14): between words, and between most Chinese
// characters, which are two cells wide. A word longer than a line gets its own line. No
// line ends with spaces.
func wrap(text string, width int, indent string) string {
	var out strings.Builder
	for i, paragraph := range strings.Split(text, "\n") {
		if i > 0 {
			out.WriteByte('\n')
		}
		wrapLine(&out, paragraph, width-len(indent), indent)
	}
	return out.String()
}

func wrapLine(out *strings.Builder, text string, width int, indent string) {
	text = strings.TrimRight(text, " ")
	if text == "" {
		return
	}
	out.WriteString(indent)
	gap := "" // spaces before the next segment
	for used, state := 0, -1; text != ""; {
		var segment string
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		word := strings.TrimRight(segment, " ")
		cells := uniseg.StringWidth(word)
		if used > 0 && used+len(gap)+cells > width {
			out.WriteString("\n" + indent)
			used, gap = 0, ""
		}
		out.WriteString(gap + word)
		used += len(gap) + cells
		gap = segment[len(word):]
	}
}

// firstCells returns the beginning of text on one line, cut to a width in terminal
// cells.
func firstCells(text string, cells int) string {
	text = strings.Join(strings.Fields(oneLine(text)), " ")
	var out strings.Builder
	for used, state := 0, -1; text != ""; {
		var cluster string
		var width int
		cluster, text, width, state = uniseg.FirstGraphemeClusterInString(text, state)
		if used += width; used > cells {
			return out.String() + "…"
		}
		out.WriteString(cluster)
	}
	return out.String()
}
