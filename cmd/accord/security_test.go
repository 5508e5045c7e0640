package main

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	reflectiongrpc "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/embed/driver"
	"github.com/accord-search/accord/internal/embed/embedtest"
	"github.com/accord-search/accord/internal/store/storetest"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// guarded is a server that checks API keys, and its database.
type guarded struct{ addr, database string }

func serveGuarded(t *testing.T, flags ...string) guarded {
	t.Helper()
	g := guarded{database: storetest.URL(t)}
	url := embedtest.Serve(t, newModel()).URL
	g.addr = serve(t, append([]string{"--database-url", g.database, "--embedding-url", url, "--auth", "keys"}, flags...)...)
	return g
}

// key creates a key.
func (g guarded) key(t *testing.T, flags ...string) string {
	t.Helper()
	return strings.TrimSpace(mustAccord(t, append([]string{"key", "create", "--database-url", g.database, "--name", "test"}, flags...)...))
}

// keyID returns the id of a key.
func keyID(key string) string { return strings.Split(key, "_")[1] }

// client is a connection with its clients.
type client struct {
	conn        *grpc.ClientConn
	search      accordv1.SearchServiceClient
	ingest      accordv1.IngestServiceClient
	collections accordv1.CollectionServiceClient
	spaces      accordv1.SpaceServiceClient
}

// dial connects with a credential, or without one if it is empty.
func (g guarded) dial(t *testing.T, credential string) client {
	t.Helper()
	return dialWith(t, clientFlags{Addr: g.addr, credentialFlags: credentialFlags{APIKey: driver.Secret(credential)}})
}

func dialWith(t *testing.T, flags clientFlags) client {
	t.Helper()
	conn, err := flags.dial()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return client{
		conn, accordv1.NewSearchServiceClient(conn), accordv1.NewIngestServiceClient(conn),
		accordv1.NewCollectionServiceClient(conn), accordv1.NewSpaceServiceClient(conn),
	}
}

func (c client) find(t *testing.T, collection string) error {
	t.Helper()
	_, err := c.search.Search(limited(t), &accordv1.SearchRequest{Query: "port", Parent: collection})
	return err
}

func (c client) write(t *testing.T, name string) error {
	t.Helper()
	_, err := c.ingest.UpsertDocument(limited(t), &accordv1.UpsertDocumentRequest{
		Document: &accordv1.Document{Name: name, LanguageCode: "en", Text: "The port opened."},
	})
	return err
}

// limited returns a context for a call, so that one that hangs fails the test.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// refused checks the code of an error and the reason of its ErrorInfo. The reason "" means
// success.
func refused(t *testing.T, what string, err error, code codes.Code, reason string) {
	t.Helper()
	st := status.Convert(err)
	got := ""
	for _, detail := range st.Details() {
		if info, ok := detail.(*errdetails.ErrorInfo); ok {
			got = info.GetReason()
			if code == codes.Unauthenticated && !strings.HasPrefix(info.GetMetadata()["www_authenticate"], "Bearer") {
				t.Errorf("%s: metadata %v has no challenge", what, info.GetMetadata())
			}
		}
	}
	if st.Code() != code || got != reason {
		t.Errorf("%s: %v, reason %q; want %v, %q (%s)", what, st.Code(), got, code, reason, st.Message())
	}
}

func TestStrangers(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	key := g.key(t)
	expired := g.key(t, "--expires-in", "1ns")
	for what, test := range map[string]struct{ credential, reason string }{
		"no credential":      {"", "CREDENTIALS_MISSING"},
		"garbage":            {"garbage", "CREDENTIALS_INVALID"},
		"an unknown key":     {"accord_" + strings.Repeat("a", 16) + "_" + strings.Repeat("a", 52), "CREDENTIALS_INVALID"},
		"another secret":     {key[:len(key)-1] + "a2"[strings.LastIndex("a", key[len(key)-1:])+1:][:1], "CREDENTIALS_INVALID"},
		"a key cut off":      {key[:40], "CREDENTIALS_INVALID"},
		"an expired key":     {expired, "CREDENTIALS_EXPIRED"},
		"a JWT without OIDC": {"eyJhbGciOiJub25lIn0.e30.", "CREDENTIALS_INVALID"},
	} {
		c := g.dial(t, test.credential)
		refused(t, what+" that searches", c.find(t, ""), codes.Unauthenticated, test.reason)
		refused(t, what+" that writes", c.write(t, "collections/default/documents/a"), codes.Unauthenticated, test.reason)
		refused(t, what+" that imports", c.importOne(t), codes.Unauthenticated, test.reason)
		refused(t, what+" that asks for the API", c.reflect(t), codes.Unauthenticated, test.reason)
		if _, err := healthgrpc.NewHealthClient(c.conn).Check(limited(t), &healthgrpc.HealthCheckRequest{}); err != nil {
			t.Errorf("%s: health: %v", what, err)
		}
	}
	c := g.dial(t, key)
	refused(t, "a key that asks for the API", c.reflect(t), codes.OK, "")
	refused(t, "a key", c.find(t, ""), codes.OK, "")
}

// importOne opens an import, waits for its end and returns its error.
func (c client) importOne(t *testing.T) error {
	t.Helper()
	stream, err := c.ingest.ImportDocuments(limited(t))
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}

// reflect lists the services by server reflection, and returns the error of the stream.
func (c client) reflect(t *testing.T) error {
	t.Helper()
	stream, err := reflectiongrpc.NewServerReflectionClient(c.conn).ServerReflectionInfo(limited(t))
	if err != nil {
		return err
	}
	_ = stream.Send(&reflectiongrpc.ServerReflectionRequest{
		MessageRequest: &reflectiongrpc.ServerReflectionRequest_ListServices{},
	}) // Recv returns its error
	_, err = stream.Recv()
	return err
}

func TestRoles(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	const document = "collections/default/documents/a"
	reader, writer, admin := g.dial(t, g.key(t)), g.dial(t, g.key(t, "--role", "write")), g.dial(t, g.key(t, "--role", "admin"))
	create := func(c client, id string) error {
		_, err := c.collections.CreateCollection(limited(t), &accordv1.CreateCollectionRequest{CollectionId: id})
		return err
	}
	spaces := func(c client) error {
		_, err := c.spaces.ListSpaces(limited(t), &accordv1.ListSpacesRequest{})
		return err
	}
	refused(t, "a reader that writes", reader.write(t, document), codes.PermissionDenied, "ROLE_TOO_LOW")
	_, err := reader.ingest.GetIngestStatus(limited(t), &accordv1.GetIngestStatusRequest{})
	refused(t, "a reader that asks for the state of ingestion", err, codes.OK, "")
	refused(t, "a reader that imports", reader.importOne(t), codes.PermissionDenied, "ROLE_TOO_LOW")
	refused(t, "a reader that creates a collection", create(reader, "r"), codes.PermissionDenied, "ROLE_TOO_LOW")
	refused(t, "a writer that creates a collection", create(writer, "w"), codes.PermissionDenied, "ROLE_TOO_LOW")
	refused(t, "a writer that writes", writer.write(t, document), codes.OK, "")
	refused(t, "an admin that writes", admin.write(t, document), codes.OK, "")
	refused(t, "an admin that creates a collection", create(admin, "a"), codes.OK, "")
	for what, c := range map[string]client{"reader": reader, "writer": writer, "admin": admin} {
		refused(t, what+" that searches", c.find(t, ""), codes.OK, "")
		refused(t, what+" that lists spaces", spaces(c), codes.OK, "")
	}
}

// TestLimitedKey: a key that is limited to some collections gets the same error for all
// others, whether they exist or not.
func TestLimitedKey(t *testing.T) {
	t.Parallel()
	g := serveGuarded(t)
	admin := g.dial(t, g.key(t, "--role", "admin"))
	for _, id := range []string{"mine", "mine-too", "hidden", "other"} {
		if _, err := admin.collections.CreateCollection(limited(t), &accordv1.CreateCollectionRequest{CollectionId: id}); err != nil {
			t.Fatal(err)
		}
		if err := admin.write(t, "collections/"+id+"/documents/a"); err != nil {
			t.Fatal(err)
		}
	}
	c := g.dial(t, g.key(t, "--role", "admin", "--collections", "mine,mine-*"))
	refused(t, "its collection", c.find(t, "collections/mine"), codes.OK, "")
	refused(t, "its document", c.write(t, "collections/mine-too/documents/b"), codes.OK, "")
	refused(t, "the default collection", c.find(t, ""), codes.PermissionDenied, "COLLECTION_DENIED")
	var messages []string
	for _, id := range []string{"hidden", "absent"} {
		collection, document := "collections/"+id, "collections/"+id+"/documents/a"
		ctx := limited(t)
		_, get := c.search.GetDocument(ctx, &accordv1.GetDocumentRequest{Name: document})
		_, remove := c.collections.DeleteCollection(ctx, &accordv1.DeleteCollectionRequest{Name: collection, Force: true})
		_, create := c.collections.CreateCollection(ctx, &accordv1.CreateCollectionRequest{CollectionId: id})
		_, activate := c.spaces.ActivateSpace(ctx, &accordv1.ActivateSpaceRequest{Name: collection + "/spaces/a"})
		_, filtered := c.search.Search(ctx, &accordv1.SearchRequest{
			Query: "port", Parent: "collections/mine", Filter: &accordv1.Filter{Documents: []string{document}},
		})
		for what, err := range map[string]error{
			"find": c.find(t, collection), "write": c.write(t, document), "get": get, "delete": remove, "create": create,
			"activate": activate, "filter": filtered, "import into": c.importInto(t, collection, "collections/mine/documents/a"),
			"import from": c.importInto(t, "collections/mine", document), "vectors": c.vectors(t, "collections/mine/spaces/a", document),
		} {
			refused(t, what+" "+collection, err, codes.PermissionDenied, "COLLECTION_DENIED")
			messages = append(messages, status.Convert(err).Message())
		}
	}
	for _, message := range messages {
		if message != messages[0] {
			t.Errorf("the messages differ: %q and %q", messages[0], message)
		}
	}
	var seen []string
	for token := ""; ; {
		page, err := c.collections.ListCollections(limited(t), &accordv1.ListCollectionsRequest{PageSize: 1, PageToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, collection := range page.GetCollections() {
			seen = append(seen, collection.GetName())
		}
		if token = page.GetNextPageToken(); token == "" {
			break
		}
	}
	if got := strings.Join(seen, " "); got != "collections/mine collections/mine-too" {
		t.Errorf("it sees %s", got)
	}
}

// importInto imports a document, and returns the error of the stream.
func (c client) importInto(t *testing.T, collection, document string) error {
	t.Helper()
	stream, err := c.ingest.ImportDocuments(limited(t))
	if err != nil {
		return err
	}
	_ = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Settings{
		Settings: &accordv1.ImportSettings{Parent: collection},
	}}) // Recv returns its error
	_ = stream.Send(&accordv1.ImportDocumentsRequest{Message: &accordv1.ImportDocumentsRequest_Document{
		Document: &accordv1.Document{Name: document, LanguageCode: "en", Text: "The port opened."},
	}})
	_, err = stream.Recv()
	return err
}

// vectors asks for the vectors of a document, and returns the error of the stream.
func (c client) vectors(t *testing.T, space, document string) error {
	t.Helper()
	stream, err := c.spaces.GetDocumentVectors(limited(t), &accordv1.GetDocumentVectorsRequest{Space: space, Document: document, Etag: "e"})
	if err != nil {
		return err
	}
	_, err = stream.Recv()
	return err
}
