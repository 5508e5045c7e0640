package embed

import (
	"strings"

	"github.com/accord-search/accord/internal/embed/driver"
)

// PrefixBy says who puts a model's prefix before a text.
type PrefixBy string

// Those who do.
const (
	PrefixByClient PrefixBy = "client"
	PrefixByServer PrefixBy = "server"
)

// Profile is all that decides what vector a text gets. Vectors made under
// different profiles cannot be compared, so it is stored with them; two
// profiles are the same where == says so.
type Profile struct {
	Model         string   `json:"model"`
	QueryPrefix   string   `json:"query_prefix"`
	PassagePrefix string   `json:"passage_prefix"`
	PrefixBy      PrefixBy `json:"prefix_by"`
	// Dimensions is the length of every vector.
	Dimensions int `json:"dimensions"`
	// MaxTokens is how much of a text, prefix included, the model takes.
	MaxTokens int `json:"max_tokens"`
	// Normalised says that vectors have unit length. The client sees to it.
	Normalised bool `json:"normalised"`
}

// defaultMaxTokens is the context of the E5 models and of most others that run
// on a CPU; a model that takes more loses nothing but length of window by it.
const defaultMaxTokens = 512

// knownPrefixes returns the prefixes that the model of that name was trained
// with: file names and owners around the name do not matter. Models not known
// here get none.
func knownPrefixes(model string) driver.Prefixes {
	name := strings.ToLower(model)
	if strings.Contains(name, "multilingual-e5-") && !strings.Contains(name, "instruct") {
		// The model card of intfloat/multilingual-e5-small, FAQ 1.
		return driver.Prefixes{Query: "query: ", Passage: "passage: "}
	}
	return driver.Prefixes{}
}

// clientPrefix returns what the client puts before a text.
func (p Profile) clientPrefix(input driver.Input) string {
	switch {
	case p.PrefixBy == PrefixByServer:
		return ""
	case input == driver.Passage:
		return p.PassagePrefix
	default:
		return p.QueryPrefix
	}
}
