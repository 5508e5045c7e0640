// Package space defines embedding spaces: the settings with which a collection's vectors
// were made, the states of a space, and a registry that creates spaces and finds the model
// servers that serve them.
package space

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

// Windowing is the way in which passages are cut into the windows that get vectors. Spaces
// with different ways are different spaces.
type Windowing int

// Values of Windowing.
const (
	// WindowingPassages makes one window of each passage, or several if the passage is too
	// long for the model.
	WindowingPassages Windowing = iota + 1
	// WindowingSentences also makes a window of each two consecutive sentences, for
	// passages of more than two sentences. It ranks better in every direction, and takes
	// about twice the embedding and storage (docs/decisions, RANK-6).
	WindowingSentences
)

// State is the state of a space.
type State string

// Values of State. Documents are written to all spaces, whatever their state.
const (
	// Building: documents are being embedded for the space in the background.
	Building State = "BUILDING"
	// Ready: the space has every document, and may be activated.
	Ready State = "READY"
	// Active: searches use the space. A collection has one active space.
	Active State = "ACTIVE"
	// Retired: the space was active before, and may be activated again.
	Retired State = "RETIRED"
)

// Space is one embedding space of a collection.
type Space struct {
	Collection string
	ID         string
	State      State
	Model      string
	Dimensions int
	// Server is the configured name of the model server that the space was made with. Any
	// other server that makes the same vectors can be used instead.
	Server string
	// Profile is how the model makes vectors.
	Profile document.ModelProfile
	// Fingerprint has the vectors of probe texts, made when the space was made. They identify
	// the model whatever its name. It is empty if a version of Accord without fingerprints
	// made the space.
	Fingerprint [][]float32
	// Windowing is how passages are cut into windows.
	Windowing Windowing
	// WindowTokens is the maximum number of tokens of a window.
	WindowTokens int
	// VectorTable is the table of the vectors as the model made them. The store sets it.
	VectorTable string
	// Calibration is the generation that searches use. The store sets it.
	Calibration Calibration
	// Terms describes the terms of the collection's passages. The store sets it.
	Terms Terms
}

// Status is a space and its progress.
type Status struct {
	Space
	// Documents is the number of documents of the collection. Pending is how many of them
	// the space does not have in their current version.
	Documents, Pending int64
	// Windows is the number of windows with a vector. Failed is the number of windows that
	// will never have one.
	Windows, Failed int64
	CreateTime      time.Time
	// ActivateTime is when the space last became Active, or zero.
	ActivateTime time.Time
}

// Terms describes the tables with the terms of a collection's passages. All spaces of a
// collection share them.
type Terms struct {
	Table string
	// Languages are the languages (primary subtags) that passages have or had, sorted.
	Languages []string
	// Packed are the languages among them for which there are postings, sorted.
	Packed []string
}

// Calibration describes a generation of a calibration. It has only what is needed before the
// generation is loaded.
type Calibration struct {
	// Generation is the number of the generation within the space, from 1.
	Generation int
	// CentredTable is the table of the vectors that are searched: the mean of the language
	// is subtracted, and the length is 1.
	CentredTable string
	// Languages are the languages (primary subtags) that the generation has, sorted.
	// Languages may be added to a generation; none is changed or removed.
	Languages []string
	// Learned is the number of languages of the generation plus the number of those that
	// have reference queries. It only grows.
	Learned int
	// Indexed are the languages whose centred vectors have an HNSW index.
	Indexed []string
}

// Collection is a corpus with its active space.
type Collection struct {
	ID         string
	Active     Space
	Documents  int64
	Passages   int64
	CreateTime time.Time
}

// Name returns collections/{collection}/spaces/{space}.
func (s Space) Name() string { return document.SpaceName(s.Collection, s.ID) }

// Identity is everything that decides what a vector means. It does not matter who adds the
// prefix to a text, or which server makes the vector.
type Identity struct {
	Model                      string
	Dimensions, MaxTokens      int
	QueryPrefix, PassagePrefix string
	Windowing                  Windowing
}

// ID returns the id of spaces with an identity: the model's name, adapted to the rules for
// ids, and eight hexadecimal digits of a digest of all fields.
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

// Cut cuts passages into the windows of the space. windows holds, for each passage,
// its windows without vectors. texts holds the texts to embed for all windows, in the
// same order.
func (s Space) Cut(passages []document.Passage) (windows [][]document.Window, texts []string) {
	windows = make([][]document.Window, len(passages))
	for i, p := range passages {
		sentences := s.Windowing == WindowingSentences && (p.Kind == document.KindParagraph || p.Kind == document.KindArticle)
		for _, piece := range chunk.Pieces(p.Text, sentences, s.WindowTokens, chunk.EstimateTokens) {
			windows[i] = append(windows[i], document.Window{Role: piece.Role, Range: piece.Range.Within(p.Range)})
			texts = append(texts, piece.Text)
		}
	}
	return windows, texts
}
