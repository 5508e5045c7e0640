package v1_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// vectorsFrom returns settings of an import with vectors of a space.
func vectorsFrom(space *accordv1.Space) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{
		Settings: &accordv1.ImportSettings{VectorSpace: space},
	}}
}

// vectorsOf returns a message with vectors of the next document.
func vectorsOf(windows ...*accordv1.WindowVector) *accordv1.ImportDocumentsRequest {
	return &accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Vectors{
		Vectors: &accordv1.DocumentVectors{Windows: windows},
	}}
}

// embeddedTexts reports whether a model server got a text that contains part.
func embeddedTexts(model *embedtest.Server, part string) bool {
	return slices.ContainsFunc(model.Requests(), func(r embedtest.Request) bool {
		return slices.ContainsFunc(r.Input, func(text string) bool { return strings.Contains(text, part) })
	})
}

// TestImportWithVectors: a document that is copied to another server with its vectors has the
// same vectors and failures there, and its model server is not asked. The next document of
// the import has no vectors, and is embedded.
func TestImportWithVectors(t *testing.T) {
	t.Parallel()
	from, _ := startMixed(t)
	from.upsert(t, english("mixed", mixedText))
	want := from.vectors(t, "mixed")
	for _, wait := range []bool{true, false} {
		to, model := start(t)
		first := vectorsFrom(from.activeSpace(t))
		first.GetSettings().WaitForIndex = proto.Bool(wait)
		answers, err := to.importAll(t, first, vectorsOf(want[:2]...), vectorsOf(want[2:]...), importOf(english("mixed", mixedText)), importOf(english("next", "Rivers flood.")))
		if err != nil || len(answers) != 2 {
			t.Fatalf("wait %v: answers %v, error %v", wait, answers, err)
		}
		if a := answers[0]; a.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED || a.GetFailedWindowCount() != 1 || a.GetIndexState() != partial {
			t.Errorf("wait %v: answer %v", wait, a)
		}
		if diff := gocmp.Diff(want, to.vectors(t, "mixed"), protocmp.Transform()); diff != "" {
			t.Errorf("wait %v: vectors (-want +got):\n%s", wait, diff)
		}
		if embeddedTexts(model, "Ships carry") {
			t.Errorf("wait %v: the document was embedded again", wait)
		}
		to.becomes(t, "next", complete)
		checkVector(t, to.vectors(t, "next")[0], 0, "Rivers flood.", 32)
		if !embeddedTexts(model, "Rivers flood.") {
			t.Errorf("wait %v: the document without vectors was not embedded", wait)
		}
	}
}

// TestImportedVectorsRefused: vectors that do not fit fail only the document that follows
// them, and the error names the field.
func TestImportedVectorsRefused(t *testing.T) {
	t.Parallel()
	s, model := start(t)
	const text = "Ships carry grain.\n\nTrains carry coal."
	s.upsert(t, english("source", text))
	space, whole := s.activeSpace(t), s.vectors(t, "source")
	if len(whole) != 2 {
		t.Fatalf("vectors %v", whole)
	}
	instead := func(w *accordv1.WindowVector) *accordv1.ImportDocumentsRequest { return vectorsOf(w, whole[1]) }
	negative := instead(&accordv1.WindowVector{Passage: -1, Vector: whole[0].GetVector()})
	largest := &accordv1.WindowVector{Vector: make([]byte, 65536)}
	tooMany := vectorsOf(slices.Repeat([]*accordv1.WindowVector{{}}, 100_001)...)
	large := vectorsOf(slices.Repeat([]*accordv1.WindowVector{largest}, 64)...) // 4 MiB
	embedded := len(model.Requests())
	for _, test := range []struct {
		what    string
		space   *accordv1.Space
		vectors []*accordv1.ImportDocumentsRequest
		field   string
		says    string
	}{
		{"too few", space, []*accordv1.ImportDocumentsRequest{vectorsOf(whole[0])}, "vectors", "from passage 1 on"},
		{"too many", space, []*accordv1.ImportDocumentsRequest{vectorsOf(whole...), vectorsOf(whole[0])}, "vectors", "more than the 2 windows"},
		{"another order", space, []*accordv1.ImportDocumentsRequest{vectorsOf(whole[1], whole[0])}, "vectors", "from passage 0 on"},
		{"fewer dimensions", space, []*accordv1.ImportDocumentsRequest{vectorsOf(whole[0], &accordv1.WindowVector{Passage: 1, Vector: whole[1].GetVector()[:124]})}, "vectors[1]", "has 31 dimensions"},
		{"no vector and no failure", space, []*accordv1.ImportDocumentsRequest{instead(&accordv1.WindowVector{})}, "vectors[0]", "has 0 dimensions"},
		{"length 0", space, []*accordv1.ImportDocumentsRequest{instead(&accordv1.WindowVector{Vector: make([]byte, 128)})}, "vectors[0]", "must have the length 1"},
		{"not numbers", space, []*accordv1.ImportDocumentsRequest{instead(&accordv1.WindowVector{Vector: bytes.Repeat([]byte{0xff}, 128)})}, "vectors[0]", "must have the length 1"},
		{"a negative passage", space, []*accordv1.ImportDocumentsRequest{negative}, "vectors.windows[0].passage", ""},
		{"a long vector", space, []*accordv1.ImportDocumentsRequest{instead(&accordv1.WindowVector{Vector: make([]byte, 65537)})}, "vectors.windows[0].vector", ""},
		{"a part of a number", space, []*accordv1.ImportDocumentsRequest{instead(&accordv1.WindowVector{Vector: append(slices.Clone(whole[0].GetVector()), 0)})}, "vectors.windows[0].vector", "has 129 bytes"},
		{"many windows in a message", space, []*accordv1.ImportDocumentsRequest{tooMany}, "vectors.windows", ""},
		{"no space", nil, []*accordv1.ImportDocumentsRequest{vectorsOf(whole...)}, "vectors", "need settings.vector_space"},
		{"the first of two faults", space, []*accordv1.ImportDocumentsRequest{negative, tooMany, vectorsOf(whole...)}, "vectors.windows[0].passage", ""},
		{"64 MiB and a vector", space, append(slices.Repeat([]*accordv1.ImportDocumentsRequest{large}, 16), vectorsOf(whole[0])), "vectors", "more than 67108864 bytes"},
		{"exactly 64 MiB", space, slices.Repeat([]*accordv1.ImportDocumentsRequest{large}, 16), "vectors[0]", "has 16384 dimensions"},
	} {
		t.Run(test.what, func(t *testing.T) {
			messages := slices.Concat(
				[]*accordv1.ImportDocumentsRequest{vectorsFrom(test.space)}, test.vectors,
				[]*accordv1.ImportDocumentsRequest{importOf(english("refused", text)), importOf(english("source", text))})
			answers, err := s.importAll(t, messages...)
			if err != nil || len(answers) != 2 {
				t.Fatalf("answers %v, error %v", answers, err)
			}
			checkStatus(t, status.FromProto(answers[0].GetStatus()), invalid(test.field))
			if !strings.Contains(answers[0].GetStatus().GetMessage(), test.says) {
				t.Errorf("message %q, want %q", answers[0].GetStatus().GetMessage(), test.says)
			}
			if answers[1].GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UNCHANGED {
				t.Errorf("the next document: %v", answers[1])
			}
			_, err = s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("refused")})
			checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
		})
	}
	for _, r := range model.Requests()[embedded:] {
		if slices.Contains(r.Input, "Ships carry grain.") {
			t.Error("a refused document was embedded")
		}
	}
	if answers, err := s.importAll(t, vectorsFrom(space), vectorsOf(whole...), importOf(english("refused", text))); err != nil || answers[0].GetIndexState() != complete {
		t.Errorf("with the right vectors: %v, error %v", answers, err)
	}
}

// TestVectorSpaceRefused: an import with vectors of another model or of other windows ends
// before any document, and the error says how their space differs.
func TestVectorSpaceRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.upsert(t, english("a", "Trade grows."))
	own := s.activeSpace(t)
	edited := func(edit func(*accordv1.Space)) *accordv1.Space {
		out := proto.CloneOf(own)
		edit(out)
		return out
	}
	backwards := startOn(t, storetest.Open(t, store.Config{}), embedtest.Backwards{Server: newModel("test-model")})
	backwards.upsert(t, english("a", "Trade grows."))
	for _, test := range []struct {
		what  string
		space *accordv1.Space
		says  string
	}{
		{"nothing set", &accordv1.Space{}, "dimensions 0 instead of 32"},
		{"other dimensions", edited(func(sp *accordv1.Space) { sp.Dimensions = 64 }), "dimensions 64 instead of 32"},
		{"negative dimensions", edited(func(sp *accordv1.Space) { sp.Dimensions = -32 }), "dimensions -32 instead of 32"},
		{"another limit of tokens", edited(func(sp *accordv1.Space) { sp.MaxTokens++ }), "max_tokens"},
		{"other windows", edited(func(sp *accordv1.Space) { sp.Windowing = accordv1.Windowing_WINDOWING_PASSAGES }), "windowing 1 instead of 2"},
		{"another model of the same name", backwards.activeSpace(t), "the fingerprint of another model than test-model"},
		{"no fingerprint", edited(func(sp *accordv1.Space) { sp.Fingerprint = nil }), "no fingerprint of their model"},
		{"a fingerprint that is cut off", edited(func(sp *accordv1.Space) { sp.Fingerprint = sp.Fingerprint[:len(sp.Fingerprint)-2] }), "the fingerprint of another model than test-model"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			answers, err := s.importAll(t, vectorsFrom(test.space), importOf(english("new", "Rivers flood.")))
			checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "MODEL_MISMATCH"})
			if message := status.Convert(err).Message(); len(answers) > 0 || !strings.Contains(message, test.says) || !strings.Contains(message, own.GetName()) {
				t.Errorf("answers %v, message %q", answers, message)
			}
			_, err = s.search.GetDocument(callContext(t), &accordv1.GetDocumentRequest{Name: name("new")})
			checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
		})
	}
	t.Run("another name of the model", func(t *testing.T) {
		t.Parallel()
		answers, err := s.importAll(t, vectorsFrom(edited(func(sp *accordv1.Space) { sp.Model = "renamed" })), importOf(english("renamed", "Ships sail.")))
		if err != nil || len(answers) != 1 || answers[0].GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
			t.Errorf("answers %v, error %v", answers, err)
		}
	})
	t.Run("a collection that never was", func(t *testing.T) {
		t.Parallel()
		first := vectorsFrom(own)
		first.GetSettings().Parent = "collections/absent"
		_, err := s.importAll(t, first)
		checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
	})
}
