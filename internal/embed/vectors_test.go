package embed

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/embed/driver"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, tc := range []struct {
		name     string
		vectors  [][]float32
		model    string
		want     [][]float32
		sentinel error
		says     string
	}{
		{name: "unit length stays", vectors: [][]float32{{0.6, 0.8004}}, want: [][]float32{{0.6, 0.8004}}},
		{name: "others are brought to it", vectors: [][]float32{{3, 4}, {0, 1e-20}}, want: [][]float32{{0.6, 0.8}, {0, 1}}},
		{name: "large", vectors: [][]float32{{3e38, 0}}, want: [][]float32{{1, 0}}},
		{name: "same name", vectors: [][]float32{{1, 0}}, model: "m", want: [][]float32{{1, 0}}},
		{name: "none", sentinel: ErrBadVectors, says: "0 vectors for 1 texts"},
		{name: "one too many", vectors: [][]float32{{1, 0}, {1, 0}, {1, 0}}, sentinel: ErrBadVectors, says: "3 vectors for 1 texts"},
		{name: "NaN", vectors: [][]float32{{nan, 1}}, sentinel: ErrBadVectors, says: "not finite"},
		{name: "infinite", vectors: [][]float32{{inf, 1}}, sentinel: ErrBadVectors, says: "not finite"},
		{name: "zero", vectors: [][]float32{{0, 0}}, sentinel: ErrBadVectors, says: "zero in all of its 2 dimensions"},
		{name: "empty", vectors: [][]float32{{}}, sentinel: ErrBadVectors, says: "zero in all of its 0 dimensions"},
		{name: "of different lengths", vectors: [][]float32{{1, 0}, {1}}, sentinel: ErrBadVectors, says: "vector 2 of 2 has 1 dimensions, the first 2"},
		{name: "of another length", vectors: [][]float32{{1, 0, 0}}, sentinel: ErrModelMismatch, says: `with 3 dimensions, but the existing vectors are of model "m" with 2`},
		{name: "another name", vectors: [][]float32{{1, 0}}, model: "n", sentinel: ErrModelMismatch, says: `as model "n" with 2 dimensions, but the existing vectors are of model "m" with 2`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			n := len(tc.vectors)
			if strings.Contains(tc.says, "for 1 texts") {
				n = 1
			}
			conn := &connection{server: "http://s", answerModel: "m", profile: document.ModelProfile{Dimensions: 2}}
			err := conn.checkAnswer(driver.Response{Vectors: tc.vectors, Model: tc.model}, n)
			if tc.sentinel != nil {
				if !errors.Is(err, tc.sentinel) || !strings.Contains(err.Error(), tc.says) || !strings.Contains(err.Error(), "http://s") {
					t.Errorf("got error %v, want %v of http://s with %q", err, tc.sentinel, tc.says)
				}
				return
			}
			if diff := cmp.Diff(tc.want, tc.vectors, cmpopts.EquateApprox(0, 1e-6)); err != nil || diff != "" {
				t.Errorf("error %v, vectors (-want +got):\n%s", err, diff)
			}
		})
	}
}
