package server

import (
	"context"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func TestDefaultDeadline(t *testing.T) {
	t.Parallel()
	limits := make(chan time.Duration, 1)
	r := start(t, Config{DefaultTimeout: time.Hour}, func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		limits <- time.Until(deadline)
		return nil
	})
	if err := r.call(context.Background()); err != nil {
		t.Fatal(err)
	}
	if limit := <-limits; limit > time.Hour || limit < time.Hour-patience {
		t.Errorf("a call without deadline got %v", limit)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := r.call(ctx); err != nil {
		t.Fatal(err)
	}
	if limit := <-limits; limit > patience {
		t.Errorf("a call with deadline got %v", limit)
	}
}

// TestLongestDeadline: a deadline beyond the maximum is shortened.
func TestLongestDeadline(t *testing.T) {
	t.Parallel()
	limits := make(chan time.Duration, 1)
	r := start(t, Config{MaxTimeout: time.Hour}, func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		limits <- time.Until(deadline)
		return nil
	})
	ctx, cancel := context.WithTimeout(t.Context(), 1000*time.Hour)
	defer cancel()
	if err := r.call(ctx); err != nil {
		t.Fatal(err)
	}
	if limit := <-limits; limit > time.Hour {
		t.Errorf("the call got %v", limit)
	}
}

// TestStreamDeadline: a stream that answers one request ends at its deadline, even if the client
// reads nothing. An import goes on.
func TestStreamDeadline(t *testing.T) {
	t.Parallel()
	limits := make(chan bool, 1)
	r := start(t, Config{DefaultTimeout: 300 * time.Millisecond}, func(ctx context.Context) error {
		_, limited := ctx.Deadline()
		limits <- limited
		return nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	defer time.AfterFunc(patience, cancel).Stop() // a deadline would reach the server
	for _, test := range []struct {
		name    string
		limited bool
	}{{"Answers", true}, {"Import", false}} {
		stream, err := r.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Test/"+test.name)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.SendMsg(&emptypb.Empty{}); err != nil {
			t.Fatal(err)
		}
		if limited := <-limits; limited != test.limited {
			t.Errorf("%s has a deadline: %v, want %v", test.name, limited, test.limited)
		}
		if !test.limited {
			continue
		}
		time.Sleep(time.Second) // the client reads only when the deadline has passed
		for err == nil {
			err = stream.RecvMsg(&wrapperspb.StringValue{})
		}
		st := status.Convert(err)
		if len(st.Details()) != 1 || st.Code() != codes.DeadlineExceeded {
			t.Fatalf("%s: %v, details %v", test.name, st, st.Details())
		}
		if info, ok := st.Details()[0].(*errdetails.ErrorInfo); !ok || info.GetReason() != "DEADLINE_EXCEEDED" {
			t.Errorf("details %v", st.Details())
		}
	}
}
