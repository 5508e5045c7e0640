package v1

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

const (
	// vectorsInMessage bounds the vectors in one message of GetDocumentVectors, in bytes.
	vectorsInMessage = 1 << 20
	// maxVectors bounds the vectors that are accepted for one document, in bytes. It also
	// bounds the memory of an import, which holds them until the document arrives.
	maxVectors = 64 << 20
)

// GetDocumentVectors implements accord.v1.SpaceService.
func (s *spaceServer) GetDocumentVectors(req *accordv1.GetDocumentVectorsRequest, stream accordv1.SpaceService_GetDocumentVectorsServer) error {
	if err := s.validate(req); err != nil {
		return err
	}
	collection, spaceID, _ := document.ParseSpaceName(req.GetSpace())
	of, id := documentIDs(req.GetDocument())
	if of != collection {
		return &document.FieldError{Field: "document", Problem: "must be of the collection of the space"}
	}
	vectors, err := s.cfg.Store.DocumentVectors(stream.Context(), collection, spaceID, id, req.GetEtag())
	if err != nil || len(vectors) == 0 {
		return err
	}
	size := max(len(vectors[0].Vector), 1) * bytesInFloat
	for windows := range slices.Chunk(vectors, max(vectorsInMessage/size, 1)) {
		out := &accordv1.GetDocumentVectorsResponse{}
		for _, w := range windows {
			out.Windows = append(out.Windows, fromPassageVector(w))
		}
		if err := stream.Send(out); err != nil {
			return err
		}
	}
	return nil
}

// bytesInFloat is the length of one number of a vector in a message.
const bytesInFloat = 4

func fromVector(v []float32) []byte {
	out := make([]byte, 0, len(v)*bytesInFloat)
	for _, x := range v {
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(x))
	}
	return out
}

// toVector decodes the numbers in data. It ignores an incomplete last one.
func toVector(data []byte) []float32 {
	out := make([]float32, 0, len(data)/bytesInFloat)
	for number := range slices.Chunk(data[:len(data)-len(data)%bytesInFloat], bytesInFloat) {
		out = append(out, math.Float32frombits(binary.LittleEndian.Uint32(number)))
	}
	return out
}

func fromPassageVector(v document.PassageVector) *accordv1.WindowVector {
	out := &accordv1.WindowVector{Passage: int32(v.Ordinal), Vector: fromVector(v.Vector)}
	if v.Failure != nil {
		out.Failure = &accordv1.WindowFailure{Reason: fromReason(v.Failure.Reason), Message: v.Failure.Message}
	}
	return out
}

func toPassageVector(w *accordv1.WindowVector) document.PassageVector {
	out := document.PassageVector{Ordinal: int(w.GetPassage())}
	if f := w.GetFailure(); f != nil {
		out.Failure = &document.Failure{Reason: toReason(f.GetReason()), Message: f.GetMessage()}
	} else {
		out.Vector = toVector(w.GetVector())
	}
	return out
}

const reasonPrefix = "WINDOW_FAILURE_REASON_"

func fromReason(r document.FailureReason) accordv1.WindowFailureReason {
	return accordv1.WindowFailureReason(accordv1.WindowFailureReason_value[reasonPrefix+string(r)])
}

func toReason(r accordv1.WindowFailureReason) document.FailureReason {
	return document.FailureReason(strings.TrimPrefix(r.String(), reasonPrefix))
}

// toVectorSpace decodes those fields of a space that must be equal for its vectors to fit
// another space.
func toVectorSpace(in *accordv1.Space) space.Space {
	dimensions := int(in.GetDimensions())
	out := space.Space{
		Model: in.GetModel(), Dimensions: dimensions, Windowing: space.Windowing(in.GetWindowing()),
		Profile: document.ModelProfile{MaxTokens: int(in.GetMaxTokens())},
	}
	if dimensions > 0 {
		out.Fingerprint = slices.Collect(slices.Chunk(toVector(in.GetFingerprint()), dimensions))
	}
	return out
}

// importedVectors collects the vectors that come before a document.
type importedVectors struct {
	windows []document.PassageVector
	bytes   int
	err     error // why the document is refused
}

// add adds the vectors of a message. After the first error it drops all vectors. It keeps
// that error until the document arrives.
func (g *importedVectors) add(s *Services, req *accordv1.ImportDocumentsRequest, accepted bool) {
	for _, w := range req.GetVectors().GetWindows() {
		g.bytes += len(w.GetVector()) + len(w.GetFailure().GetMessage())
	}
	switch err := cmp.Or(s.validate(req), checkLengths(req.GetVectors().GetWindows())); {
	case g.err != nil:
	case err != nil:
		g.err = err
	case !accepted:
		g.err = &document.FieldError{Field: "vectors", Problem: "need settings.vector_space, the space that they come from"}
	case g.bytes > maxVectors:
		g.err = &document.FieldError{Field: "vectors", Problem: fmt.Sprintf("have more than %d bytes; import the document without them", maxVectors)}
	}
	if g.err != nil {
		g.windows = nil
		return
	}
	for _, w := range req.GetVectors().GetWindows() {
		g.windows = append(g.windows, toPassageVector(w))
	}
}

// checkLengths returns an error if the length of a vector is not a whole number of floats.
func checkLengths(windows []*accordv1.WindowVector) error {
	for i, w := range windows {
		if n := len(w.GetVector()); n%bytesInFloat != 0 {
			return &document.FieldError{
				Field: fmt.Sprintf("vectors.windows[%d].vector", i), Problem: fmt.Sprintf("has %d bytes; it must have %d for each number", n, bytesInFloat),
			}
		}
	}
	return nil
}
