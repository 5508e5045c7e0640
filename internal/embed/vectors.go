package embed

import (
	"fmt"
	"math"
	"slices"

	"github.com/accord-search/accord/internal/embed/driver"
)

// normTolerance is how far from 1 the length of a vector may be and count as 1.
const normTolerance = 1e-3

// accept judges an answer to n texts: its vectors must be usable, and of the
// model and length that the connection was made with.
func (conn *connection) accept(resp driver.Response, n int) error {
	if err := conn.usable(resp, n); err != nil {
		return err
	}
	dimensions := len(resp.Vectors[0])
	renamed := resp.Model != "" && conn.answers != "" && resp.Model != conn.answers
	if renamed || dimensions != conn.profile.Dimensions {
		return conn.failed(resp, "%w: it now answers as model %q with %d dimensions, but vectors here are of model %q with %d: "+
			"start that model again, or restart with a space for the new one",
			ErrModelMismatch, resp.Model, dimensions, conn.answers, conn.profile.Dimensions)
	}
	return nil
}

// lists refuses a server whose list of models lacks the one that requests
// name. A server that lists none may serve it.
func (conn *connection) lists(info driver.Info) error {
	named := func(m driver.Model) bool { return m.ID == conn.asked }
	if conn.asked == "" || len(info.Models) == 0 || !conn.listed || slices.ContainsFunc(info.Models, named) {
		return nil
	}
	return fmt.Errorf("%w: %s now lists model %q, but vectors here are of model %q: "+
		"start that model again, or restart with a space for the new one",
		ErrModelMismatch, conn.server, info.Models[0].ID, conn.asked)
}

// usable refuses an answer to n texts that is not n vectors of one length and
// of finite norms above 0, and brings vectors to unit length in place.
func (conn *connection) usable(resp driver.Response, n int) error {
	if len(resp.Vectors) != n {
		return conn.failed(resp, "%w: %d vectors for %d texts", ErrBadVectors, len(resp.Vectors), n)
	}
	for i, vector := range resp.Vectors {
		if len(vector) != len(resp.Vectors[0]) {
			return conn.bad(resp, i, "has %d dimensions, the first %d", len(vector), len(resp.Vectors[0]))
		}
		var sum float64
		for _, x := range vector {
			sum += float64(x) * float64(x)
		}
		norm := math.Sqrt(sum)
		switch {
		case math.IsNaN(norm) || math.IsInf(norm, 0):
			return conn.bad(resp, i, "holds a number that is not finite")
		case norm == 0:
			return conn.bad(resp, i, "is zero in all of its %d dimensions", len(vector))
		case math.Abs(norm-1) > normTolerance:
			for d := range vector {
				vector[d] = float32(float64(vector[d]) / norm)
			}
		}
	}
	return nil
}

// bad returns the error about vector i of an answer.
func (conn *connection) bad(resp driver.Response, i int, format string, args ...any) error {
	return conn.failed(resp, "%w: vector %d of %d %s", ErrBadVectors, i+1, len(resp.Vectors), fmt.Sprintf(format, args...))
}

// failed returns the error of an answer that is of no use.
func (conn *connection) failed(resp driver.Response, format string, args ...any) error {
	return &driver.Error{Server: conn.server, Model: resp.Model, Err: fmt.Errorf(format, args...)}
}

// cosine returns the cosine of two vectors of unit length and equal dimensions.
func cosine(a, b []float32) float64 {
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return dot
}
