// Package space holds embedding spaces: what a collection's vectors were made
// with, and whether the model server at hand makes the same ones.
package space

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// Windowing numbers the ways in which passages are cut into the windows that
// get vectors. Another way makes another space.
type Windowing int

// The ways of cutting.
const (
	// WindowingPassages makes one window of a passage that fits the model, and
	// several of a longer one.
	WindowingPassages Windowing = iota + 1
	// WindowingSentences makes besides, of a passage with more than two
	// sentences, a window of each two that follow each other: better ranking in
	// every direction for about twice the embedding and storage (docs/
	// decisions, RANK-6).
	WindowingSentences
)

// State is where a space is on its way.
type State string

// The states. Every space that exists is written, whatever its state.
const (
	// Building: documents are being embedded for it in the background.
	Building State = "BUILDING"
	// Ready: it holds every document, and may be activated.
	Ready State = "READY"
	// Active: it is searched. A collection has one.
	Active State = "ACTIVE"
	// Retired: it was active, and may be again.
	Retired State = "RETIRED"
)

// Space is one embedding space of a collection.
type Space struct {
	Collection string
	ID         string
	State      State
	Model      string
	Dimensions int
	// Server is the configured name of the model server that it was made with.
	// Another one that makes the same vectors does as well.
	Server string
	// Profile says how the model makes vectors.
	Profile document.ModelProfile
	// Fingerprint holds the vectors of probe texts, taken when the space was made:
	// they tell the model whatever it is called. Empty for a space of before there
	// were fingerprints.
	Fingerprint [][]float32
	// Windowing says which windows a passage has.
	Windowing Windowing
	// WindowTokens is how many tokens of a passage one window holds at most.
	WindowTokens int
	// VectorTable is set by the store, which makes the table: the vectors as
	// the model gave them.
	VectorTable string
	// Calibration is the generation that is searched, set by the store.
	Calibration Calibration
	// Terms are those of the collection's passages, set by the store.
	Terms Terms
}

// Status is a space and how far it is.
type Status struct {
	Space
	// Documents are those of the collection, Pending those of them that the space
	// does not hold yet as they are now.
	Documents, Pending int64
	// Windows have a vector in the space, Failed ones have none for good.
	Windows, Failed int64
	CreateTime      time.Time
	// ActivateTime is when it was last made ACTIVE; zero if never.
	ActivateTime time.Time
}

// Terms says where the terms of a collection's passages stand. They are the same
// for all its spaces.
type Terms struct {
	Table string
	// Languages are the primary subtags that passages are or were in, sorted.
	Languages []string
	// Packed are those of them whose passages have postings, or had, sorted.
	Packed []string
}

// Calibration is a generation of what makes similarities of several languages
// comparable, as far as it has to be known before it is loaded.
type Calibration struct {
	// Generation counts from 1 within the space.
	Generation int
	// CentredTable holds the vectors as they are searched: less the mean of
	// their language, and of unit length again.
	CentredTable string
	// Languages are the primary subtags that the generation knows, sorted. Some
	// may be added to a generation, none is changed or taken away.
	Languages []string
	// Learned counts what the generation knows: its languages, and those of them that
	// have reference queries. It only grows.
	Learned int
	// Indexed are the languages whose centred vectors have an HNSW index.
	Indexed []string
}

// Collection is a corpus with the space that is searched.
type Collection struct {
	ID         string
	Active     Space
	Documents  int64
	Passages   int64
	CreateTime time.Time
}

// Name returns collections/{collection}/spaces/{space}.
func (s Space) Name() string { return document.SpaceName(s.Collection, s.ID) }

// Identity is all that decides what a vector means. Who puts a prefix before a
// text is no part of it, and neither is the server.
type Identity struct {
	Model                      string
	Dimensions, MaxTokens      int
	QueryPrefix, PassagePrefix string
	Windowing                  Windowing
}

// ID returns the id of the space of an identity: the model's name as far as an
// id can hold it, and eight hexadecimal digits of a digest over the rest.
func (i Identity) ID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q %q %d",
		i.Model, i.Dimensions, i.MaxTokens, i.QueryPrefix, i.PassagePrefix, i.Windowing))
	var slug strings.Builder
	for _, r := range strings.ToLower(i.Model) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			slug.WriteRune(r)
		} else if s := slug.String(); s != "" && !strings.HasSuffix(s, "-") {
			slug.WriteByte('-')
		}
	}
	const digits, longest = 8, 63
	name := slug.String()
	name = strings.Trim(name[:min(len(name), longest-digits-1)], "-")
	if name == "" {
		name = "model"
	}
	return name + "-" + hex.EncodeToString(sum[:digits/2])
}
