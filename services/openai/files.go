package openai

import (
	"path"
	"slices"
	"time"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// file is a document in OpenAI's shape.
type file struct {
	ID               string            `json:"id"`
	Object           string            `json:"object"`
	CreatedAt        int64             `json:"created_at"`
	VectorStoreID    string            `json:"vector_store_id"`
	Status           string            `json:"status"`
	UsageBytes       int64             `json:"usage_bytes"` // 0: bytes are not counted
	LastError        *lastError        `json:"last_error"`
	ChunkingStrategy chunkingStrategy  `json:"chunking_strategy"`
	Attributes       map[string]string `json:"attributes"`
	Accord           source            `json:"accord"`
	created          time.Time
}

type lastError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type chunkingStrategy struct {
	Type string `json:"type"`
}

// source is what Accord adds about a document, for citing it.
type source struct {
	Document    string `json:"document"`
	Title       string `json:"title,omitempty"`
	Source      string `json:"source,omitempty"`
	PublishTime string `json:"publish_time,omitempty"`
	Language    string `json:"language_code,omitempty"`
	URI         string `json:"uri,omitempty"`
}

func sourceOf(d *accordv1.Document) source {
	s := source{Document: d.GetName(), Title: d.GetTitle(), Source: d.GetSource(), Language: d.GetLanguageCode(), URI: d.GetUri()}
	if d.GetPublishTime() != nil {
		s.PublishTime = d.GetPublishTime().AsTime().Format(time.RFC3339)
	}
	return s
}

func fileOf(d *accordv1.Document) file {
	f := file{
		ID: path.Base(d.GetName()), Object: "vector_store.file", CreatedAt: d.GetCreateTime().GetSeconds(),
		VectorStoreID: path.Base(path.Dir(path.Dir(d.GetName()))), Status: "completed",
		ChunkingStrategy: chunkingStrategy{"other"}, Attributes: attributes(d), Accord: sourceOf(d), created: d.GetCreateTime().AsTime(),
	}
	switch d.GetIndexState() {
	case accordv1.IndexState_INDEX_STATE_PENDING:
		f.Status = "in_progress"
	case accordv1.IndexState_INDEX_STATE_FAILED:
		f.Status, f.LastError = "failed", &lastError{"server_error", d.GetIndexError()}
	}
	return f
}

// attributes returns the metadata of a document, never nil.
func attributes(d *accordv1.Document) map[string]string {
	if d.GetMetadata() == nil {
		return map[string]string{}
	}
	return d.GetMetadata()
}

// listFiles lists the documents of a collection. It reads only the page if the list is in the
// order of the ids and is read forwards.
func (a *api) listFiles(c *call, store, _ string) (any, error) {
	page, err := readPage(c.r)
	if err != nil {
		return nil, err
	}
	if page.order != "" || page.before != "" {
		return a.listWhole(c, store, page)
	}
	request := &accordv1.ListDocumentsRequest{PageSize: int32(page.limit)}
	if page.after != "" {
		request.PageToken = a.after(store, page.after)
	}
	files, next, err := a.readFiles(c, store, request)
	if err != nil {
		return nil, err
	}
	return listOf(files, next != ""), nil
}

// listWhole returns a page of a list that must be read as a whole. It reads the documents of the
// page a second time, since the attributes of all could be too large to keep. Those that were
// deleted meanwhile are left out.
func (a *api) listWhole(c *call, store string, p page) (any, error) {
	all, err := readAll(func(token string) ([]file, string, error) {
		files, next, err := a.readFiles(c, store, &accordv1.ListDocumentsRequest{PageSize: readAtOnce, PageToken: token})
		for i, f := range files {
			files[i] = file{ID: f.ID, created: f.created}
		}
		return files, next, err
	})
	if err != nil {
		return nil, err
	}
	part, err := cut(all, p)
	if err != nil || len(part.Data) == 0 {
		return part, err
	}
	request := &accordv1.ListDocumentsRequest{PageSize: int32(len(part.Data)), Filter: &accordv1.Filter{}}
	for _, f := range part.Data {
		request.Filter.Documents = append(request.Filter.Documents, document.Name(store, f.ID))
	}
	found, _, err := a.readFiles(c, store, request)
	whole := []file{}
	for _, f := range part.Data {
		if i := slices.IndexFunc(found, func(other file) bool { return other.ID == f.ID }); i >= 0 {
			whole = append(whole, found[i])
		}
	}
	part.Data = whole
	return part, err
}

// readFiles reads a page of the documents of a collection.
func (a *api) readFiles(c *call, store string, request *accordv1.ListDocumentsRequest) (files []file, next string, err error) {
	request.Parent = document.CollectionName(store)
	reply, err := ask(c, a.search.ListDocuments, request)
	for _, d := range reply.GetDocuments() {
		files = append(files, fileOf(d))
	}
	return files, reply.GetNextPageToken(), err
}

func (a *api) getFile(c *call, store, id string) (any, error) {
	reply, err := ask(c, a.search.GetDocument, &accordv1.GetDocumentRequest{Name: document.Name(store, id), View: accordv1.DocumentView_DOCUMENT_VIEW_BASIC})
	if err != nil {
		return nil, err
	}
	return fileOf(reply.GetDocument()), nil
}

// contentPage is the text of a file in OpenAI's shape.
type contentPage struct {
	Object   string        `json:"object"`
	Data     []contentPart `json:"data"`
	HasMore  bool          `json:"has_more"`
	NextPage *string       `json:"next_page"`
}

type contentPart struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func (a *api) getContent(c *call, store, id string) (any, error) {
	reply, err := ask(c, a.search.GetDocument, &accordv1.GetDocumentRequest{Name: document.Name(store, id)})
	if err != nil {
		return nil, err
	}
	return contentPage{Object: "vector_store.file_content.page", Data: []contentPart{{"text", reply.GetDocument().GetText()}}}, nil
}
