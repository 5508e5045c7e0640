package v1

import (
	"context"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/accord-search/accord/internal/embed/health"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// versionKey is the key of the header with the version of the server.
const versionKey = "accord-version"

// ServerInfo describes the server.
type ServerInfo struct {
	// Version is the version of the server, such as v1.2.3.
	Version string
	Started time.Time
	// Lanes returns the load of each lane. It may be nil.
	Lanes func() []LaneLoad
	// ModelServers returns the state of each model server. It may be nil.
	ModelServers func() []ModelServer
}

// ModelServer is a model server that the server calls. Reranks says whether it makes scores;
// otherwise it makes vectors.
type ModelServer struct {
	Name, Model string
	Reranks     bool
	health.Health
}

// LaneLoad is the load of one lane: its name, the number of calls that are running, and the
// number of calls that were refused since the start of the server.
type LaneLoad struct {
	Lane             string
	Running, Refused int64
}

var _ accordv1.ServerServiceServer = (*serverServer)(nil)

type serverServer struct {
	accordv1.UnimplementedServerServiceServer
	*Services
}

// GetServerInfo implements accord.v1.ServerService.
func (s *serverServer) GetServerInfo(context.Context, *accordv1.GetServerInfoRequest) (*accordv1.GetServerInfoResponse, error) {
	about := s.cfg.Server
	out := &accordv1.GetServerInfoResponse{Version: about.Version, StartTime: timestamppb.New(about.Started)}
	if about.Lanes != nil {
		for _, lane := range about.Lanes() {
			out.Lanes = append(out.Lanes, &accordv1.LaneLoad{Lane: lane.Lane, RunningCalls: int32(lane.Running), RefusedCalls: lane.Refused})
		}
	}
	if about.ModelServers != nil {
		for _, server := range about.ModelServers() {
			out.ModelServers = append(out.ModelServers, fromModelServer(server))
		}
	}
	return out, nil
}

// modelServerStates are the API's names of states.
var modelServerStates = map[health.State]accordv1.ModelServerState{
	health.NotAsked:  accordv1.ModelServerState_MODEL_SERVER_STATE_NOT_ASKED,
	health.Answering: accordv1.ModelServerState_MODEL_SERVER_STATE_ANSWERING,
	health.Failing:   accordv1.ModelServerState_MODEL_SERVER_STATE_FAILING,
}

func fromModelServer(s ModelServer) *accordv1.ModelServer {
	out := &accordv1.ModelServer{Name: s.Name, Role: accordv1.ModelServerRole_MODEL_SERVER_ROLE_EMBEDDING, Model: s.Model, State: modelServerStates[s.State]}
	if s.Reranks {
		out.Role = accordv1.ModelServerRole_MODEL_SERVER_ROLE_RERANKING
	}
	if s.State != health.NotAsked {
		out.StateStartTime, out.RequestTime = timestamppb.New(s.Since), timestamppb.New(s.Asked)
	}
	if s.Latency > 0 {
		out.Latency = durationpb.New(s.Latency)
	}
	return out
}

// versionHeader returns the header with the version, which every answer has.
func (s *Services) versionHeader() metadata.MD {
	return metadata.Pairs(versionKey, s.cfg.Server.Version)
}
