// Package embedtest is for tests alone: an instant model server, ways for a
// server to fail, and the conformance suite that every driver passes.
package embedtest

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"net/http"
	"strings"
	"sync"
	"unicode"
)

// Server is an instant model server that speaks OpenAI's format at /v1. The
// same text always gets the same vector, and texts with words in common get
// vectors that are near. Set its fields before its first request.
type Server struct {
	Model      string
	OwnedBy    string
	Dimensions int
	// Vectors are those of texts that do not get Vector's.
	Vectors map[string][]float32

	mu       sync.Mutex
	requests []Request
}

// Request is one POST /v1/embeddings that a Server got.
type Request struct {
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	InputType      string   `json:"input_type"`
	EncodingFormat string   `json:"encoding_format"`
	// Authorization is the header of that name.
	Authorization string `json:"-"`
}

// Requests returns the embedding requests so far, in order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/models":
		writeJSON(w, map[string]any{"object": "list", "data": []any{
			map[string]string{"id": s.Model, "object": "model", "owned_by": s.OwnedBy},
		}})
	case "POST /v1/embeddings":
		s.embed(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (s *Server) embed(w http.ResponseWriter, r *http.Request) {
	req := Request{Authorization: r.Header.Get("Authorization")}
	if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.requests = append(s.requests, req)
	s.mu.Unlock()

	data := make([]any, len(req.Input))
	for i, text := range req.Input {
		// The last comes first: the order is what index says.
		vector, ok := s.Vectors[text]
		if !ok {
			vector = Vector(text, s.Dimensions)
		}
		data[len(data)-1-i] = map[string]any{"object": "embedding", "index": i, "embedding": vector}
	}
	writeJSON(w, map[string]any{
		"object": "list", "data": data, "model": s.Model,
		"usage": map[string]int{"prompt_tokens": Tokens(req.Input), "total_tokens": Tokens(req.Input)},
	})
}

func writeJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	// The client has gone where this fails.
	_ = json.NewEncoder(w).Encode(body)
}

// Vector returns the vector that a Server gives text: of unit length, with
// each word, or single character of a script without spaces, adding to the
// dimensions that its hash picks.
func Vector(text string, dimensions int) []float32 {
	vector := make([]float32, dimensions)
	vector[0] = 1 // no text is zero
	for _, word := range words(text) {
		hash := fnv.New64a()
		hash.Write([]byte(word))
		sum := hash.Sum64()
		for range 4 {
			sign := float32(1)
			if sum&1 == 1 {
				sign = -1
			}
			vector[(sum>>1)%uint64(dimensions)] += sign
			sum = sum>>16 | sum<<48
		}
	}
	var norm float64
	for _, x := range vector {
		norm += float64(x) * float64(x)
	}
	if norm == 0 {
		vector[0], norm = 1, 1
	}
	for i := range vector {
		vector[i] /= float32(math.Sqrt(norm))
	}
	return vector
}

// Tokens returns how many tokens a Server says that texts have: their words, and
// two that stand around each text.
func Tokens(texts []string) int {
	n := 2 * len(texts)
	for _, text := range texts {
		n += len(words(text))
	}
	return n
}

func words(text string) []string {
	var b strings.Builder
	for _, r := range strings.ToLower(text) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			b.WriteRune(' ')
			b.WriteRune(r)
			b.WriteRune(' ')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		default:
			b.WriteRune(' ')
		}
	}
	return strings.Fields(b.String())
}
