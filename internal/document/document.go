// Package document holds the nouns that every other package speaks of:
// documents, passages, ranges into text, resource names and the errors about
// them. It is a leaf: it imports nothing of Accord and nothing of gRPC or SQL.
package document

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Document is one text with what is known of it.
type Document struct {
	// Collection and ID are the two variable parts of the resource name
	// collections/{collection}/documents/{id}.
	Collection string
	ID         string

	Title string
	// LanguageCode is a BCP-47 tag such as "en" or "zh"; "und" if it is unknown.
	LanguageCode string
	// PublishTime is zero for an undated document. Its location is the zone
	// that the source gave.
	PublishTime      time.Time
	PublishPrecision Precision
	// Source is who published it, as written ("Xinhua"); sources are matched
	// as written.
	Source string
	URI    string

	// Text is the cleaned text: valid UTF-8, NFC, without NUL. Every TextRange
	// points into it.
	Text string
	// Blocks are typed ranges of Text that the reader of the file knows better
	// than a chunker could guess; in order, not overlapping.
	Blocks []Block
	// Metadata holds the caller's own keys; files set "file", "file_ordinal"
	// and, if the text names one, "source_id".
	Metadata map[string]string

	// Digest, ETag, CreateTime and UpdateTime are set when it is stored.
	Digest     string
	ETag       string
	CreateTime time.Time
	UpdateTime time.Time
	// IndexState says how much of it the active space holds, and IndexError why
	// that FAILED.
	IndexState IndexState
	IndexError string
	// Failures are the windows that the active space has no vector of, for good.
	Failures []WindowFailure
}

// TextDigest returns what Digest is for text:
// "sha256:" and 64 lower-case hexadecimal digits over its UTF-8 bytes.
func TextDigest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Precision says how exactly a source gave its publish time.
type Precision int

// Publish time precisions, from none to the second.
const (
	PrecisionUnknown Precision = iota
	PrecisionDate              // midnight UTC of the day given
	PrecisionMinute
	PrecisionSecond
)

// Kind is the structural role of a passage or block.
type Kind int

// Passage kinds. HEADING and CAPTION are stored but not ranked unless asked for.
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

// Block marks a range of a document's text as being of a kind.
type Block struct {
	Kind  Kind
	Range TextRange
}

// Passage is a structural unit of a document's text, independent of any model:
// one paragraph, or one numbered article up to the next number.
type Passage struct {
	// Ordinal counts the document's passages of all kinds from 0.
	Ordinal int
	Kind    Kind
	// Label is the number of an article as the text writes it, without the
	// mark that follows: "十二", "第十二条", "Article 12". Empty for other kinds.
	Label        string
	LanguageCode string
	// Text is Document.Text cut at Range, exactly.
	Text  string
	Range TextRange
}
