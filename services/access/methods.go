package access

import (
	"cmp"
	"strings"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// rule says who may call a method. needs is the least role that may call it; auth.NoRole means
// that everyone may. names returns the resources that a request names; it is nil if the method
// is not about a collection.
type rule struct {
	needs auth.Role
	names func(req any) []string
}

// methods has the rule of each method. A method that is not here is refused.
var methods = map[string]rule{
	"/accord.v1.SearchService/Search":           {auth.Read, parentAndFilter},
	"/accord.v1.SearchService/BatchSearch":      {auth.Read, batch},
	"/accord.v1.SearchService/GetDocument":      {auth.Read, name},
	"/accord.v1.SearchService/ListDocuments":    {auth.Read, parentAndFilter},
	"/accord.v1.SearchService/BatchGetPassages": {auth.Read, parentAndNames},

	"/accord.v1.IngestService/UpsertDocument":       {auth.Write, documentName},
	"/accord.v1.IngestService/ImportDocuments":      {auth.Write, imported},
	"/accord.v1.IngestService/DeleteDocument":       {auth.Write, name},
	"/accord.v1.IngestService/DeleteDocuments":      {auth.Write, parentAndFilter},
	"/accord.v1.IngestService/GetIngestStatus":      {auth.Read, parent}, // read is enough: the method changes nothing, and accord status calls it
	"/accord.v1.IngestService/RetryFailedDocuments": {auth.Write, parent},

	"/accord.v1.CollectionService/GetCollection":    {auth.Read, name},
	"/accord.v1.CollectionService/ListCollections":  {auth.Read, nil}, // the method lists only the collections that the caller may see
	"/accord.v1.CollectionService/CreateCollection": {auth.Admin, newCollection},
	"/accord.v1.CollectionService/DeleteCollection": {auth.Admin, name},

	"/accord.v1.SpaceService/ListSpaces":         {auth.Read, parent},
	"/accord.v1.SpaceService/GetSpace":           {auth.Read, name},
	"/accord.v1.SpaceService/GetDocumentVectors": {auth.Read, spaceAndDocument},
	"/accord.v1.SpaceService/CreateSpace":        {auth.Admin, parent},
	"/accord.v1.SpaceService/ActivateSpace":      {auth.Admin, name},
	"/accord.v1.SpaceService/DeleteSpace":        {auth.Admin, name},

	"/accord.v1.ServerService/GetServerInfo": {auth.Read, nil},

	"/grpc.health.v1.Health/Check": {auth.NoRole, nil},
	"/grpc.health.v1.Health/List":  {auth.NoRole, nil},
	"/grpc.health.v1.Health/Watch": {auth.NoRole, nil},

	"/grpc.reflection.v1.ServerReflection/ServerReflectionInfo":      {auth.Read, nil},
	"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": {auth.Read, nil},
}

// Needs returns the least role that may call a method: auth.NoRole if everyone may,
// auth.Admin if the method is unknown.
func Needs(method string) auth.Role {
	if r, known := methods[method]; known {
		return r.needs
	}
	return auth.Admin
}

// open reports whether everyone may call a method.
func open(method string) bool {
	r, known := methods[method]
	return known && r.needs == auth.NoRole
}

// Known reports whether the server has a method.
func Known(method string) bool {
	_, known := methods[method]
	return known
}

// covers reports whether the caller may use every collection that a request names. A name
// that cannot be parsed is allowed only to callers that may use all collections.
func covers(collections auth.Collections, method string, req any) bool {
	names := methods[method].names
	if names == nil || collections.All() {
		return true
	}
	for _, name := range names(req) {
		id, ok := collectionOf(name)
		if !ok || !collections.Hold(id) {
			return false
		}
	}
	return true
}

// collectionOf returns the id of the collection in the name of a resource.
func collectionOf(name string) (id string, ok bool) {
	rest, _ := strings.CutPrefix(name, document.CollectionName(""))
	id, _, _ = strings.Cut(rest, "/")
	return document.ParseCollectionName(document.CollectionName(id))
}

func orDefault(name string) string {
	return cmp.Or(name, document.CollectionName(document.DefaultCollection))
}

// Each of the following functions returns the names of resources in a request. It panics if the
// request is that of another method.

func name(req any) []string { return []string{req.(interface{ GetName() string }).GetName()} }

func parentAndFilter(req any) []string {
	filter := req.(interface{ GetFilter() *accordv1.Filter }).GetFilter()
	return append(parent(req), filter.GetDocuments()...)
}

// batch includes the parent of a question only if it is set, since a question without one has
// the parent of the batch.
func batch(req any) []string {
	names := parent(req)
	for _, question := range req.(*accordv1.BatchSearchRequest).GetRequests() {
		if question.GetParent() != "" {
			names = append(names, question.GetParent())
		}
		names = append(names, question.GetFilter().GetDocuments()...)
	}
	return names
}

func parentAndNames(req any) []string {
	return append(parent(req), req.(*accordv1.BatchGetPassagesRequest).GetNames()...)
}

func parent(req any) []string {
	return []string{orDefault(req.(interface{ GetParent() string }).GetParent())}
}

func spaceAndDocument(req any) []string {
	r := req.(*accordv1.GetDocumentVectorsRequest)
	return []string{r.GetSpace(), r.GetDocument()}
}

func newCollection(req any) []string {
	return []string{document.CollectionName(req.(*accordv1.CreateCollectionRequest).GetCollectionId())}
}

func documentName(req any) []string {
	return []string{req.(*accordv1.UpsertDocumentRequest).GetDocument().GetName()}
}

// imported returns no name if the name of a document is invalid, so that the handler can answer
// this document with a failure and go on with the others.
func imported(req any) []string {
	switch message := req.(*accordv1.ImportDocumentsRequest).GetMessage().(type) {
	case *accordv1.ImportDocumentsRequest_Settings:
		return []string{orDefault(message.Settings.GetParent())}
	case *accordv1.ImportDocumentsRequest_Document:
		if _, _, ok := document.ParseName(message.Document.GetName()); ok {
			return []string{message.Document.GetName()}
		}
	}
	return nil
}
