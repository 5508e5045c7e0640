package ingest

import (
	"fmt"
	"math"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
)

// OwnVectors holds vectors that a document comes with: those of its windows, in order, for the
// space with the vector table.
type OwnVectors struct {
	VectorTable string
	Vectors     []document.PassageVector
}

// unitTolerance is the maximum deviation of a vector's length from 1. Vectors that were
// stored in half precision deviate by up to a thousandth.
const unitTolerance = 0.01

// windows assigns the vectors to the windows of a document. It checks that there is one for
// each window, and that they fit the space.
func (g OwnVectors) windows(sp space.Space, windows [][]document.Window) ([][]document.Window, error) {
	next := 0
	for ordinal, list := range windows {
		for i := range list {
			if next == len(g.Vectors) || g.Vectors[next].Ordinal != ordinal {
				return nil, fault("vectors", "are not those of the windows that this server cuts, from passage %d on; import the document without vectors", ordinal)
			}
			list[i].Embedding = g.Vectors[next].Embedding
			if problem := checkVector(sp, list[i].Embedding); problem != "" {
				return nil, fault(fmt.Sprintf("vectors[%d]", next), "%s", problem)
			}
			next++
		}
	}
	if next < len(g.Vectors) {
		return nil, fault("vectors", "are more than the %d windows that this server cuts; import the document without vectors", next)
	}
	return windows, nil
}

// checkVector returns what is wrong with a vector for a space, or "".
func checkVector(sp space.Space, e document.Embedding) (problem string) {
	if e.Failure != nil {
		return ""
	}
	if len(e.Vector) != sp.Dimensions {
		return fmt.Sprintf("has %d dimensions; %s has %d", len(e.Vector), sp.Name(), sp.Dimensions)
	}
	sum := 0.0
	for _, x := range e.Vector {
		sum += float64(x) * float64(x)
	}
	if length := math.Sqrt(sum); !(math.Abs(length-1) <= unitTolerance) { // negated, so that NaN is refused too
		return fmt.Sprintf("has the length %v; vectors must have the length 1", length)
	}
	return ""
}

func fault(field, format string, args ...any) error {
	return &document.FieldError{Field: field, Problem: fmt.Sprintf(format, args...)}
}
