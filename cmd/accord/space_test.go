package main

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/timestamppb"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// spaceServer is a fake server of a collection with two spaces. It records its requests.
type spaceServer struct {
	accordv1.UnimplementedSpaceServiceServer
	accordv1.UnimplementedSearchServiceServer

	mu      sync.Mutex
	asked   []proto.Message
	pending int64 // documents that the building space lacks, three fewer for each request
}

func (s *spaceServer) note(req proto.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req)
}

func someFailures() []*accordv1.WindowFailure {
	return []*accordv1.WindowFailure{{
		Passage: "collections/default/documents/ports/passages/3", Range: &accordv1.TextRange{Start: 10, End: 700},
		Reason: accordv1.WindowFailureReason_WINDOW_FAILURE_REASON_TRUNCATED, Message: "read 512 of 700\ntokens",
	}}
}

func activeSpace() *accordv1.Space {
	return &accordv1.Space{
		Name: "collections/default/spaces/e5-1", State: accordv1.SpaceState_SPACE_STATE_ACTIVE, Model: "e5", ModelServer: "default",
		Dimensions: 384, MaxTokens: 512, QueryPrefix: "query: ", PassagePrefix: "passage: ", PrefixBy: accordv1.PrefixBy_PREFIX_BY_SERVER,
		DocumentCount: 7, WindowCount: 300, FailedWindowCount: 1, Progress: 1,
		CreateTime: &timestamppb.Timestamp{Seconds: 1_700_000_000}, ActivateTime: &timestamppb.Timestamp{Seconds: 1_700_000_060},
	}
}

func (s *spaceServer) building() *accordv1.Space {
	s.mu.Lock()
	defer s.mu.Unlock()
	sp := &accordv1.Space{
		Name: "collections/default/spaces/bge-m3-2", State: accordv1.SpaceState_SPACE_STATE_BUILDING, Model: "BAAI/bge-m3", ModelServer: "bge",
		Dimensions: 1024, MaxTokens: 8192, PrefixBy: accordv1.PrefixBy_PREFIX_BY_CLIENT,
		DocumentCount: 7, PendingDocumentCount: s.pending, WindowCount: 300 - 40*s.pending, Progress: float64(7-s.pending) / 7,
		CreateTime: &timestamppb.Timestamp{Seconds: 1_700_000_000},
	}
	if s.pending == 0 {
		sp.State = accordv1.SpaceState_SPACE_STATE_READY
	}
	s.pending = max(0, s.pending-3)
	return sp
}

// ListSpaces returns one space per page.
func (s *spaceServer) ListSpaces(_ context.Context, req *accordv1.ListSpacesRequest) (*accordv1.ListSpacesResponse, error) {
	if req.GetParent() == "collections/empty" {
		return &accordv1.ListSpacesResponse{}, nil
	}
	if req.GetPageToken() == "" {
		return &accordv1.ListSpacesResponse{Spaces: []*accordv1.Space{s.building()}, NextPageToken: "2"}, nil
	}
	return &accordv1.ListSpacesResponse{Spaces: []*accordv1.Space{activeSpace()}}, nil
}

func (s *spaceServer) GetSpace(_ context.Context, req *accordv1.GetSpaceRequest) (*accordv1.GetSpaceResponse, error) {
	s.note(req)
	if strings.HasSuffix(req.GetName(), "e5-1") {
		return &accordv1.GetSpaceResponse{Space: activeSpace(), Failures: someFailures()}, nil
	}
	return &accordv1.GetSpaceResponse{Space: s.building()}, nil
}

func (s *spaceServer) CreateSpace(_ context.Context, req *accordv1.CreateSpaceRequest) (*accordv1.CreateSpaceResponse, error) {
	s.note(req)
	return &accordv1.CreateSpaceResponse{Space: s.building()}, nil
}

func (s *spaceServer) ActivateSpace(_ context.Context, req *accordv1.ActivateSpaceRequest) (*accordv1.ActivateSpaceResponse, error) {
	s.note(req)
	return &accordv1.ActivateSpaceResponse{Space: activeSpace(), Comparison: &accordv1.SpaceComparison{
		QueryCount: 2, MeanOverlap: .645,
		Queries: []*accordv1.QueryOverlap{{Query: "did the port open?", Overlap: 1}, {Query: "数字经济\n方面", Overlap: .29}},
	}}, nil
}

func (s *spaceServer) DeleteSpace(_ context.Context, req *accordv1.DeleteSpaceRequest) (*accordv1.DeleteSpaceResponse, error) {
	s.note(req)
	if strings.HasSuffix(req.GetName(), "e5-1") {
		return nil, status.Error(codes.FailedPrecondition, "the space is active")
	}
	return &accordv1.DeleteSpaceResponse{}, nil
}

// GetDocument returns a partly indexed document.
func (s *spaceServer) GetDocument(_ context.Context, req *accordv1.GetDocumentRequest) (*accordv1.GetDocumentResponse, error) {
	return &accordv1.GetDocumentResponse{Document: &accordv1.Document{
		Name: req.GetName(), Title: "Ports", Text: "The port.",
		IndexState: accordv1.IndexState_INDEX_STATE_PARTIAL, IndexFailures: someFailures(),
	}}, nil
}

// serveSpaces runs a spaceServer whose building space lacks the given number of documents.
func serveSpaces(t *testing.T, pending int64) (*spaceServer, string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake, srv := &spaceServer{pending: pending}, grpc.NewServer()
	accordv1.RegisterSpaceServiceServer(srv, fake)
	accordv1.RegisterSearchServiceServer(srv, fake)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		srv.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return fake, listener.Addr().String()
}

func TestSpaceOutput(t *testing.T) {
	t.Parallel()
	for file, args := range map[string][]string{
		"space_list.golden":     {"space", "list"},
		"space_get.golden":      {"space", "get", "e5-1"},
		"space_create.golden":   {"space", "create", "--model-server", "bge"},
		"space_activate.golden": {"space", "activate", "e5-1"},
		"get_partial.golden":    {"get", "ports"},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			_, addr := serveSpaces(t, 5)
			golden(t, file, mustAccord(t, append(args, "--addr", addr)...))
		})
	}
	_, addr := serveSpaces(t, 0)
	if out := mustAccord(t, "space", "list", "--collection", "collections/empty", "--addr", addr); !strings.HasPrefix(out, "no spaces") {
		t.Errorf("without spaces: %q", out)
	}
	if out := mustAccord(t, "space", "delete", "bge-m3-2", "--addr", addr); out != "deleted collections/default/spaces/bge-m3-2\n" {
		t.Errorf("delete: %q", out)
	}
	code, _, errOut := accord(t, "space", "delete", "e5-1", "--addr", addr)
	if want := "accord: FailedPrecondition: the space is active\n"; code != 1 || errOut != want {
		t.Errorf("delete the active space: exit code %d, %q, want %q", code, errOut, want)
	}
}

// TestSpaceRequests checks the requests for each combination of flags.
func TestSpaceRequests(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		want proto.Message
	}{
		{[]string{"get", "a"}, &accordv1.GetSpaceRequest{Name: "collections/default/spaces/a"}},
		{[]string{"get", "a", "--collection", "collections/b"}, &accordv1.GetSpaceRequest{Name: "collections/b/spaces/a"}},
		{[]string{"delete", "collections/c/spaces/a"}, &accordv1.DeleteSpaceRequest{Name: "collections/c/spaces/a"}},
		{[]string{"create", "--model-server", "bge", "--collection", "collections/b"}, &accordv1.CreateSpaceRequest{Parent: "collections/b", ModelServer: "bge"}},
		{
			[]string{"activate", "a", "--validate-only", "--compare-recent", "9", "--query", "one, two", "--query", "three", "--min-overlap", ".5"},
			&accordv1.ActivateSpaceRequest{
				Name: "collections/default/spaces/a", ValidateOnly: true, CompareRecent: 9, CompareQueries: []string{"one, two", "three"}, MinOverlap: .5,
			},
		},
	} {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			t.Parallel()
			fake, addr := serveSpaces(t, 0)
			mustAccord(t, append(append([]string{"space"}, test.args...), "--addr", addr, "-o", "json")...)
			if diff := cmp.Diff([]proto.Message{test.want}, fake.asked, protocmp.Transform()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSpaceCreateWaits(t *testing.T) {
	t.Parallel()
	_, addr := serveSpaces(t, 6)
	code, out, errOut := accord(t, "space", "create", "--wait", "-o", "json", "--addr", addr)
	var made accordv1.CreateSpaceResponse
	if err := protojson.Unmarshal([]byte(out), &made); err != nil || code != 0 {
		t.Fatalf("exit code %d, error %v:\n%s%s", code, err, out, errOut)
	}
	if got := made.GetSpace().GetState(); got != accordv1.SpaceState_SPACE_STATE_READY {
		t.Errorf("state %v", got)
	}
	if want := "1 of 7 documents\n4 of 7 documents\n"; errOut != want {
		t.Errorf("progress %q, want %q", errOut, want)
	}
}
