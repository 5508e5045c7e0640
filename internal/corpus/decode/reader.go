package decode

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// blockSize is how many bytes are decoded at a time. A text of at most this size is decoded
// as Text decodes it.
const blockSize = 1 << 20

// Reader decodes a text of any size while it is read. The first block with characters beyond
// ASCII decides the encoding of all that follows. A Reader holds a few megabytes in memory.
type Reader struct {
	// Doubt names two encodings if both fit almost equally well, beginning with the one that
	// is used. It is complete when all of the text has been read.
	Doubt []string

	from    io.Reader
	buffer  []byte
	rest    []byte // bytes of the buffer that were read and not decoded
	text    []byte // what was decoded and not returned
	decoder io.Reader
	begun   bool  // whether the first block was decoded
	unicode bool  // whether the text is in UTF-8
	err     error // of reading, returned after the text before it
}

// NewReader returns a Reader that decodes the bytes of from. Read fails with ErrBinary if
// they are not text.
func NewReader(from io.Reader) *Reader { return &Reader{from: from} }

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.text) == 0 {
		switch {
		case r.decoder != nil:
			return r.decoder.Read(p)
		case r.err != nil:
			return 0, r.err
		}
		r.next()
	}
	n := copy(p, r.text)
	r.text = r.text[n:]
	return n, nil
}

// next reads and decodes a block. It sets text, decoder or err.
func (r *Reader) next() {
	read := r.fill()
	block := read[:lineEnd(read, r.err == nil)]
	r.rest = read[len(block):]
	if !r.begun {
		r.begun = true
		even := read[:len(read)/2*2]
		if r.err != nil {
			even = read
		}
		kind := http.DetectContentType(block)
		known := isKnown(kind)
		if utf16 := utf16Order(even); utf16 != nil && !known {
			r.decodeRest(read, utf16)
			return
		}
		if block = withoutStrayNULs(block, kind); isBinary(block, known) {
			r.err = fmt.Errorf("%w (%s), not text", ErrBinary, kind)
			return
		}
		block = bytes.TrimPrefix(block, []byte("\xEF\xBB\xBF"))
	}
	if bytes.IndexByte(block, 0) >= 0 {
		block = bytes.ReplaceAll(block, []byte{0}, nil)
	}
	r.unicode = r.unicode || likelyUTF8(block)
	switch {
	case utf8.Valid(block):
		r.text = block
	case r.unicode:
		r.text = []byte(decodeLines(block))
	default:
		from, doubt := legacyOf(block)
		r.Doubt = doubt
		r.decodeRest(append(bytes.Clone(block), r.rest...), from)
	}
}

// fill reads until the buffer is full or reading fails, and returns what is in the buffer.
func (r *Reader) fill() []byte {
	if r.buffer == nil {
		r.buffer = make([]byte, blockSize)
	}
	held := copy(r.buffer, r.rest)
	for r.err == nil && held < len(r.buffer) {
		var n int
		n, r.err = r.from.Read(r.buffer[held:])
		held += n
	}
	return r.buffer[:held]
}

// decodeRest makes Read decode some bytes, and all that follows them, from an encoding.
func (r *Reader) decodeRest(begin []byte, from encoding.Encoding) {
	rest := r.from
	if r.err != nil {
		rest = failing{r.err}
	}
	noNUL := runes.Remove(runes.Predicate(func(c rune) bool { return c == 0 }))
	r.decoder = transform.NewReader(io.MultiReader(bytes.NewReader(begin), rest), transform.Chain(from.NewDecoder(), noNUL))
}

// failing is a reader that returns err for each read.
type failing struct{ err error }

// Read implements io.Reader.
func (f failing) Read([]byte) (int, error) { return 0, f.err }

// lineEnd returns the offset after the last line of data that has ended, or the length of
// data if nothing follows. A line that fills all of data is cut between two characters.
func lineEnd(data []byte, follows bool) int {
	if !follows {
		return len(data)
	}
	if end := bytes.LastIndexByte(data, '\n') + 1; end > 0 {
		return end
	}
	for back := 1; back < utf8.UTFMax && back < len(data); back++ {
		if at := len(data) - back; utf8.RuneStart(data[at]) {
			if !utf8.FullRune(data[at:]) {
				return at
			}
			break
		}
	}
	return len(data)
}

// likelyUTF8 reports whether data has characters beyond ASCII, and most of them are valid UTF-8.
func likelyUTF8(data []byte) bool {
	if !bytes.ContainsFunc(data, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return false
	}
	valid, broken := countUTF8(data)
	return valid > broken
}

// isKnown reports whether a MIME type is that of a format other than text.
func isKnown(kind string) bool {
	return !strings.HasPrefix(kind, "text/") && kind != "application/octet-stream"
}

// isBinary reports whether data without stray NULs is not text. known is whether its first
// bytes are those of another format.
func isBinary(data []byte, known bool) bool {
	return known || bytes.IndexByte(data, 0) >= 0 || !utf8.Valid(data) && controls(data)*20 > len(data)
}
