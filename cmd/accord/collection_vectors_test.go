package main

import (
	"bytes"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// withVectors is a server with one document, whose vectors a test imports again.
type withVectors struct {
	api
	model    *embedtest.Server
	document *accordv1.Document
	space    *accordv1.Space // active space, with its fingerprint
}

func serveWithVectors(t *testing.T) withVectors {
	t.Helper()
	s := withVectors{model: newModel()}
	s.api = newAPI(t, serve(t, "--database-url", storetest.URL(t), "--embedding-url", embedtest.Serve(t, s.model).URL))
	if err := s.writeReport(t.Context(), 1, 1); err != nil {
		t.Fatal(err)
	}
	got, err := s.search.GetDocument(t.Context(), &accordv1.GetDocumentRequest{Name: "collections/default/documents/report-1"})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.spaces.ListSpaces(t.Context(), &accordv1.ListSpacesRequest{})
	if err != nil {
		t.Fatal(err)
	}
	active, err := s.spaces.GetSpace(t.Context(), &accordv1.GetSpaceRequest{Name: list.GetSpaces()[0].GetName(), WithFingerprint: true})
	if err != nil {
		t.Fatal(err)
	}
	s.document, s.space = got.GetDocument(), active.GetSpace()
	return s
}

// vectors returns the vectors of the document if it still has the given etag.
func (s withVectors) vectors(t *testing.T, etag string) (out []*accordv1.WindowVector) {
	t.Helper()
	stream, err := s.spaces.GetDocumentVectors(t.Context(), &accordv1.GetDocumentVectorsRequest{
		Space: s.space.GetName(), Document: s.document.GetName(), Etag: etag,
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		reply, err := stream.Recv()
		if err != nil {
			return out
		}
		out = append(out, reply.GetWindows()...)
	}
}

// importEdited imports another version of the document, with the given vectors. from is the
// space of the vectors.
func (s withVectors) importEdited(t *testing.T, from *accordv1.Space, vectors []*accordv1.WindowVector) (*accordv1.ImportDocumentsResponse, error) {
	t.Helper()
	stream, err := s.ingest.ImportDocuments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(s.document.GetText(), "Version", "Edition", 1)
	for _, req := range []*accordv1.ImportDocumentsRequest{
		{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: &accordv1.ImportSettings{VectorSpace: from}}},
		{Message: &accordv1.ImportDocumentsRequest_Vectors{Vectors: &accordv1.DocumentVectors{Windows: vectors}}},
		{Message: &accordv1.ImportDocumentsRequest_Document{Document: &accordv1.Document{Name: s.document.GetName(), Text: text, LanguageCode: "en"}}},
	} {
		_ = stream.Send(req) // Recv returns the error
	}
	_ = stream.CloseSend()
	return stream.Recv()
}

// TestVectorsRefused checks the errors for vectors that do not fit the document.
func TestVectorsRefused(t *testing.T) {
	t.Parallel()
	s := serveWithVectors(t)
	if n := len(s.vectors(t, "another")); n != 0 {
		t.Errorf("%d vectors for a version that is not stored", n)
	}
	whole := s.vectors(t, s.document.GetEtag())
	if len(whole) < 2 || bytes.Equal(whole[0].GetVector(), whole[1].GetVector()) {
		t.Fatalf("vectors: %v", whole)
	}
	changed := func(w *accordv1.WindowVector) []*accordv1.WindowVector {
		return append([]*accordv1.WindowVector{w}, whole[1:]...)
	}
	for _, test := range []struct {
		what    string
		vectors []*accordv1.WindowVector
		space   *accordv1.Space
		says    string
	}{
		{"too few", whole[1:], s.space, "vectors: are not those of the windows that this server cuts, from passage 0 on"},
		{"too many", append(whole[:len(whole):len(whole)], whole[0]), s.space, "vectors: are more than the "},
		{"another passage", changed(&accordv1.WindowVector{Passage: 9, Vector: whole[0].GetVector()}), s.space, "vectors: are not those of the windows"},
		{"other dimensions", changed(&accordv1.WindowVector{Vector: whole[0].GetVector()[4:]}), s.space, "vectors[0]: has 31 dimensions; collections/default/spaces/"},
		{"no numbers", changed(&accordv1.WindowVector{Vector: bytes.Repeat([]byte{0xff}, 128)}), s.space, "vectors[0]: has the length NaN"},
		{"another length", changed(&accordv1.WindowVector{Vector: make([]byte, 128)}), s.space, "vectors[0]: has the length 0; vectors must have the length 1"},
		{"a negative passage", changed(&accordv1.WindowVector{Passage: -1}), s.space, "vectors.windows[0].passage"},
		{"no space", whole, nil, "vectors: need settings.vector_space"},
	} {
		ack, err := s.importEdited(t, test.space, test.vectors)
		if err != nil || !strings.Contains(ack.GetStatus().GetMessage(), test.says) {
			t.Errorf("%s: %v, error %v, want %q", test.what, ack, err, test.says)
		}
	}
	if ack, err := s.importEdited(t, s.space, whole); err != nil || ack.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_UPDATED {
		t.Errorf("the right number of vectors: %v, error %v", ack, err)
	}
	if n := passagesEmbedded(s.model, "Edition"); n != 0 {
		t.Errorf("%d texts were embedded", n)
	}
}

// TestVectorSpaceRefused checks that vectors of a space with another model or other
// windows are refused.
func TestVectorSpaceRefused(t *testing.T) {
	t.Parallel()
	s := serveWithVectors(t)
	for says, edit := range map[string]func(*accordv1.Space){
		"max_tokens 1 instead of":  func(sp *accordv1.Space) { sp.MaxTokens = 1 },
		"windowing 1 instead of 2": func(sp *accordv1.Space) { sp.Windowing = accordv1.Windowing_WINDOWING_PASSAGES },
		"fingerprint of ":          func(sp *accordv1.Space) { sp.Fingerprint = bytes.Repeat(sp.GetFingerprint()[:128], 16) },
		"dimensions 0 instead of":  func(sp *accordv1.Space) { sp.Dimensions = 0 },
	} {
		other := proto.CloneOf(s.space)
		edit(other)
		if _, err := s.importEdited(t, other, nil); reason(err) != "MODEL_MISMATCH" || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}
