// Package driver defines the interface between package embed and the drivers, one for each
// wire format of model servers. A driver turns a few texts into vectors with one request,
// and describes the server. It does not batch, retry, add prefixes or check vectors, since
// package embed does that for all drivers. This package uses only the standard library.
package driver

import "context"

// Driver speaks one wire format to one server. It is safe for concurrent use. Every
// call ends with its context, and every error is an *Error. A driver with connections
// of its own also implements io.Closer.
type Driver interface {
	// Embed turns the request's texts into vectors with one request to the server. The
	// response holds exactly one vector for each text, in the same order. If the server's
	// answer is anything else, the error wraps ErrMalformed.
	Embed(ctx context.Context, req Request) (Response, error)
	// Describe asks the server for the models that it serves, and for the limits of model,
	// or of the first listed model if model is empty. If the server lists no models, or
	// none to this caller, Info has no Models, and that is not an error.
	Describe(ctx context.Context, model string) (Info, error)
}

// Forgetter is a driver that caches what the server has reported.
type Forgetter interface {
	// Forget drops the cache, so that the next Describe asks the server again.
	Forget()
}

// Input is the kind of the texts in a request. Servers that add a model's prefix themselves
// choose the prefix by it; other servers ignore it.
type Input int

// Values of Input.
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
	// Model names the model if the server has several. If it is empty, the server
	// chooses.
	Model string
	Texts []string
	Input Input
	// Dimensions requests vectors shortened to that length, from models trained for
	// it. 0 requests the model's own length.
	Dimensions int
}

// Response is a server's answer to a Request.
type Response struct {
	// Vectors holds one vector for each text, in the order of the texts.
	Vectors [][]float32
	// Model is the model that the server names, or empty if it names none.
	Model string
	// Tokens is the number of tokens that the server reports for all texts together, or 0
	// if it reports none.
	Tokens int
}

// Info is a server's description of itself.
type Info struct {
	// Models lists the models served, in the server's order.
	Models []Model
	// Prefixes are the prefixes that the server itself adds to texts, by Input. It is
	// nil if the server embeds texts unchanged.
	Prefixes *Prefixes
	// Limits are the limits that the server reports, or that are known for its kind.
	Limits Limits
}

// Limits are what a server accepts, or what is best for it. 0 means unknown.
type Limits struct {
	// MaxTokens is the maximum number of tokens of one text that the server embeds,
	// including tokens that it adds.
	MaxTokens int
	// MaxBatchInputs bounds the number of texts in one request.
	MaxBatchInputs int
	// MaxBatchTokens bounds the tokens of one request, as chunk.EstimateTokens counts
	// them.
	MaxBatchTokens int
	// MaxBatchBytes bounds the total length of the texts of one request, in bytes of UTF-8.
	MaxBatchBytes int
	// MaxConcurrentRequests is the number of concurrent requests above which throughput
	// does not grow.
	MaxConcurrentRequests int
	// MaxConcurrentInputs bounds the number of texts in all requests in flight together.
	MaxConcurrentInputs int
}

// LeastLimit returns the smallest of the known limits, which are those above 0. It
// returns 0 if there are none.
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
	// Revision identifies the weights: a commit or a digest. It is empty if the
	// server reports none.
	Revision string
}

// Prefixes are the prefixes that a model was trained with.
type Prefixes struct {
	Query, Passage string
}
