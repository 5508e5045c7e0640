package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jhump/protoreflect/v2/protoprint"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/protobuf/reflect/protoreflect"

	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

type protosCmd struct {
	Dir string `arg:"" type:"path" help:"Folder to write the protos to."`
}

// Help returns the examples of --help.
func (*protosCmd) Help() string { return examples("accord protos protos") }

// foreign is the comment at the head of imported protos.
const foreign = "// From googleapis or protovalidate, under the Apache License 2.0. Written from its descriptor, without comments.\n\n"

// Run writes the protos of the API and all that they import. It leaves out google/protobuf,
// which every compiler includes.
func (c *protosCmd) Run(io streams) error {
	files, err := protoFiles()
	if err != nil {
		return err
	}
	for path, content := range files {
		path = filepath.Join(c.Dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(io.out, "wrote %d files to %s\n", len(files), c.Dir)
	return nil
}

// protoFiles returns the contents of the files by path.
func protoFiles() (map[string][]byte, error) {
	files := map[string][]byte{}
	sources, err := fs.Glob(accordv1.Sources, "*")
	if err != nil {
		return nil, err
	}
	for _, name := range sources {
		if files["accord/v1/"+name], err = fs.ReadFile(accordv1.Sources, name); err != nil {
			return nil, err
		}
	}
	// The details of errors are messages of error_details.proto.
	for _, file := range []protoreflect.FileDescriptor{
		accordv1.File_accord_v1_collection_service_proto, accordv1.File_accord_v1_ingest_service_proto,
		accordv1.File_accord_v1_search_service_proto, accordv1.File_accord_v1_space_service_proto, errdetails.File_google_rpc_error_details_proto,
	} {
		if err := addProto(files, file); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// addProto adds a file and all that it imports.
func addProto(files map[string][]byte, file protoreflect.FileDescriptor) error {
	if strings.HasPrefix(file.Path(), "google/protobuf/") {
		return nil
	}
	if _, done := files[file.Path()]; !done {
		text, err := (&protoprint.Printer{}).PrintProtoToString(file)
		if err != nil {
			return fmt.Errorf("%s: %w", file.Path(), err)
		}
		files[file.Path()] = []byte(foreign + text)
	}
	imports := file.Imports()
	for i := range imports.Len() {
		if err := addProto(files, imports.Get(i).FileDescriptor); err != nil {
			return err
		}
	}
	return nil
}
