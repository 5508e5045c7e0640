package embed

import "github.com/accord-search/accord/internal/embed/driver"

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
