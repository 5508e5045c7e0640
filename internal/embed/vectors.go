package embed

import (
	"fmt"
	"math"
	"slices"

	"github.com/accord-search/accord/internal/embed/driver"
)

// normTolerance is how much a vector's length may differ from 1 without being corrected.
const normTolerance = 1e-3

// checkAnswer checks the answer to n texts. Its vectors must be usable. Model and length
// must be those with which the connection was made.
func (conn *connection) checkAnswer(resp driver.Response, n int) error {
	if err := conn.checkVectors(resp, n); err != nil {
		return err
	}
	dimensions := len(resp.Vectors[0])
	renamed := resp.Model != "" && conn.answerModel != "" && resp.Model != conn.answerModel
	if renamed || dimensions != conn.profile.Dimensions {
		return conn.answerError(resp, "%w: it now answers as model %q with %d dimensions, but the existing vectors are of model %q with %d: "+
			"start that model again, or restart with a space for the new one",
			ErrModelMismatch, resp.Model, dimensions, conn.answerModel, conn.profile.Dimensions)
	}
	return nil
}

// checkListed returns an error if the server lists models, but not the one that requests
// name.
func (conn *connection) checkListed(info driver.Info) error {
	named := func(m driver.Model) bool { return m.ID == conn.requestModel }
	if conn.requestModel == "" || len(info.Models) == 0 || !conn.listed || slices.ContainsFunc(info.Models, named) {
		return nil
	}
	return fmt.Errorf("%w: %s now lists model %q, but the existing vectors are of model %q: "+
		"start that model again, or restart with a space for the new one",
		ErrModelMismatch, conn.server, info.Models[0].ID, conn.requestModel)
}

// checkVectors returns an error unless the answer to n texts has n vectors of the
// same length with finite norms above 0. It scales the vectors to unit length in
// place.
func (conn *connection) checkVectors(resp driver.Response, n int) error {
	if len(resp.Vectors) != n {
		return conn.answerError(resp, "%w: %d vectors for %d texts", ErrBadVectors, len(resp.Vectors), n)
	}
	for i, vector := range resp.Vectors {
		if len(vector) != len(resp.Vectors[0]) {
			return conn.vectorError(resp, i, "has %d dimensions, the first %d", len(vector), len(resp.Vectors[0]))
		}
		var sum float64
		for _, x := range vector {
			sum += float64(x) * float64(x)
		}
		norm := math.Sqrt(sum)
		switch {
		case math.IsNaN(norm) || math.IsInf(norm, 0):
			return conn.vectorError(resp, i, "holds a number that is not finite")
		case norm == 0:
			return conn.vectorError(resp, i, "is zero in all of its %d dimensions", len(vector))
		case math.Abs(norm-1) > normTolerance:
			for d := range vector {
				vector[d] = float32(float64(vector[d]) / norm)
			}
		}
	}
	return nil
}

// vectorError returns the error about vector i of an answer.
func (conn *connection) vectorError(resp driver.Response, i int, format string, args ...any) error {
	return conn.answerError(resp, "%w: vector %d of %d %s", ErrBadVectors, i+1, len(resp.Vectors), fmt.Sprintf(format, args...))
}

// answerError returns the error about an unusable answer.
func (conn *connection) answerError(resp driver.Response, format string, args ...any) error {
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
