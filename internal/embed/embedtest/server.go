// Package embedtest is for tests only. It has a fast model server, handlers that simulate
// failing servers, and conformance suites for drivers, with simulated and with real
// servers.
package embedtest

import (
	"bytes"
	"encoding/json"
	"hash/fnv"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Server is a fast model server that speaks OpenAI's format at /v1. The same text
// always gets the same vector, and texts with words in common get similar vectors.
// Set its fields before its first request.
type Server struct {
	Model      string
	OwnedBy    string
	Dimensions int
	// Vectors overrides the result of Vector for some texts.
	Vectors map[string][]float32

	mu       sync.Mutex
	requests []Request
}

// Request is one POST /v1/embeddings that a Server received.
type Request struct {
	Model          string   `json:"model"`
	Input          []string `json:"input"`
	InputType      string   `json:"input_type"`
	EncodingFormat string   `json:"encoding_format"`
	Dimensions     int      `json:"dimensions"`
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
		WriteJSON(w, map[string]any{"object": "list", "data": []any{
			map[string]string{"id": s.Model, "object": "model", "owned_by": s.OwnedBy},
		}})
	case "POST /v1/embeddings":
		s.embed(w, r)
	default:
		http.NotFound(w, r)
	}
}

// Backwards serves a different model under the same name as a Server, by reversing the
// texts.
type Backwards struct{ *Server }

// ServeHTTP implements http.Handler.
func (b Backwards) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var req Request
	if r.Method == http.MethodPost && json.NewDecoder(r.Body).Decode(&req) == nil {
		for i, text := range req.Input {
			letters := []rune(text)
			slices.Reverse(letters)
			req.Input[i] = string(letters)
		}
		encoded, _ := json.Marshal(req) // cannot fail, since req was decoded from JSON
		r.Body = io.NopCloser(bytes.NewReader(encoded))
	}
	b.Server.ServeHTTP(w, r)
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
		// The vectors are sent in reverse order, so that clients have to use the index.
		vector, ok := s.Vectors[text]
		if !ok {
			vector = Vector(text, s.Dimensions)
		}
		data[len(data)-1-i] = map[string]any{"object": "embedding", "index": i, "embedding": vector}
	}
	WriteJSON(w, map[string]any{
		"object": "list", "data": data, "model": s.Model,
		"usage": map[string]int{"prompt_tokens": Tokens(req.Input), "total_tokens": Tokens(req.Input)},
	})
}

// WriteJSON writes body as the answer.
func WriteJSON(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	// fails only if the client has disconnected
	_ = json.NewEncoder(w).Encode(body)
}

// Vector returns the vector that a Server gives text. It has unit length. Each word,
// or character of a script without spaces, adds to the dimensions that its hash
// selects.
func Vector(text string, dimensions int) []float32 {
	vector := make([]float32, dimensions)
	vector[0] = 1 // so that no text gets a zero vector
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

// Tokens returns the number of tokens that a Server counts for texts: one for each word,
// and two for each text.
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
