package gateway

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/accord-search/accord/internal/server"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// jsonGrowth is the factor by which JSON may be longer than the message: an escape such as
// \u0430 has six bytes for a letter of two bytes.
const jsonGrowth = 3

// receive checks the caller of a request, and then reads its body, except for that of an
// import, which is read line by line.
func (g *gateway) receive(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		pattern, _ := runtime.HTTPPattern(r.Context())
		route := r.Method + " " + pattern.String()
		if g.noQuery[route] && r.URL.RawQuery != "" { // grpc-gateway would ignore the parameters
			problem := "the method has no query parameters, and no conditions in headers"
			if r.Method == http.MethodPost {
				problem = "the method has no query parameters; send its fields as JSON in the body"
			}
			ignoreBody(w, r)
			fail(r.Context(), nil, nil, w, r, status.Error(codes.InvalidArgument, problem))
			return
		}
		if r.Body == http.NoBody { // the call itself checks the caller
			next(w, r, path)
			return
		}
		method := g.methods[route]
		err := g.cfg.Check(metadata.NewIncomingContext(r.Context(), metadata.MD{"authorization": r.Header["Authorization"]}), method)
		if err != nil {
			g.refuse(w, r, method, err)
			return
		}
		if method == accordv1.IngestService_ImportDocuments_FullMethodName {
			next(w, r, path)
			return
		}
		held := g.cfg.Hold()
		defer held.Release()
		if g.readBody(w, r, held, int64(g.cfg.MaxMessageBytes)*jsonGrowth) {
			next(w, r, path)
		}
	}
}

// refuse answers a request whose caller may not call the method. It begins the call without
// sending a request, so that the call is counted and has a request id like other refused calls.
func (g *gateway) refuse(w http.ResponseWriter, r *http.Request, method string, refusal error) {
	if ctx, err := runtime.AnnotateContext(r.Context(), g.mux, r, method); err == nil {
		var header metadata.MD
		if stream, err := g.cfg.Conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, method, grpc.Header(&header)); err == nil {
			_, _ = stream.CloseSend(), stream.RecvMsg(&emptypb.Empty{})
		}
		setHeaders(w, "", header)
	}
	ignoreBody(w, r)
	fail(r.Context(), nil, nil, w, r, refusal)
}

// ignoreBody keeps net/http from reading the rest of the body before the answer is sent. The
// connection is closed after the answer.
func ignoreBody(w http.ResponseWriter, r *http.Request) {
	if r.Body == http.NoBody {
		return
	}
	if r.ProtoMajor == 1 {
		w.Header().Set("Connection", "close")
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now()) // fails only if the connection is not a net.Conn
}

// readBody reads the body, and reports whether it succeeded. It answers with an error if the
// body does not arrive within bodyLimit or has more than most bytes.
func (g *gateway) readBody(w http.ResponseWriter, r *http.Request, held *server.Held, most int64) bool {
	limits := http.NewResponseController(w)
	_ = limits.SetReadDeadline(time.Now().Add(bodyLimit))
	body, err := io.ReadAll(&heldReader{http.MaxBytesReader(w, r.Body, most), held, 0})
	var tooLarge *http.MaxBytesError
	switch st, refused := status.FromError(err); {
	case err == nil:
		_ = limits.SetReadDeadline(time.Time{})
		if len(body) < server.SmallRequest {
			held.Release()
		}
		r.Body = newArrivedBody(body)
		return true
	case errors.As(err, &tooLarge):
		writeError(w, r, http.StatusRequestEntityTooLarge, newStatus(codes.ResourceExhausted, "REQUEST_TOO_LARGE", "the body is above the server's size limit"))
	case refused:
		ignoreBody(w, r)
		writeError(w, r, httpStatus(st, r), st)
	default:
		writeError(w, r, http.StatusBadRequest, newStatus(codes.InvalidArgument, invalidRequest, "the body did not arrive completely in time"))
	}
	return false
}

// arrivedBody is a body that was read into memory.
type arrivedBody struct {
	io.Reader
	data []byte
}

func newArrivedBody(data []byte) *arrivedBody { return &arrivedBody{bytes.NewReader(data), data} }

// Close implements io.Closer.
func (*arrivedBody) Close() error { return nil }

// heldReader counts the bytes that it has read as memory in use.
type heldReader struct {
	io.Reader
	held *server.Held
	read int
}

// Read implements io.Reader. Its error may be a status.
func (r *heldReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	r.read += n
	if full := r.held.Set(r.read); full != nil {
		err = full
	}
	return n, err
}
