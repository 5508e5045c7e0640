package web

import (
	"context"
	"net/http"
	"strings"

	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// adminView is what the administration shows.
type adminView struct {
	Version, Since string
	Search, Write  string // whether the server can answer and write, in words
	SearchOK       bool
	WriteOK        bool
	Collections    []collectionView
}

// collectionView is a collection with its spaces.
type collectionView struct {
	ID, Counts string
	Waiting    string // how many documents wait for vectors or failed; empty if none
	Failed     []failedDocument
	Spaces     []spaceView
}

type failedDocument struct{ Name, Link, Error string }

// spaceView is an embedding space.
type spaceView struct {
	ID, State, Model, ModelServer, Counts string
	Percent                               float64
	Building                              bool
}

// spaceStates are the words for the states of spaces.
var spaceStates = map[accordv1.SpaceState]string{
	accordv1.SpaceState_SPACE_STATE_BUILDING: "being built",
	accordv1.SpaceState_SPACE_STATE_READY:    "ready",
	accordv1.SpaceState_SPACE_STATE_ACTIVE:   "searched",
	accordv1.SpaceState_SPACE_STATE_RETIRED:  "kept, not searched",
}

// adminPage shows collections, spaces and servers to those who may write.
func (s *site) adminPage(v *visit) error {
	if err := v.may(accordv1.IngestService_ImportDocuments_FullMethodName); err != nil {
		return err
	}
	view := adminView{}
	if info, err := s.server.GetServerInfo(v.ctx, &accordv1.GetServerInfoRequest{}); err == nil {
		view.Version = info.GetVersion()
		view.Since = info.GetStartTime().AsTime().Format("2 January 2006, 15:04 UTC")
	}
	view.SearchOK = s.serving(v.ctx, "accord.v1.SearchService")
	view.WriteOK = s.serving(v.ctx, "accord.v1.IngestService")
	view.Search = "answers"
	if !view.SearchOK {
		view.Search = "does not answer: the database cannot be reached"
	}
	view.Write = "works: the database and the model servers answer"
	if !view.WriteOK {
		view.Write = "does not work: the database or a model server cannot be reached"
	}
	all, err := s.collections.ListCollections(v.ctx, &accordv1.ListCollectionsRequest{PageSize: 1000})
	if err != nil {
		return err
	}
	for _, c := range all.GetCollections() {
		shown, err := s.collectionView(v.ctx, c)
		if err != nil {
			return err
		}
		view.Collections = append(view.Collections, shown)
	}
	v.render(http.StatusOK, "admin", "Administration", view)
	return nil
}

// serving reports whether a service is healthy.
func (s *site) serving(ctx context.Context, service string) bool {
	state, err := healthgrpc.NewHealthClient(s.cfg.Health).Check(ctx, &healthgrpc.HealthCheckRequest{Service: service})
	return err == nil && state.GetStatus() == healthgrpc.HealthCheckResponse_SERVING
}

func (s *site) collectionView(ctx context.Context, c *accordv1.Collection) (view collectionView, err error) {
	view.ID = strings.TrimPrefix(c.GetName(), "collections/")
	view.Counts = counted(c.GetDocumentCount(), "document") + ", " + counted(c.GetPassageCount(), "passage")
	spaces, err := s.spaces.ListSpaces(ctx, &accordv1.ListSpacesRequest{Parent: c.GetName(), PageSize: 1000})
	if err != nil {
		return view, err
	}
	for _, sp := range spaces.GetSpaces() {
		view.Spaces = append(view.Spaces, newSpaceView(sp))
	}
	state, err := s.ingest.GetIngestStatus(ctx, &accordv1.GetIngestStatusRequest{Parent: c.GetName()})
	if err != nil {
		return view, err
	}
	var waiting []string
	if n := state.GetPendingDocumentCount(); n > 0 {
		waiting = append(waiting, counted(n, "document")+" found only by words until embedded")
	}
	if n := state.GetFailedDocumentCount(); n > 0 {
		waiting = append(waiting, counted(n, "document")+" could not be embedded")
	}
	view.Waiting = strings.Join(waiting, "; ")
	for _, f := range state.GetFailedDocuments() {
		view.Failed = append(view.Failed, failedDocument{f.GetName()[strings.LastIndex(f.GetName(), "/")+1:], "/read/" + f.GetName(), f.GetError()})
	}
	return view, nil
}

func newSpaceView(s *accordv1.Space) spaceView {
	view := spaceView{
		ID: s.GetName()[strings.LastIndex(s.GetName(), "/")+1:], State: spaceStates[s.GetState()], Model: s.GetModel(), ModelServer: s.GetModelServer(),
		Counts: counted(s.GetWindowCount(), "vector"), Percent: 100 * s.GetProgress(),
		Building: s.GetState() == accordv1.SpaceState_SPACE_STATE_BUILDING || s.GetPendingDocumentCount() > 0,
	}
	if n := s.GetPendingDocumentCount(); n > 0 {
		view.Counts += ", " + counted(n, "document") + " to embed"
	}
	if n := s.GetFailedWindowCount(); n > 0 {
		view.Counts += ", " + groupDigits(n) + " failed"
	}
	return view
}
