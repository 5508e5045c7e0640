// Package driver is what a model server's wire format must do for Accord: turn
// a few texts into vectors with one request, and say what the server is.
// A driver does not batch, retry, add prefixes or judge vectors; package embed
// does, above every driver alike. It is a leaf: standard library only.
package driver

import "context"

// Driver speaks one wire format to one server. It is safe for concurrent use.
// Every call ends with its context, and every error is an *Error. A driver that
// holds connections of its own is an io.Closer too.
type Driver interface {
	// Embed turns the request's texts into vectors with one request to the
	// server. The answer holds exactly one vector a text, in the order of the
	// texts; anything else is an error that wraps ErrMalformed.
	Embed(ctx context.Context, req Request) (Response, error)
	// Describe asks the server what it serves, and what it tells of model; of the
	// first that it lists where model is empty. A server that lists no models, or
	// not to this caller, gives an Info without Models, not an error.
	Describe(ctx context.Context, model string) (Info, error)
}

// Forgetter is a driver that remembers what the server told.
type Forgetter interface {
	// Forget has the next Describe ask anew.
	Forget()
}

// Input says what the texts of a request are. Servers that add a model's
// prefix themselves choose it by this; others ignore it.
type Input int

// The two sides of a search.
const (
	Query Input = iota
	Passage
)

// String returns "query" or "passage".
func (i Input) String() string {
	if i == Passage {
		return "passage"
	}
	return "query"
}

// Request is one request to a server.
type Request struct {
	// Model names the model where the server holds several; empty leaves the
	// choice to the server.
	Model string
	Texts []string
	Input Input
	// Dimensions asks for vectors cut to that length, of models trained for it; 0
	// for those that the model makes.
	Dimensions int
}

// Response is a server's answer to a Request.
type Response struct {
	// Vectors holds one vector a text, in the order of the texts.
	Vectors [][]float32
	// Model is the name that the server gave; empty where it gave none.
	Model string
	// Tokens is how many tokens of all texts together the server says that it
	// read; 0 where it does not say.
	Tokens int
}

// Info is what a server says of itself.
type Info struct {
	// Models lists the models served, in the server's order.
	Models []Model
	// Prefixes is what the server itself puts before texts, by Input; nil
	// where it embeds texts as they come.
	Prefixes *Prefixes
	// Limits is what the server takes, as far as it tells or its kind is known.
	Limits Limits
}

// Limits is what a server takes, or what suits it. 0 stands for not known.
type Limits struct {
	// MaxTokens is how many tokens of one text, with all that is put around it,
	// the server embeds.
	MaxTokens int
	// MaxBatchInputs bounds the texts of one request.
	MaxBatchInputs int
	// MaxBatchTokens bounds the tokens of one request, as chunk.EstimateTokens
	// counts them.
	MaxBatchTokens int
	// MaxBatchBytes bounds the texts of one request, in bytes of UTF-8.
	MaxBatchBytes int
	// MaxConcurrentRequests is how many requests are worth having in flight.
	MaxConcurrentRequests int
	// MaxConcurrentInputs bounds the texts of all requests in flight together.
	MaxConcurrentInputs int
}

// LeastLimit returns the smallest of limits that are known, those above 0; 0 for
// none.
func LeastLimit(limits ...int) int {
	least := 0
	for _, limit := range limits {
		if limit > 0 && (least == 0 || limit < least) {
			least = limit
		}
	}
	return least
}

// Model is one entry of a server's list of models.
type Model struct {
	ID      string
	OwnedBy string
	// Revision is what the server tells of the weights: a commit or a digest;
	// empty where it tells nothing.
	Revision string
}

// Prefixes are the words that a model was trained to see before a text.
type Prefixes struct {
	Query, Passage string
}
