package v1

import (
	"context"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/timestamppb"

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
	return out, nil
}

// versionHeader returns the header with the version, which every answer has.
func (s *Services) versionHeader() metadata.MD {
	return metadata.Pairs(versionKey, s.cfg.Server.Version)
}
