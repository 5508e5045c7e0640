package v1_test

import (
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

func TestGetSpace(t *testing.T) {
	t.Parallel()
	fake := newFakeSpaces()
	fake.failures = []document.WindowFailure{
		{Document: "x", Ordinal: 7, Range: document.TextRange{Start: 1, End: 2, StartByte: 1, EndByte: 4}, Failure: document.Failure{Reason: document.FailureTruncated, Message: "read 512 of 700 tokens"}},
		{Document: "y", Failure: document.Failure{Reason: "LATER"}},
	}
	s := startWith(t, v1.Config{Spaces: fake})
	got, err := s.spaces.GetSpace(callContext(t), &accordv1.GetSpaceRequest{Name: spaceName("a")})
	if err != nil {
		t.Fatal(err)
	}
	want := &accordv1.GetSpaceResponse{
		Space: &accordv1.Space{
			Name: spaceName("a"), State: accordv1.SpaceState_SPACE_STATE_ACTIVE, Model: "m", ModelServer: "gpu", Dimensions: 384,
			MaxTokens: 512, QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: accordv1.PrefixBy_PREFIX_BY_SERVER,
			Windowing: accordv1.Windowing_WINDOWING_SENTENCES, DocumentCount: 4, WindowCount: 30, FailedWindowCount: 2, Progress: 1,
			CreateTime: &timestamppb.Timestamp{Seconds: 1e9}, ActivateTime: &timestamppb.Timestamp{Seconds: 2e9},
		},
		Failures: []*accordv1.WindowFailure{
			{
				Passage: "collections/talks/documents/x/passages/7", Range: &accordv1.TextRange{Start: 1, End: 2, StartByte: 1, EndByte: 4},
				Reason: accordv1.WindowFailureReason_WINDOW_FAILURE_REASON_TRUNCATED, Message: "read 512 of 700 tokens",
			},
			{Passage: "collections/talks/documents/y/passages/0", Range: &accordv1.TextRange{}},
		},
	}
	if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}
	if diff := gocmp.Diff([]string{"failures a 100"}, fake.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	_, err = s.spaces.GetSpace(callContext(t), &accordv1.GetSpaceRequest{Name: spaceName("absent")})
	checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
}

// TestSpaceFingerprint: a space has its fingerprint only if the caller asks for it, as
// little-endian floats of 4 bytes, one vector after another.
func TestSpaceFingerprint(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{Spaces: newFakeSpaces()})
	one := []byte{0, 0, 0x80, 0x3f}
	for with, want := range map[bool][]byte{false: nil, true: slices.Concat(one, make([]byte, 8), one)} {
		got, err := s.spaces.GetSpace(callContext(t), &accordv1.GetSpaceRequest{Name: spaceName("a"), WithFingerprint: with})
		if err != nil || !slices.Equal(got.GetSpace().GetFingerprint(), want) {
			t.Errorf("asked for %v: fingerprint %x, want %x, error %v", with, got.GetSpace().GetFingerprint(), want, err)
		}
	}
}

func TestListSpaces(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{Spaces: newFakeSpaces()})
	ctx := callContext(t)
	type shown struct {
		name     string
		state    accordv1.SpaceState
		progress float64
	}
	var got []shown
	req := &accordv1.ListSpacesRequest{Parent: "collections/talks", PageSize: 3}
	for pages := 1; ; pages++ {
		list, err := s.spaces.ListSpaces(ctx, req)
		if err != nil {
			t.Fatal(err)
		}
		for _, sp := range list.GetSpaces() {
			got = append(got, shown{sp.GetName(), sp.GetState(), sp.GetProgress()})
		}
		if req.PageToken = list.GetNextPageToken(); req.PageToken == "" {
			if pages != 2 {
				t.Errorf("%d pages, want 2", pages)
			}
			break
		}
	}
	want := []shown{
		{spaceName("a"), accordv1.SpaceState_SPACE_STATE_ACTIVE, 1},
		{spaceName("b"), accordv1.SpaceState_SPACE_STATE_BUILDING, .75},
		{spaceName("c"), accordv1.SpaceState_SPACE_STATE_BUILDING, 1},
		{spaceName("d"), accordv1.SpaceState_SPACE_STATE_READY, 1},
	}
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(shown{})); diff != "" {
		t.Errorf("spaces (-want +got):\n%s", diff)
	}
	if list, err := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{}); err != nil || len(list.GetSpaces()) != 0 {
		t.Errorf("default collection that does not exist yet: %v, error %v", list, err)
	}
	_, err := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{Parent: "collections/absent"})
	checkFailure(t, err, failure{Code: codes.NotFound, Reason: "NOT_FOUND"})
}

func TestCreateAndDeleteSpace(t *testing.T) {
	t.Parallel()
	fake := newFakeSpaces()
	s := startWith(t, v1.Config{Spaces: fake})
	ctx := callContext(t)
	for _, req := range []*accordv1.CreateSpaceRequest{{}, {Parent: "collections/talks", ModelServer: "gpu"}} {
		made, err := s.spaces.CreateSpace(ctx, req)
		if err != nil || made.GetSpace().GetName() != spaceName("a") {
			t.Errorf("created %v, error %v", made, err)
		}
	}
	_, err := s.spaces.CreateSpace(ctx, &accordv1.CreateSpaceRequest{ModelServer: "absent"})
	checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "MODEL_SERVER_UNKNOWN"})
	if strings.Contains(status.Convert(err).Message(), "there is default") {
		t.Errorf("%v names the servers", err)
	}
	want := []string{`create space default ""`, `create space talks "gpu"`, `create space default "absent"`}
	if diff := gocmp.Diff(want, fake.calls); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}

	if _, err := s.spaces.DeleteSpace(ctx, &accordv1.DeleteSpaceRequest{Name: spaceName("b")}); err != nil {
		t.Error(err)
	}
	_, err = s.spaces.DeleteSpace(ctx, &accordv1.DeleteSpaceRequest{Name: spaceName("a")})
	checkFailure(t, err, failure{Code: codes.FailedPrecondition, Reason: "SPACE_ACTIVE"})
}

// TestFaultySpaceRequests checks which requests are refused before the domain is called.
func TestFaultySpaceRequests(t *testing.T) {
	t.Parallel()
	s := startWith(t, v1.Config{})
	ctx := callContext(t)
	activate := func(req *accordv1.ActivateSpaceRequest) error {
		if req.Name == "" {
			req.Name = spaceName("a")
		}
		_, err := s.spaces.ActivateSpace(ctx, req)
		return err
	}
	_, noName := s.spaces.GetSpace(ctx, &accordv1.GetSpaceRequest{})
	_, notOne := s.spaces.DeleteSpace(ctx, &accordv1.DeleteSpaceRequest{Name: "collections/talks/documents/a"})
	_, badParent := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{Parent: "talks"})
	_, badToken := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{PageToken: "x"})
	_, badServer := s.spaces.CreateSpace(ctx, &accordv1.CreateSpaceRequest{ModelServer: "GPU 1"})
	_, badFirst := s.collections.CreateCollection(ctx, &accordv1.CreateCollectionRequest{CollectionId: "a", ModelServer: "GPU 1"})
	for _, test := range []struct {
		what  string
		err   error
		field string
	}{
		{"no name", noName, "name"},
		{"not a space", notOne, "name"},
		{"parent", badParent, "parent"},
		{"page token", badToken, "page_token"},
		{"model server", badServer, "model_server"},
		{"model server of a collection", badFirst, "model_server"},
		{"101 recent queries", activate(&accordv1.ActivateSpaceRequest{CompareRecent: 101}), "compare_recent"},
		{"101 queries", activate(&accordv1.ActivateSpaceRequest{CompareQueries: slices.Repeat([]string{"x"}, 101)}), "compare_queries"},
		{"blank query", activate(&accordv1.ActivateSpaceRequest{CompareQueries: []string{"x", " "}}), "compare_queries[1]"},
		{"an overlap of nothing", activate(&accordv1.ActivateSpaceRequest{MinOverlap: .5}), "min_overlap"},
		{"overlap above 1", activate(&accordv1.ActivateSpaceRequest{CompareRecent: 1, MinOverlap: 1.1}), "min_overlap"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			checkFailure(t, test.err, invalid(test.field))
		})
	}
}
