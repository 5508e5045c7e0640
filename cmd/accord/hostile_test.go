package main

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// hostileServer answers every method of every service with hostile text in every field.
type hostileServer struct {
	enum   atomic.Int32 // value of enums
	fails  atomic.Bool  // whether it answers with errors
	served atomic.Int32 // number of answers
}

// serveHostile runs the server until the test ends, and returns its address.
func serveHostile(t *testing.T, h *hostileServer) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer(grpc.UnknownServiceHandler(h.handle))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// handle answers a call. It answers each message, except for the settings of an import.
func (h *hostileServer) handle(_ any, stream grpc.ServerStream) error {
	if h.fails.Load() {
		return status.Error(codes.Internal, hostile+"\nFORGED")
	}
	path, _ := grpc.MethodFromServerStream(stream)
	name := strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ".")
	found, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
	if err != nil {
		return err
	}
	method := found.(protoreflect.MethodDescriptor)
	for {
		request, err := newMessage(method.Input())
		if err != nil {
			return err
		}
		if err := stream.RecvMsg(request); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if r, ok := request.(*accordv1.ImportDocumentsRequest); ok && r.GetSettings() != nil {
			continue
		}
		reply, err := newMessage(method.Output())
		if err != nil {
			return err
		}
		h.fill(reply.ProtoReflect(), 0)
		token := request.ProtoReflect().Descriptor().Fields().ByName("page_token")
		if next := reply.ProtoReflect().Descriptor().Fields().ByName("next_page_token"); next != nil && token != nil && request.ProtoReflect().Has(token) {
			reply.ProtoReflect().Clear(next) // without a next page, so that the list ends
		}
		h.served.Add(1)
		if err := stream.SendMsg(reply); err != nil {
			return err
		}
	}
}

func newMessage(d protoreflect.MessageDescriptor) (proto.Message, error) {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		return nil, err
	}
	return kind.New().Interface(), nil
}

// fill sets every field of a message.
func (h *hostileServer) fill(m protoreflect.Message, depth int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case depth > 6 || f.Message() != nil && f.Message().FullName() == "google.protobuf.Any":
		case f.IsMap():
			m.Mutable(f).Map().Set(protoreflect.ValueOfString(hostile).MapKey(), protoreflect.ValueOfString(hostile+"\nFORGED"))
		case f.IsList() && f.Message() != nil:
			h.fill(m.Mutable(f).List().AppendMutable().Message(), depth+1)
		case f.IsList():
			m.Mutable(f).List().Append(h.scalar(f))
		case f.Message() != nil:
			h.fill(m.Mutable(f).Message(), depth+1)
		default:
			m.Set(f, h.scalar(f))
		}
	}
}

// scalar returns a hostile value for a field. Only the field text has no line FORGED:
// texts may be printed on several lines, so the test could not tell that line from a
// forged one.
func (h *hostileServer) scalar(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		if f.Name() == "text" {
			return protoreflect.ValueOfString(hostile)
		}
		return protoreflect.ValueOfString(hostile + "\nFORGED\u2028\tand more")
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(hostile))
	case protoreflect.EnumKind:
		values := f.Enum().Values()
		return protoreflect.ValueOfEnum(values.Get(int(h.enum.Load()) % values.Len()).Number())
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.DoubleKind:
		return protoreflect.ValueOfFloat64(.9)
	case protoreflect.FloatKind:
		return protoreflect.ValueOfFloat32(.9)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(7)
	default:
		return protoreflect.ValueOfInt32(7)
	}
}

// checkHarmless fails the test if the output has characters that a terminal acts on, or a
// line that begins inside a field's value.
func checkHarmless(t *testing.T, args []string, out string) {
	t.Helper()
	for _, r := range out {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
			t.Fatalf("accord %q prints %U:\n%q", args, r, out)
		}
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(strings.TrimSpace(line), "FORGED") {
			t.Fatalf("accord %q prints a line of a field:\n%q", args, out)
		}
	}
}

// TestHostileServer: no command prints characters that a terminal acts on, whatever a
// server or a file name contains.
func TestHostileServer(t *testing.T) {
	t.Parallel()
	h := &hostileServer{}
	addr := serveHostile(t, h)
	folder, set := t.TempDir(), t.TempDir()
	writeFile(t, folder, "evil\x1b[31m\u202e\nFORGED.txt", "A title \x1b[31m of a page\n\nThe port opened on Monday, said \u202e captains.\n")
	writeFile(t, folder, "empty\x1b[31m\nFORGED.txt", "")
	writeFile(t, set, "corpus.jsonl", `{"_id": "a", "text": "On trade."}`)
	writeFile(t, set, "queries.jsonl", `{"_id": "q", "text": "trade"}`)
	writeFile(t, set, "qrels.tsv", "q\ta\t1\n")
	commands := [][]string{
		{"search", "x", "--context", "1"},
		{"get", "x"},
		{"list"},
		{"delete", "--force"},
		{"delete", "--force", "--validate-only"},
		{"ingest", folder},
		{"ingest", "--replace-root", folder},
		{"ingest", "status"},
		{"ingest", "status", "--retry-failed"},
		{"ingest", "--dry-run", "--explain", folder},
		{"collection", "list"},
		{"collection", "create", "x"},
		{"collection", "delete", "x"},
		{"space", "list"},
		{"space", "get", "x"},
		{"space", "create"},
		{"space", "activate", "x"},
		{"space", "delete", "x"},
		{"eval", "--calibration-timeout", "0s", set},
		{"status"},
		{"doctor"},
	}
	for turn := range int32(6) {
		h.enum.Store(turn)
		h.fails.Store(turn == 5)
		for _, args := range commands {
			for _, format := range []string{"text", "json"} {
				before := h.served.Load()
				args := append([]string{args[0]}, append([]string{}, args[1:]...)...)
				args = append(args, "-o", format, "--addr", addr)
				_, out, errOut := accord(t, args...)
				checkHarmless(t, args, out+errOut)
				if turn < 5 && args[1] != "--dry-run" && h.served.Load() == before {
					t.Errorf("accord %q did not ask the server:\n%s%s", args, out, errOut)
				}
				if turn == 5 && format == "text" && args[1] != "--dry-run" && args[0] != "doctor" && !strings.Contains(errOut, harmless) {
					t.Errorf("accord %q does not print the server's error:\n%s%s", args, out, errOut)
				}
			}
		}
	}
}

// TestWithoutServer: each command that needs a server says in one line that none answers.
func TestWithoutServer(t *testing.T) {
	t.Parallel()
	nobody, set := freeAddr(t), t.TempDir()
	writeFile(t, set, "corpus.jsonl", `{"_id": "a", "text": "On trade."}`)
	writeFile(t, set, "queries.jsonl", `{"_id": "q", "text": "trade"}`)
	writeFile(t, set, "qrels.tsv", "q\ta\t1\n")
	want := "accord: Unavailable: no server answers at " + nobody + ": start one with `make run` or `accord serve`, or name another with --addr\n"
	for _, args := range [][]string{
		{"search", "x"},
		{"get", "x"},
		{"list"},
		{"delete", "--force"},
		{"ingest", small(t)},
		{"ingest", "--no-wait", small(t)},
		{"ingest", "status"},
		{"collection", "list"},
		{"collection", "create", "x"},
		{"collection", "delete", "x"},
		{"space", "list"},
		{"space", "get", "x"},
		{"space", "create"},
		{"space", "activate", "x"},
		{"space", "delete", "x"},
		{"eval", set},
		{"eval", "--delete", set},
		{"status"},
	} {
		t.Run(strings.Join(args[:min(2, len(args))], " "), func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{"text", "json"} {
				code, out, errOut := accord(t, append(args[:len(args):len(args)], "-o", format, "--addr", nobody)...)
				if code != 1 || out != "" || errOut != want {
					t.Errorf("%s: exit code %d, standard output %q, standard error:\n%s", format, code, out, errOut)
				}
			}
		})
	}
}
