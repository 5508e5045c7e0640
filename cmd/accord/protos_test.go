package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
)

// TestProtos: the protos that the command writes compile without other files, and have the same
// descriptors as those of the server.
func TestProtos(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	mustAccord(t, "protos", folder)
	files, err := protoFiles()
	if err != nil {
		t.Fatal(err)
	}
	compiler := protocompile.Compiler{Resolver: protocompile.WithStandardImports(&protocompile.SourceResolver{ImportPaths: []string{folder}})}
	for path := range maps.Keys(files) {
		if !strings.HasSuffix(path, ".proto") {
			continue
		}
		compiled, err := compiler.Compile(t.Context(), path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		want, err := protoregistry.GlobalFiles.FindFileByPath(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := protodesc.ToFileDescriptorProto(compiled[0]); !proto.Equal(known(t, got), known(t, protodesc.ToFileDescriptorProto(want))) {
			t.Errorf("%s says something else", path)
		}
	}
}

// known returns a copy of a descriptor whose options are parsed, so that their extensions
// are no unknown fields.
func known(t *testing.T, file *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	t.Helper()
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(file)
	if err != nil {
		t.Fatal(err)
	}
	out := &descriptorpb.FileDescriptorProto{}
	if err := proto.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestPythonClient runs a client in Python that grpcio-tools generates from the protos that
// the command writes. `make test-python` sets ACCORD_TEST_PYTHON, the path of a Python with
// grpcio-tools.
func TestPythonClient(t *testing.T) {
	t.Parallel()
	python := clientTool(t, "ACCORD_TEST_PYTHON", "test-python")
	addr, protos, modules := serveInstant(t), t.TempDir(), t.TempDir()
	mustAccord(t, "protos", protos)
	compile := []string{"-m", "grpc_tools.protoc", "-I", protos, "--python_out", modules, "--grpc_python_out", modules}
	files, err := protoFiles()
	if err != nil {
		t.Fatal(err)
	}
	for path := range maps.Keys(files) {
		if strings.HasSuffix(path, ".proto") && !strings.HasPrefix(path, "google/") { // Python has packages for these
			compile = append(compile, path)
		}
	}
	run := func(args ...string) {
		command := exec.CommandContext(limited(t), python, args...)
		command.Env = append(os.Environ(), "PYTHONPATH="+modules)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("python %s: %v\n%s", args, err, out)
		}
	}
	run(compile...)
	run(filepath.Join("testdata", "client.py"), addr, filepath.Join(protos, "accord", "v1", "service_config.json"))
}
