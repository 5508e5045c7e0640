package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// openImport opens the stream of an import and sends its settings.
func (g *gateway) openImport(ctx context.Context, r *http.Request, parent string) (accordv1.IngestService_ImportDocumentsClient, error) {
	settings, err := importSettings(r, parent)
	if err != nil {
		return nil, err
	}
	if ctx, err = runtime.AnnotateContext(ctx, g.mux, r, accordv1.IngestService_ImportDocuments_FullMethodName); err != nil {
		return nil, err
	}
	stream, err := g.ingest.ImportDocuments(ctx)
	if err != nil {
		return nil, err
	}
	err = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{Settings: settings}})
	if errors.Is(err, io.EOF) { // the stream has ended; Recv has the reason
		err = nil
	}
	return stream, err
}

// importSettings reads the settings from the URL.
func importSettings(r *http.Request, parent string) (*accordv1.ImportSettings, error) {
	settings := &accordv1.ImportSettings{Parent: parent}
	for name, values := range r.URL.Query() {
		wait, err := strconv.ParseBool(values[0])
		switch {
		case name != "waitForIndex" && name != "wait_for_index":
			return nil, status.Errorf(codes.InvalidArgument, "unknown query parameter %q", name)
		case err != nil || len(values) > 1:
			return nil, status.Errorf(codes.InvalidArgument, "%s must be true or false", name)
		}
		settings.WaitForIndex = &wait
	}
	return settings, nil
}
