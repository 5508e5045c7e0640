// Package document defines the types that all other packages share: documents, passages,
// ranges of text, model profiles, resource names and sentinel errors. It is a leaf: it
// imports no other package of Accord, and neither gRPC nor SQL.
package document

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Document is one text with its title, source and other fields.
type Document struct {
	// Collection and ID are the two variable parts of the resource name
	// collections/{collection}/documents/{id}.
	Collection string
	ID         string

	Title string
	// LanguageCode is a BCP-47 tag such as "en" or "zh"; "und" if it is unknown.
	LanguageCode string
	// PublishTime is zero if the document is undated. Its location is the time zone that
	// the source gave.
	PublishTime      time.Time
	PublishPrecision Precision
	// Source is the publisher as written, such as "Xinhua". Filters compare it exactly.
	Source string
	URI    string

	// Text is the cleaned text: valid UTF-8 in normalisation form C, without NUL. Every
	// TextRange refers to it.
	Text string
	// Blocks are ranges of Text whose kind the writer knows, in order and without overlap.
	Blocks []Block
	// PageStarts are the code points of Text at which the pages of a paged source begin, in
	// order: PageStarts[0] is where page 1 begins. It is empty for a source without pages. A
	// page without text begins where the next one does.
	PageStarts []int
	// Metadata holds the writer's own keys. Documents read from files have "file",
	// "file_ordinal" and, if the text names one, "source_id".
	Metadata map[string]string

	// Digest, ETag, CreateTime and UpdateTime are set when the document is stored.
	Digest     string
	ETag       string
	CreateTime time.Time
	UpdateTime time.Time
	// IndexState says how much of the document has vectors in the active space. IndexError is
	// the reason if IndexState is IndexFailed.
	IndexState IndexState
	IndexError string
	// Failures are the windows for which the active space will never have a vector.
	Failures []WindowFailure
}

// PageAt returns the page, from 1, that holds a code point of the text. It is 0 for a
// document without pages.
func (d Document) PageAt(point int) int {
	page, _ := slices.BinarySearch(d.PageStarts, point+1)
	return page
}

// TextDigest returns the Digest of a text: "sha256:" and 64 lower-case hexadecimal digits
// over its UTF-8 bytes.
func TextDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Precision is how exactly a source gave its publish time.
type Precision int

// Precisions of publish times, from none to the second.
const (
	PrecisionUnknown Precision = iota
	PrecisionDate              // midnight UTC of the date
	PrecisionMinute
	PrecisionSecond
)

// Kind is the structural role of a passage or block.
type Kind int

// Kinds of passages. Headings and captions are stored, but ranked only if a filter asks for
// them.
const (
	KindUnknown Kind = iota
	KindParagraph
	KindArticle
	KindHeading
	KindCaption
)

var kindNames = [...]string{"UNKNOWN", "PARAGRAPH", "ARTICLE", "HEADING", "CAPTION"}

// String returns the kind's name as callers see it, such as "ARTICLE".
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return kindNames[KindUnknown]
	}
	return kindNames[k]
}

// Block is a range of a document's text with a known kind.
type Block struct {
	Kind  Kind
	Range TextRange
	// Level is that of a heading in the outline of the document, from 1, the outermost, to
	// MaxLevel. It is 0 for other kinds, and for a heading that is not above the text after
	// it, such as the date line below a title.
	Level int `json:",omitempty"` // omitted if 0, so that etags from before there were levels stay the same
}

// MaxLevel is the level of headings that only their look shows. Headings that a format marks
// have lower levels.
const MaxLevel = 10

// Passage is a structural unit of a document's text, independent of any model:
// one paragraph, or one numbered article up to the next number.
type Passage struct {
	// Ordinal is the position of the passage among all passages of the document, from 0.
	Ordinal int
	Kind    Kind
	// Label is the number of an article as the text writes it, without the mark after it:
	// "十二", "第十二条", "Article 12". It is empty for other kinds.
	Label string
	// LabelPath has the headings and numbers above the passage, the outermost first, such as
	// "Chapter II", "Section 1"; and then Label, if the passage has one, or the number of the
	// clause that it is, such as "1.1". It is empty if there are none.
	LabelPath    []string
	LanguageCode string
	// Text is exactly the part of Document.Text given by Range.
	Text  string
	Range TextRange
	// Page and PageEnd are the pages, from 1, of the passage's first and last character. They
	// are 0 for a document without pages.
	Page, PageEnd int
}
