package v1_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/space"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// fakeSpaces is a fake of the spaces of one collection.
type fakeSpaces struct {
	collection string
	failures   []document.WindowFailure

	mu    sync.Mutex
	list  []space.Status // by id
	calls []string
}

func (f *fakeSpaces) called(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
}

func (f *fakeSpaces) find(collection, id string) (*space.Status, error) {
	for i, s := range f.list {
		if s.Collection == collection && s.ID == id {
			return &f.list[i], nil
		}
	}
	return &space.Status{}, &document.ResourceError{Name: document.SpaceName(collection, id), Err: document.ErrNotFound}
}

// Create implements v1.Spaces.
func (f *fakeSpaces) Create(_ context.Context, collection, server string) error {
	f.called("create %s %q", collection, server)
	return nil
}

// CreateSpace implements v1.Spaces.
func (f *fakeSpaces) CreateSpace(_ context.Context, collection, server string) (space.Status, error) {
	f.called("create space %s %q", collection, server)
	if server == "absent" {
		return space.Status{}, fmt.Errorf("%w: %q; there is default", space.ErrUnknownServer, server)
	}
	return f.list[0], nil
}

// GetSpace implements v1.Spaces.
func (f *fakeSpaces) GetSpace(_ context.Context, collection, id string) (space.Status, error) {
	found, err := f.find(collection, id)
	return *found, err
}

// ListSpaces implements v1.Spaces.
func (f *fakeSpaces) ListSpaces(_ context.Context, collection, after string, limit int) ([]space.Status, error) {
	if collection != f.collection {
		return nil, &document.ResourceError{Name: document.CollectionName(collection), Err: document.ErrNotFound}
	}
	rest := slices.DeleteFunc(slices.Clone(f.list), func(s space.Status) bool { return s.ID <= after })
	return rest[:min(limit, len(rest))], nil
}

// Failures implements v1.Spaces.
func (f *fakeSpaces) Failures(_ context.Context, _, id string, limit int) ([]document.WindowFailure, error) {
	f.called("failures %s %d", id, limit)
	return f.failures, nil
}

// Fingerprint implements v1.Spaces.
func (f *fakeSpaces) Fingerprint(context.Context, space.Space) ([][]float32, error) {
	return [][]float32{{1, 0}, {0, 1}}, nil
}

// Accepting implements v1.Spaces.
func (f *fakeSpaces) Accepting(context.Context, string, space.Space) (space.Space, error) {
	return f.list[0].Space, nil
}

// ActivateSpace implements activation.Spaces.
func (f *fakeSpaces) ActivateSpace(_ context.Context, collection, id string) (space.Status, error) {
	f.called("activate %s %s", collection, id)
	found, err := f.find(collection, id)
	activated := *found
	activated.State = space.Active
	return activated, err
}

// DeleteSpace implements v1.Spaces.
func (f *fakeSpaces) DeleteSpace(_ context.Context, collection, id string) error {
	found, err := f.find(collection, id)
	if err == nil && found.State == space.Active {
		err = fmt.Errorf("%w: %s; activate another one first", space.ErrActive, found.Name())
	}
	return err
}

var profile = document.ModelProfile{Model: "m", QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: document.PrefixByServer, Dimensions: 384, MaxTokens: 512}

// spaceStatus returns a space of collections/talks.
func spaceStatus(id string, state space.State, documents, pending int64) space.Status {
	return space.Status{
		Space: space.Space{
			Collection: "talks", ID: id, State: state, Model: "m", Dimensions: 384, Server: "gpu",
			Profile: profile, Windowing: space.WindowingSentences,
		},
		Documents: documents, Pending: pending, Windows: 30, Failed: 2, CreateTime: time.Unix(1e9, 0),
	}
}

func newFakeSpaces() *fakeSpaces {
	active := spaceStatus("a", space.Active, 4, 0)
	active.ActivateTime = time.Unix(2e9, 0)
	return &fakeSpaces{collection: "talks", list: []space.Status{
		active, spaceStatus("b", space.Building, 4, 1), spaceStatus("c", space.Building, 0, 0), spaceStatus("d", space.Ready, 4, 0),
	}}
}

func spaceName(id string) string { return "collections/talks/spaces/" + id }

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

// TestFaultySpaceRequests checks what is refused before any call to the domain.
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

// keeper records the collections whose calibrations are to be checked.
type keeper struct{ changed []string }

// Changed implements activation.Calibrator.
func (k *keeper) Changed(collection string) { k.changed = append(k.changed, collection) }

// bySpace is a searcher whose results depend on the space only.
type bySpace map[string][]int

// Search implements v1.Searcher.
func (f bySpace) Search(_ context.Context, req search.Request) (search.Response, error) {
	var out search.Response
	for _, ordinal := range f[req.Space+" "+req.Query] {
		out.Hits = append(out.Hits, search.Hit{Hit: document.Hit{
			Document: document.Document{Collection: req.Collection, ID: "x"}, Passage: document.Passage{Ordinal: ordinal},
		}})
	}
	if req.Space != "" && (req.Limit != 10 || req.OnFailure != search.OnFailureFail) {
		return out, fmt.Errorf("limit %d, on failure %d", req.Limit, req.OnFailure)
	}
	return out, nil
}

func TestActivateSpace(t *testing.T) {
	t.Parallel()
	searcher := bySpace{
		" same": {1, 2}, "d same": {2, 1},
		" half": {1, 2, 3, 4}, "d half": {3, 9, 1},
	}
	half := &accordv1.QueryOverlap{Query: "half", Overlap: .5}
	same, none := &accordv1.QueryOverlap{Query: "same", Overlap: 1}, &accordv1.QueryOverlap{Query: "none", Overlap: 1}
	for _, test := range []struct {
		what  string
		asked []string // earlier queries
		req   *accordv1.ActivateSpaceRequest
		want  *accordv1.SpaceComparison
		state accordv1.SpaceState
		fails failure
	}{
		{what: "without comparison", req: &accordv1.ActivateSpaceRequest{Name: spaceName("d")}, state: accordv1.SpaceState_SPACE_STATE_ACTIVE},
		{what: "only validated", req: &accordv1.ActivateSpaceRequest{Name: spaceName("d"), ValidateOnly: true}, state: accordv1.SpaceState_SPACE_STATE_READY},
		{
			what: "compared", req: &accordv1.ActivateSpaceRequest{Name: spaceName("d"), CompareQueries: []string{"same", "half", "none"}, MinOverlap: .8},
			want:  &accordv1.SpaceComparison{QueryCount: 3, MeanOverlap: 2.5 / 3, Queries: []*accordv1.QueryOverlap{same, half, none}},
			state: accordv1.SpaceState_SPACE_STATE_ACTIVE,
		},
		{
			what: "recent", asked: []string{"old", "half", "same", "none", "half"},
			req:   &accordv1.ActivateSpaceRequest{Name: spaceName("d"), CompareQueries: []string{"none"}, CompareRecent: 3, ValidateOnly: true},
			want:  &accordv1.SpaceComparison{QueryCount: 3, MeanOverlap: 2.5 / 3, Queries: []*accordv1.QueryOverlap{none, half, same}},
			state: accordv1.SpaceState_SPACE_STATE_READY,
		},
		{
			what: "too little", req: &accordv1.ActivateSpaceRequest{Name: spaceName("d"), CompareQueries: []string{"half"}, MinOverlap: .6},
			fails: failure{Code: codes.FailedPrecondition, Reason: "OVERLAP_TOO_LOW"},
		},
		{
			what: "nothing to compare", req: &accordv1.ActivateSpaceRequest{Name: spaceName("d"), CompareRecent: 5, MinOverlap: .6},
			fails: failure{Code: codes.FailedPrecondition, Reason: "OVERLAP_TOO_LOW"},
		},
		{what: "not ready", req: &accordv1.ActivateSpaceRequest{Name: spaceName("b")}, fails: failure{Code: codes.FailedPrecondition, Reason: "SPACE_NOT_READY"}},
		{what: "nothing pending, not ready", req: &accordv1.ActivateSpaceRequest{Name: spaceName("c"), ValidateOnly: true}, fails: failure{Code: codes.FailedPrecondition, Reason: "SPACE_NOT_READY"}},
		{what: "absent", req: &accordv1.ActivateSpaceRequest{Name: spaceName("absent")}, fails: failure{Code: codes.NotFound, Reason: "NOT_FOUND"}},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			fake := newFakeSpaces()
			kept := &keeper{}
			recorder := activation.NewRecorder(searcher)
			s := startWith(t, v1.Config{
				Spaces: fake, Searcher: recorder, Activator: activation.New(fake, recorder, kept, slog.New(slog.DiscardHandler)),
			})
			ctx := callContext(t)
			for _, query := range test.asked {
				if _, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: query, Collection: "collections/talks"}); err != nil {
					t.Fatal(err)
				}
			}
			got, err := s.spaces.ActivateSpace(ctx, test.req)
			if test.fails.Reason != "" {
				checkFailure(t, err, test.fails)
				checkOverlapDetails(t, err, test.req)
			} else if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(test.want, got.GetComparison(), protocmp.Transform()); diff != "" {
				t.Errorf("comparison (-want +got):\n%s", diff)
			}
			if got.GetSpace().GetState() != test.state {
				t.Errorf("state %v, want %v", got.GetSpace().GetState(), test.state)
			}
			if activated := len(fake.calls) > 0; activated != (test.state == accordv1.SpaceState_SPACE_STATE_ACTIVE) || activated != (len(kept.changed) > 0) {
				t.Errorf("calls %q, calibrations checked: %q", fake.calls, kept.changed)
			}
		})
	}
}

// checkOverlapDetails checks that the ErrorInfo has the figures too.
func checkOverlapDetails(t *testing.T, err error, req *accordv1.ActivateSpaceRequest) {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		info, ok := detail.(*errdetails.ErrorInfo)
		if !ok || info.GetReason() != "OVERLAP_TOO_LOW" {
			continue
		}
		want := map[string]string{"mean_overlap": "0.500", "min_overlap": "0.6", "query_count": "1"}
		if len(req.GetCompareQueries()) == 0 {
			want["mean_overlap"], want["query_count"] = "0.000", "0"
		}
		if diff := gocmp.Diff(want, info.GetMetadata()); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
	}
}
