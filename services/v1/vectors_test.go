package v1_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// activeSpace returns the active space of the default collection, with its fingerprint.
func (s *service) activeSpace(t *testing.T) *accordv1.Space {
	t.Helper()
	list, err := s.spaces.ListSpaces(callContext(t), &accordv1.ListSpacesRequest{})
	if err != nil || len(list.GetSpaces()) != 1 {
		t.Fatalf("spaces %v, error %v", list, err)
	}
	got, err := s.spaces.GetSpace(callContext(t), &accordv1.GetSpaceRequest{Name: list.GetSpaces()[0].GetName(), WithFingerprint: true})
	if err != nil {
		t.Fatal(err)
	}
	return got.GetSpace()
}

// askVectors returns the messages of an answer with vectors.
func (s *service) askVectors(t *testing.T, req *accordv1.GetDocumentVectorsRequest) (messages []*accordv1.GetDocumentVectorsResponse, err error) {
	t.Helper()
	stream, err := s.spaces.GetDocumentVectors(callContext(t), req)
	if err != nil {
		t.Fatal(err)
	}
	for {
		message, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return messages, nil
		}
		if err != nil {
			return messages, err
		}
		messages = append(messages, message)
	}
}

// vectors returns what the active space has of the current version of a document.
func (s *service) vectors(t *testing.T, id string) (windows []*accordv1.WindowVector) {
	t.Helper()
	messages, err := s.askVectors(t, &accordv1.GetDocumentVectorsRequest{
		Space: s.activeSpace(t).GetName(), Document: name(id), Etag: s.get(t, name(id)).GetEtag(),
	})
	if err != nil {
		t.Fatalf("vectors of %s: %v", id, err)
	}
	for _, m := range messages {
		windows = append(windows, m.GetWindows()...)
	}
	return windows
}

// checkVector checks that a window has the vector that the model server gives a text, up to
// the half precision of the store.
func checkVector(t *testing.T, w *accordv1.WindowVector, passage int, text string, dimensions int) {
	t.Helper()
	if int(w.GetPassage()) != passage || w.GetFailure() != nil || len(w.GetVector()) != 4*dimensions {
		t.Fatalf("%q has passage %d, failure %v and %d bytes, want passage %d and %d bytes", text, w.GetPassage(), w.GetFailure(), len(w.GetVector()), passage, 4*dimensions)
	}
	for i, want := range embedtest.Vector(text, dimensions) {
		got := math.Float32frombits(binary.LittleEndian.Uint32(w.GetVector()[4*i:]))
		if math.Abs(float64(got-want)) > .001 {
			t.Fatalf("%q: number %d is %v, want %v", text, i, got, want)
		}
	}
}

// mixedText has a passage that the model server cannot embed between two others. The last
// passage has three windows.
const mixedText = "Trade grows.\n\nUnreadable words.\n\nShips carry grain. Trains carry coal. Trucks carry fruit."

// startMixed serves with a model server that has no usable vector of one passage of
// mixedText.
func startMixed(t *testing.T) (*service, *embedtest.Server) {
	t.Helper()
	model := newModel("test-model")
	model.Vectors = map[string][]float32{"Unreadable words.": make([]float32, 32)}
	return startOn(t, storetest.Open(t, store.Config{}), model), model
}

// TestDocumentVectors: the vectors of a document are those that its model made, in the order
// of the windows. A window without a vector has the reason instead.
func TestDocumentVectors(t *testing.T) {
	t.Parallel()
	s, _ := startMixed(t)
	s.upsert(t, &accordv1.Document{Name: name("other"), LanguageCode: "en", Text: "Rivers flood."})
	s.upsert(t, english("mixed", mixedText))
	got := s.vectors(t, "mixed")
	if len(got) != 5 {
		t.Fatalf("%d windows, want 5: %v", len(got), got)
	}
	checkVector(t, got[0], 0, "Trade grows.", 32)
	bad := got[1]
	if bad.GetPassage() != 1 || len(bad.GetVector()) > 0 || bad.GetFailure().GetMessage() == "" ||
		bad.GetFailure().GetReason() != accordv1.WindowFailureReason_WINDOW_FAILURE_REASON_BAD_VECTOR {
		t.Errorf("window without a vector: %v", bad)
	}
	for i, text := range []string{
		"Ships carry grain. Trains carry coal. Trucks carry fruit.", "Ships carry grain. Trains carry coal.", "Trains carry coal. Trucks carry fruit.",
	} {
		checkVector(t, got[2+i], 2, text, 32)
	}
}

// TestDocumentVectorsInMessages: many vectors come in several messages, each of at most
// 1 MiB of vectors, in the order of the passages.
func TestDocumentVectorsInMessages(t *testing.T) {
	t.Parallel()
	const dimensions, passages = 2048, 300 // 128 vectors have 1 MiB
	s := startOn(t, storetest.Open(t, store.Config{}), &embedtest.Server{Model: "wide", Dimensions: dimensions})
	texts := make([]string, passages)
	for i := range texts {
		texts[i] = fmt.Sprintf("Station %d reports.", i)
	}
	etag := s.upsert(t, english("long", strings.Join(texts, "\n\n"))).GetDocument().GetEtag()
	messages, err := s.askVectors(t, &accordv1.GetDocumentVectorsRequest{Space: s.activeSpace(t).GetName(), Document: name("long"), Etag: etag})
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	next := 0
	for _, m := range messages {
		sizes = append(sizes, len(m.GetWindows()))
		for _, w := range m.GetWindows() {
			if next == passages {
				t.Fatalf("more than %d windows", passages)
			}
			checkVector(t, w, next, texts[next], dimensions)
			next++
		}
	}
	if !slices.Equal(sizes, []int{128, 128, 44}) {
		t.Errorf("messages have %d windows", sizes)
	}
}

// TestNoDocumentVectors: the answer is empty if the space does not have all vectors of the
// version that the caller has read.
func TestNoDocumentVectors(t *testing.T) {
	t.Parallel()
	model := newMoody("heron", embedtest.Hang())
	s := startOn(t, storetest.Open(t, store.Config{}), model)
	first := s.upsert(t, english("a", "Trade grows.")).GetDocument().GetEtag()
	second := s.upsert(t, english("a", "Trade shrinks.")).GetDocument().GetEtag()
	s.upsert(t, english("gone", "Rivers flood."))
	gone := s.get(t, name("gone")).GetEtag()
	if n := len(s.vectors(t, "gone")); n != 1 {
		t.Errorf("%d vectors before the deletion, want 1", n)
	}
	if _, err := s.ingest.DeleteDocument(callContext(t), &accordv1.DeleteDocumentRequest{Name: name("gone")}); err != nil {
		t.Fatal(err)
	}
	s.enqueue(t, "A grey heron stood in the shallow water.")
	space := s.activeSpace(t).GetName()
	for _, test := range []struct {
		what, id, etag string
		want           int
	}{
		{"the current version", "a", second, 1},
		{"a version that was replaced", "a", first, 0},
		{"a version that never was", "a", "x", 0},
		{"a deleted document", "gone", gone, 0},
		{"a document that never was", "absent", second, 0},
		{"a document that waits for the model server", "d0", s.get(t, name("d0")).GetEtag(), 0},
	} {
		messages, err := s.askVectors(t, &accordv1.GetDocumentVectorsRequest{Space: space, Document: name(test.id), Etag: test.etag})
		if err != nil || len(messages) != test.want {
			t.Errorf("%s: messages %v, error %v, want %d", test.what, messages, err, test.want)
		}
	}
}

// TestDocumentVectorsRefused checks the errors of requests for vectors.
func TestDocumentVectorsRefused(t *testing.T) {
	t.Parallel()
	s, _ := start(t)
	s.createCollection(t, "other")
	etag := s.upsert(t, english("a", "Trade grows.")).GetDocument().GetEtag()
	space := s.activeSpace(t).GetName()
	absent := failure{Code: codes.NotFound, Reason: "NOT_FOUND"}
	for _, test := range []struct {
		what, space, document, etag string
		want                        failure
	}{
		{"nothing set", "", "", "", invalid("space", "document", "etag")},
		{"a collection for a space", "collections/default", name("a"), etag, invalid("space")},
		{"a space for a document", space, space, etag, invalid("document")},
		{"no etag", space, name("a"), "", invalid("etag")},
		{"a long etag", space, name("a"), strings.Repeat("x", 101), invalid("etag")},
		{"a document of another collection", space, "collections/other/documents/a", etag, invalid("document")},
		{"a space that never was", "collections/default/spaces/absent", name("a"), etag, absent},
		{"a collection that never was", "collections/absent/spaces/x", "collections/absent/documents/a", etag, absent},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			messages, err := s.askVectors(t, &accordv1.GetDocumentVectorsRequest{Space: test.space, Document: test.document, Etag: test.etag})
			checkFailure(t, err, test.want)
			if len(messages) > 0 {
				t.Errorf("messages %v", messages)
			}
		})
	}
}
