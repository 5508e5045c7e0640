package v1_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/ingest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
	v1 "github.com/accord-search/accord/services/v1"
)

// calibrated is a calibrator with nothing to calibrate.
type calibrated struct{}

func (calibrated) Importing() func() { return func() {} }
func (calibrated) Settle(context.Context, string, int) (bool, error) {
	return true, nil
}

// TestServerEndsImport: if an import is idle, or its server stops, it gets the answer for
// every document that the server has received, and then a status with the reason.
func TestServerEndsImport(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what   string
		idle   time.Duration
		stop   bool
		code   codes.Code
		reason string
	}{
		{"stop", time.Hour, true, codes.Unavailable, "SERVER_STOPPING"},
		{"idle", 100 * time.Millisecond, false, codes.DeadlineExceeded, "IMPORT_IDLE"},
	} {
		t.Run(test.what, func(t *testing.T) {
			t.Parallel()
			stopping, release, began := make(chan struct{}), make(chan struct{}), make(chan struct{}, 3)
			writer := ingester{write: func(context.Context, document.Document) (ingest.Result, error) {
				began <- struct{}{}
				<-release
				return ingest.Result{Outcome: ingest.Created}, nil
			}}
			s := startWith(t, v1.Config{Ingester: writer, Importer: newImporter(writer, calibrated{}), Stopping: stopping, ImportIdle: test.idle})
			stream, err := s.ingest.ImportDocuments(callContext(t))
			if err != nil {
				t.Fatal(err)
			}
			messages := []*accordv1.ImportDocumentsRequest{settings("")}
			for _, id := range []string{"a", "b", "c"} {
				messages = append(messages, importOf(&accordv1.Document{Name: name(id), Text: "x"}))
			}
			for _, m := range messages {
				if err := stream.Send(m); err != nil {
					t.Fatal(err)
				}
			}
			for range 3 {
				<-began
			}
			if test.stop {
				close(stopping)
			}
			close(release)
			for n := range 3 {
				answer, err := stream.Recv()
				if err != nil || answer.GetOutcome() != accordv1.WriteOutcome_WRITE_OUTCOME_CREATED {
					t.Fatalf("answer %d: %v, error %v", n, answer, err)
				}
			}
			_, err = stream.Recv()
			checkFailure(t, err, failure{Code: test.code, Reason: test.reason})
			for _, detail := range status.Convert(err).Details() {
				if info, ok := detail.(*errdetails.ErrorInfo); ok && info.GetMetadata()["answered"] != "3" {
					t.Errorf("metadata %v", info.GetMetadata())
				}
			}
			if !strings.Contains(status.Convert(err).Message(), "first 3 documents") {
				t.Errorf("message %q", status.Convert(err).Message())
			}
		})
	}
}

// TestStopCutsImport: when the time for a stop is nearly over, the documents that are not
// stored yet fail. Each of them is answered with SERVER_STOPPING, and then the stream ends with
// the same error.
func TestStopCutsImport(t *testing.T) {
	t.Parallel()
	stopping, began := make(chan struct{}), make(chan struct{}, 1)
	writer := ingester{write: func(ctx context.Context, _ document.Document) (ingest.Result, error) {
		began <- struct{}{}
		<-ctx.Done()
		return ingest.Result{}, ctx.Err()
	}}
	s := startWith(t, v1.Config{Ingester: writer, Importer: newImporter(writer, calibrated{}), Stopping: stopping, StopTimeout: time.Second})
	stream, err := s.ingest.ImportDocuments(callContext(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*accordv1.ImportDocumentsRequest{settings(""), importOf(&accordv1.Document{Name: name("a"), Text: "x"})} {
		if err := stream.Send(m); err != nil {
			t.Fatal(err)
		}
	}
	<-began
	close(stopping)
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	checkFailure(t, status.ErrorProto(answer.GetStatus()), failure{Code: codes.Unavailable, Reason: "SERVER_STOPPING"})
	_, err = stream.Recv()
	checkFailure(t, err, failure{Code: codes.Unavailable, Reason: "SERVER_STOPPING"})
}
