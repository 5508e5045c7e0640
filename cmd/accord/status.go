package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type statusCmd struct {
	callFlags `embed:""`
}

// Help returns the examples of --help.
func (*statusCmd) Help() string {
	return examples("accord status", "accord status --addr localhost:50051 -o json")
}

// serviceHealth is the health of one service of a server.
type serviceHealth struct {
	Service string `json:"service"` // "" for the whole server
	Status  string `json:"status"`  // such as SERVING or NOT_SERVING
}

func (h serviceHealth) serving() bool {
	return h.Status == healthgrpc.HealthCheckResponse_SERVING.String()
}

// checkedServices are the services whose health is shown.
var checkedServices = []string{"", "accord.v1.SearchService", "accord.v1.IngestService", "accord.v1.CollectionService", "accord.v1.SpaceService", "replicas"}

// askHealth returns the health of each service that the server knows, and whether all of
// them serve.
func askHealth(ctx context.Context, conn *grpc.ClientConn) (list []serviceHealth, serving bool, err error) {
	serving = true
	for _, service := range checkedServices {
		reply, err := healthgrpc.NewHealthClient(conn).Check(ctx, &healthgrpc.HealthCheckRequest{Service: service})
		if status.Code(err) == codes.NotFound {
			continue
		}
		if err != nil {
			return nil, false, err
		}
		h := serviceHealth{service, reply.GetStatus().String()}
		list, serving = append(list, h), serving && h.serving()
	}
	return list, serving, nil
}

// collectionStatus is a collection with its spaces and counts.
type collectionStatus struct {
	collection *accordv1.Collection
	ingest     *accordv1.GetIngestStatusResponse
	spaces     []*accordv1.Space
}

// Run prints the health of a server, its collections and their spaces.
func (c *statusCmd) Run(ctx context.Context, io streams) error {
	ctx, conn, end, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer end()
	start := time.Now()
	health, serving, err := askHealth(ctx, conn)
	if err != nil {
		return err
	}
	took := time.Since(start) / time.Duration(len(checkedServices))
	info, err := accordv1.NewServerServiceClient(conn).GetServerInfo(ctx, &accordv1.GetServerInfoRequest{})
	if status.Code(err) == codes.Unimplemented { // an older server
		err = nil
	}
	var list []collectionStatus
	if err == nil {
		list, err = askCollections(ctx, conn)
	}
	if c.Output == "json" {
		if printErr := printStatusJSON(io, conn.Target(), health, info, list, err); printErr != nil {
			return printErr
		}
	} else {
		fmt.Fprintf(io.out, "server at %s answers in %v\n", conn.Target(), rounded(took))
		for _, h := range health {
			fmt.Fprintf(io.out, "  %-30s %s\n", serviceName(h.Service), h.Status)
		}
		printServerInfo(io, info)
		if err == nil {
			printStatus(io, list)
		}
	}
	switch {
	case err != nil:
		return err
	case !serving:
		return errReported
	}
	return nil
}

func serviceName(service string) string {
	if service == "" {
		return "searches"
	}
	return strings.TrimPrefix(service, "accord.v1.")
}

// askCollections returns the status of all collections. It leaves out one that is deleted
// meanwhile.
func askCollections(ctx context.Context, conn *grpc.ClientConn) (list []collectionStatus, err error) {
	all, err := listCollections(ctx, conn)
	if err != nil {
		return nil, err
	}
	for _, cl := range all {
		st := collectionStatus{collection: cl}
		st.ingest, err = accordv1.NewIngestServiceClient(conn).GetIngestStatus(ctx, &accordv1.GetIngestStatusRequest{Parent: cl.GetName()})
		if err == nil {
			st.spaces, err = listSpaces(ctx, accordv1.NewSpaceServiceClient(conn), cl.GetName())
		}
		if status.Code(err) == codes.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, st)
	}
	return list, nil
}

// printServerInfo prints the version and the load of a server. info is nil for older servers.
func printServerInfo(io streams, info *accordv1.GetServerInfoResponse) {
	if info == nil {
		return
	}
	fmt.Fprintf(io.out, "version %s, started %s\n\n", oneLine(info.GetVersion()), formatMinute(info.GetStartTime()))
	var rows [][]any
	for _, lane := range info.GetLanes() {
		rows = append(rows, []any{lane.GetLane(), lane.GetRunningCalls(), lane.GetRefusedCalls()})
	}
	printTable(io.out, []string{"CALLS", "RUNNING", "REFUSED"}, rows)
	printModelServers(io, info.GetModelServers())
}

// printModelServers prints a table of model servers. Older servers do not describe them.
func printModelServers(io streams, servers []*accordv1.ModelServer) {
	if len(servers) == 0 {
		return
	}
	var rows [][]any
	for _, s := range servers {
		latency := ""
		if s.GetLatency() != nil {
			latency = rounded(s.GetLatency().AsDuration()).String()
		}
		rows = append(rows, []any{
			s.GetName(), strings.TrimPrefix(s.GetRole().String(), "MODEL_SERVER_ROLE_"), s.GetModel(),
			strings.TrimPrefix(s.GetState().String(), "MODEL_SERVER_STATE_"), formatMinute(s.GetStateStartTime()), latency,
		})
	}
	fmt.Fprintln(io.out)
	printTable(io.out, []string{"MODEL SERVER", "ROLE", "MODEL", "STATE", "SINCE", "LATENCY"}, rows)
}

// printStatus prints a table of collections and a table of spaces.
func printStatus(io streams, list []collectionStatus) {
	fmt.Fprintln(io.out)
	if len(list) == 0 {
		fmt.Fprintln(io.out, noCollections)
		return
	}
	var collections, spaces [][]any
	for _, st := range list {
		id := path.Base(st.collection.GetName())
		collections = append(collections, []any{
			id, st.collection.GetDocumentCount(), st.collection.GetPassageCount(), st.ingest.GetIndexedDocumentCount(),
			st.ingest.GetPendingDocumentCount(), st.ingest.GetPartialDocumentCount(), st.ingest.GetFailedDocumentCount(),
		})
		for _, sp := range st.spaces {
			spaces = append(spaces, []any{id, path.Base(sp.GetName()), stateName(sp), sp.GetModel(), sp.GetModelServer(), percent(sp.GetProgress())})
		}
	}
	printTable(io.out, []string{"COLLECTION", "DOCUMENTS", "PASSAGES", "INDEXED", "PENDING", "PARTLY", "FAILED"}, collections)
	fmt.Fprintln(io.out)
	printTable(io.out, []string{"COLLECTION", "SPACE", "STATE", "MODEL", "SERVER", "DONE"}, spaces)
}

// printStatusJSON prints the status as one object. err is the error of reading the
// collections, or nil.
func printStatusJSON(io streams, addr string, health []serviceHealth, info *accordv1.GetServerInfoResponse, list []collectionStatus, err error) error {
	type object struct {
		Collection json.RawMessage   `json:"collection"`
		Ingest     json.RawMessage   `json:"ingest"`
		Spaces     []json.RawMessage `json:"spaces"`
	}
	raw := func(m proto.Message) json.RawMessage { return json.RawMessage(protojson.Format(m)) }
	out := struct {
		Address     string          `json:"address"`
		Health      []serviceHealth `json:"health"`
		Server      json.RawMessage `json:"server,omitempty"`
		Collections []object        `json:"collections"`
		Error       string          `json:"error,omitempty"`
	}{Address: addr, Health: health, Collections: []object{}}
	if err != nil {
		out.Error = message(err)
	}
	if info != nil {
		out.Server = raw(info)
	}
	for _, st := range list {
		o := object{Collection: raw(st.collection), Ingest: raw(st.ingest), Spaces: []json.RawMessage{}}
		for _, sp := range st.spaces {
			o.Spaces = append(o.Spaces, raw(sp))
		}
		out.Collections = append(out.Collections, o)
	}
	return printJSON(io.out, out)
}
