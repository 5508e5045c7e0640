package main

import (
	"io"
	"os"
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/term"
)

// pipeWidth is how wide text is that goes to no terminal; maxWidth is how wide
// a line may be and still be read with ease.
const pipeWidth, maxWidth = 100, 120

// outputWidth returns how many cells a line written to w may have.
func outputWidth(w io.Writer) int {
	file, ok := w.(*os.File)
	if !ok {
		return pipeWidth
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return pipeWidth
	}
	return min(max(width, 20), maxWidth)
}

// isTerminal reports whether a person watches w.
func isTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// wrap breaks text into lines of at most width cells, indent included, where
// Unicode lets lines break (UAX #14): between words, and between most Chinese
// characters, which are two cells wide. What does not fit a line stands alone,
// and no line ends with spaces.
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
	gap := "" // the spaces before the next segment
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
