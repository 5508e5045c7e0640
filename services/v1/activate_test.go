package v1_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/accord-search/accord/internal/activation"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// keeper records the collections whose calibrations are checked.
type keeper struct{ changed []string }

// Changed implements activation.Calibrator.
func (k *keeper) Changed(collection string) { k.changed = append(k.changed, collection) }

// bySpace is a searcher whose results depend only on the space.
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
		asked []string // queries that were answered before
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
				if _, err := s.search.Search(ctx, &accordv1.SearchRequest{Query: query, Parent: "collections/talks"}); err != nil {
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

// checkOverlapDetails checks that the ErrorInfo has the figures that the message has.
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
