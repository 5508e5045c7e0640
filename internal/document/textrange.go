package document

import (
	"fmt"
	"unicode/utf8"
)

// TextRange is a half-open range of a document's text, both in Unicode code points and in
// UTF-8 bytes, so that programs in any language can cut it, whichever unit their strings
// use.
type TextRange struct {
	Start, End         int // code points
	StartByte, EndByte int // UTF-8 bytes
}

// Slice returns the part of text that the range covers.
func (r TextRange) Slice(text string) string { return text[r.StartByte:r.EndByte] }

// Part returns the range of the code points [start, end) of a text, cut at the end of the text,
// and the length of the whole text. An end of 0 means the end of the text.
func Part(text string, start, end int) (r TextRange, length int) {
	length = utf8.RuneCountInString(text)
	if end == 0 || end > length {
		end = length
	}
	start = min(start, end)
	r = TextRange{Start: start, End: end, StartByte: offset(text, start)}
	r.EndByte = r.StartByte + offset(text[r.StartByte:], end-start)
	return r, length
}

// offset returns the byte at which the code point n begins, counted from 0. It returns the
// length of the text if the text is shorter.
func offset(text string, n int) int {
	for at := range text {
		if n == 0 {
			return at
		}
		n--
	}
	return len(text)
}

// Within converts a range relative to outer into a range of the whole text.
func (r TextRange) Within(outer TextRange) TextRange {
	return TextRange{
		Start: outer.Start + r.Start, End: outer.Start + r.End,
		StartByte: outer.StartByte + r.StartByte, EndByte: outer.StartByte + r.EndByte,
	}
}

// RangeCounter converts byte offsets of a text into TextRanges. With ascending
// offsets it reads the text only once, whatever the number of ranges.
type RangeCounter struct {
	text     string
	bytes    int // offset up to which code points have been counted
	codeRune int // number of code points before bytes
}

// NewRangeCounter returns a counter over text.
func NewRangeCounter(text string) *RangeCounter { return &RangeCounter{text: text} }

// Range returns the range of the bytes [startByte, endByte).
func (c *RangeCounter) Range(startByte, endByte int) TextRange {
	start := c.codePoints(startByte)
	return TextRange{
		Start: start, End: start + utf8.RuneCountInString(c.text[startByte:endByte]),
		StartByte: startByte, EndByte: endByte,
	}
}

func (c *RangeCounter) codePoints(offset int) int {
	if offset < c.bytes {
		c.bytes, c.codeRune = 0, 0
	}
	c.codeRune += utf8.RuneCountInString(c.text[c.bytes:offset])
	c.bytes = offset
	return c.codeRune
}

// FillBytes sets the byte offsets of blocks that are given in code points. It returns a
// *FieldError that names the block if a block is not inside text, or if blocks are out of
// order or overlap.
func FillBytes(text string, blocks []Block) ([]Block, error) {
	out := make([]Block, len(blocks))
	at, codePoints := 0, 0 // bytes and code points read so far
	advance := func(to int) bool {
		for codePoints < to {
			_, size := utf8.DecodeRuneInString(text[at:])
			if size == 0 {
				return false
			}
			at += size
			codePoints++
		}
		return true
	}
	for i, b := range blocks {
		field := fmt.Sprintf("document.blocks[%d].range", i)
		r := b.Range
		if r.Start < codePoints || r.End <= r.Start {
			return nil, &FieldError{Field: field, Problem: fmt.Sprintf("[%d, %d) is empty, reversed, or starts before the previous block ends (%d)", r.Start, r.End, codePoints)}
		}
		if !advance(r.Start) {
			return nil, &FieldError{Field: field, Problem: fmt.Sprintf("start %d is beyond the text's end (%d code points)", r.Start, codePoints)}
		}
		startByte := at
		if !advance(r.End) {
			return nil, &FieldError{Field: field, Problem: fmt.Sprintf("end %d is beyond the text's end (%d code points)", r.End, codePoints)}
		}
		if (r.StartByte != 0 || r.EndByte != 0) && (r.StartByte != startByte || r.EndByte != at) {
			return nil, &FieldError{Field: field, Problem: fmt.Sprintf("code points [%d, %d) are bytes [%d, %d), not [%d, %d)", r.Start, r.End, startByte, at, r.StartByte, r.EndByte)}
		}
		out[i] = Block{Kind: b.Kind, Level: b.Level, Range: TextRange{Start: r.Start, End: r.End, StartByte: startByte, EndByte: at}}
	}
	return out, nil
}
