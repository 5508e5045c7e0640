package document

// PrefixBy is the side that adds a model's prefix to a text.
type PrefixBy string

// The sides that may add prefixes.
const (
	PrefixByClient PrefixBy = "client"
	PrefixByServer PrefixBy = "server"
)

// ModelProfile holds everything that decides which vector a text gets. Vectors made with
// different profiles cannot be compared, so the profile is stored with them. Profiles can
// be compared with ==.
type ModelProfile struct {
	Model         string
	QueryPrefix   string
	PassagePrefix string
	PrefixBy      PrefixBy
	// Dimensions is the length of every vector.
	Dimensions int
	// MaxTokens is the maximum number of tokens of a text, prefix included.
	MaxTokens int
	// Normalised means that vectors have unit length. If the model does not ensure it, the
	// client does.
	Normalised bool
}
