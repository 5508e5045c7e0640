package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/sync/errgroup"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/guard"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// adminView is what the administration shows.
type adminView struct {
	Version, Since string
	Search, Write  string // whether the server can answer and write, in words
	SearchOK       bool
	WriteOK        bool
	Servers        []modelServerView
	Collections    []collectionView
	Choices        choices
	Next           string // address of the collections that follow
	Continued      bool   // whether there are collections before those shown
}

// modelServerView is a model server.
type modelServerView struct {
	Name, Role, Model, State, Latency string
	OK                                bool
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
		view.Since = minute(info.GetStartTime())
		for _, server := range info.GetModelServers() {
			view.Servers = append(view.Servers, newModelServerView(server))
		}
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
	if err := s.addCollections(v, &view); err != nil {
		return err
	}
	v.render(http.StatusOK, "admin", "Administration", view)
	return nil
}

const (
	// collectionsPerPage is the number of collections that the administration shows at a time.
	// Each takes two calls.
	collectionsPerPage = 20
	// callsAtOnce is the number of these calls that are made at the same time.
	callsAtOnce = 4
)

// addCollections adds the collections of the page that the visitor asks for.
func (s *site) addCollections(v *visit, view *adminView) (err error) {
	token := v.r.FormValue("after")
	page, err := s.collections.ListCollections(v.ctx, &accordv1.ListCollectionsRequest{PageSize: collectionsPerPage, PageToken: token})
	if err != nil {
		return err
	}
	view.Continued = token != ""
	if next := page.GetNextPageToken(); next != "" {
		view.Next = "/admin?" + url.Values{"after": {next}}.Encode()
	}
	view.Collections = make([]collectionView, len(page.GetCollections()))
	group, ctx := errgroup.WithContext(v.ctx)
	group.SetLimit(callsAtOnce)
	for i, c := range page.GetCollections() {
		group.Go(guard.Func(func() (err error) {
			view.Collections[i], err = s.collectionView(ctx, c)
			return err
		}))
	}
	if err := group.Wait(); err != nil {
		return err
	}
	view.Choices, err = s.choices(v.ctx)
	return err
}

// modelServerRoles are the words for what model servers do.
var modelServerRoles = map[accordv1.ModelServerRole]string{
	accordv1.ModelServerRole_MODEL_SERVER_ROLE_EMBEDDING: "embedding",
	accordv1.ModelServerRole_MODEL_SERVER_ROLE_RERANKING: "reranking",
}

func newModelServerView(s *accordv1.ModelServer) modelServerView {
	view := modelServerView{Name: s.GetName(), Role: modelServerRoles[s.GetRole()], Model: s.GetModel(), OK: true}
	switch s.GetState() {
	case accordv1.ModelServerState_MODEL_SERVER_STATE_ANSWERING:
		view.State = "answers, since " + minute(s.GetStateStartTime())
	case accordv1.ModelServerState_MODEL_SERVER_STATE_FAILING:
		view.State, view.OK = "does not answer since "+minute(s.GetStateStartTime())+"; last tried "+minute(s.GetRequestTime()), false
	default:
		view.State = "was not asked yet"
	}
	if s.GetLatency() != nil {
		view.Latency = fmt.Sprintf("%.1f ms", s.GetLatency().AsDuration().Seconds()*1000)
	}
	return view
}

// minute returns a time to the minute, such as "29 June 2024, 15:04 UTC".
func minute(t *timestamppb.Timestamp) string { return t.AsTime().Format("2 January 2006, 15:04 UTC") }

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
