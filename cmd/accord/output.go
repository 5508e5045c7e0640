package main

import (
	"io"
	"os"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"
)

// streams are the output streams of a command. Tests replace them.
type streams struct {
	out, err io.Writer
}

// plain returns streams that remove what a terminal would act on.
func (s streams) plain() streams {
	return streams{out: &plainWriter{to: s.out}, err: &plainWriter{to: s.err}}
}

// plainWriter writes text without harmful characters. Texts, titles and messages come
// from files and servers, which may be hostile. It is safe for concurrent use.
type plainWriter struct {
	to io.Writer

	mu   sync.Mutex
	rest []byte // beginning of a character whose last bytes are not written yet
}

// Write implements io.Writer.
func (w *plainWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := append(w.rest, p...)
	whole := len(text)
	for start := max(0, whole-utf8.UTFMax+1); start < whole; start++ {
		if utf8.RuneStart(text[start]) && !utf8.FullRune(text[start:]) {
			whole = start
			break
		}
	}
	w.rest = append([]byte(nil), text[whole:]...)
	if _, err := io.WriteString(w.to, plain(string(text[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// raw returns the writer below a plainWriter, for what must control the terminal: bold
// text and progress bars.
func raw(w io.Writer) io.Writer {
	if p, ok := w.(*plainWriter); ok {
		return p.to
	}
	return w
}

// harmful reports whether a terminal may do more with a character than show it. Control
// characters (except for line feed and tab) move the cursor or begin commands.
// Bidirectional embeddings and overrides change the order of text.
func harmful(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || '\u202a' <= r && r <= '\u202e' || '\u2066' <= r && r <= '\u2069'
}

// plain returns text without harmful characters.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if harmful(r) {
			return -1
		}
		return r
	}, text)
}

// oneLine returns text without harmful characters and on one line, so that a title or a
// message cannot look like further lines of output.
func oneLine(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\n\t\v\f\u2028\u2029", r):
			return ' '
		case harmful(r):
			return -1
		}
		return r
	}, text))
}

// outputWidth returns the maximum width of a line written to w, in cells.
func outputWidth(w io.Writer) int {
	file, ok := raw(w).(*os.File)
	if !ok {
		return pipeWidth
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return pipeWidth
	}
	return min(max(width, 20), maxWidth)
}

// isTerminal reports whether w is a terminal.
func isTerminal(w io.Writer) bool {
	file, ok := raw(w).(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
