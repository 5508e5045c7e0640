// Package space holds embedding spaces: what a collection's vectors were made
// with, and whether the model server at hand makes the same ones.
package space

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// WindowingVersion numbers the way in which passages are cut into the windows
// that get vectors. Another way makes another space.
//
//	1: a passage that fits the model is one window, a longer one several.
const WindowingVersion = 1

// Space is one embedding space of a collection.
type Space struct {
	Collection string
	ID         string
	Model      string
	Dimensions int
	// Profile is the model's profile as JSON, kept for people to read.
	Profile json.RawMessage
	// WindowTokens is how many tokens of a passage one window holds at most.
	WindowTokens int
	// VectorTable is set by the store, which makes the table.
	VectorTable string
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
}

// ID returns the id of the space of an identity and this windowing version: the
// model's name as far as an id can hold it, and eight hexadecimal digits of a
// digest over the rest.
func (i Identity) ID() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %d %d %q %q %d",
		i.Model, i.Dimensions, i.MaxTokens, i.QueryPrefix, i.PassagePrefix, WindowingVersion))
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
