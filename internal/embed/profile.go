package embed

import "github.com/accord-search/accord/internal/embed/driver"

// PrefixBy is the side that puts a model's prefix before a text.
type PrefixBy string

// The sides that may add prefixes.
const (
	PrefixByClient PrefixBy = "client"
	PrefixByServer PrefixBy = "server"
)

// Profile holds everything that decides which vector a text gets. Vectors made under
// different profiles cannot be compared, so the profile is stored with them. Profiles
// can be compared with ==.
type Profile struct {
	Model         string   `json:"model"`
	QueryPrefix   string   `json:"query_prefix"`
	PassagePrefix string   `json:"passage_prefix"`
	PrefixBy      PrefixBy `json:"prefix_by"`
	// Dimensions is the length of every vector.
	Dimensions int `json:"dimensions"`
	// MaxTokens is the longest text that the model takes, prefix included.
	MaxTokens int `json:"max_tokens"`
	// Normalised means that vectors have unit length. The client ensures it.
	Normalised bool `json:"normalised"`
}

// clientPrefix returns the prefix that the client adds to a text.
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
