package main

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// TestDeleteFlags: every field of the request and of its filter has a flag.
func TestDeleteFlags(t *testing.T) {
	t.Parallel()
	var c deleteCmd
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(strings.Fields(`--collection=collections/other --language=zh --source=Wire --document=d --kind=article
		--metadata=file=a.txt --after=2024-01-02 --before=2024-01-03 --where=source --validate-only --force`))
	if err != nil {
		t.Fatal(err)
	}
	request := c.request()
	for _, m := range []protoreflect.Message{request.ProtoReflect(), request.GetFilter().ProtoReflect()} {
		fields := m.Descriptor().Fields()
		for i := range fields.Len() {
			if !m.Has(fields.Get(i)) {
				t.Errorf("%s is not set", fields.Get(i).FullName())
			}
		}
	}
}
