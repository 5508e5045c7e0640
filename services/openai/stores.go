package openai

import (
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/accord-search/accord/internal/document"
	accordv1 "github.com/accord-search/accord/proto/accord/v1"
)

// vectorStore is a collection in OpenAI's shape.
type vectorStore struct {
	ID           string            `json:"id"`
	Object       string            `json:"object"`
	CreatedAt    int64             `json:"created_at"`
	Name         string            `json:"name"`
	Status       string            `json:"status"`
	UsageBytes   int64             `json:"usage_bytes"` // 0: bytes are not counted
	FileCounts   fileCounts        `json:"file_counts"`
	LastActiveAt *int64            `json:"last_active_at"`
	Metadata     map[string]string `json:"metadata"`
	created      time.Time
}

type fileCounts struct {
	InProgress int64 `json:"in_progress"`
	Completed  int64 `json:"completed"`
	Failed     int64 `json:"failed"`
	Cancelled  int64 `json:"cancelled"`
	Total      int64 `json:"total"`
}

func storeOf(c *accordv1.Collection) vectorStore {
	id := document.CollectionID(c.GetName())
	return vectorStore{
		ID: id, Object: "vector_store", CreatedAt: c.GetCreateTime().GetSeconds(), Name: id, Status: "completed",
		FileCounts: fileCounts{Completed: c.GetDocumentCount(), Total: c.GetDocumentCount()}, Metadata: map[string]string{}, created: c.GetCreateTime().AsTime(),
	}
}

// listStores lists the collections that the caller may see.
func (a *api) listStores(c *call, _, _ string) (any, error) {
	page, err := readPage(c.r)
	if err != nil {
		return nil, err
	}
	stores, err := readAll(func(token string) ([]vectorStore, string, error) {
		reply, err := ask(c, a.collections.ListCollections, &accordv1.ListCollectionsRequest{PageSize: readAtOnce, PageToken: token})
		var stores []vectorStore
		for _, collection := range reply.GetCollections() {
			stores = append(stores, storeOf(collection))
		}
		return stores, reply.GetNextPageToken(), err
	})
	if err != nil {
		return nil, err
	}
	return cut(stores, page)
}

// getStore returns a collection, with the number of documents that wait for vectors.
func (a *api) getStore(c *call, store, _ string) (any, error) {
	name := document.CollectionName(store)
	reply, err := ask(c, a.collections.GetCollection, &accordv1.GetCollectionRequest{Name: name})
	if err != nil {
		return nil, err
	}
	out := storeOf(reply.GetCollection())
	queue, err := ask(c, a.ingest.GetIngestStatus, &accordv1.GetIngestStatusRequest{Parent: name})
	if err != nil && status.Code(err) != codes.NotFound { // the default collection may not exist yet
		return nil, err
	}
	counts := &out.FileCounts
	counts.InProgress, counts.Failed = queue.GetPendingDocumentCount(), queue.GetFailedDocumentCount()
	counts.Completed = max(0, counts.Total-counts.InProgress-counts.Failed)
	if counts.InProgress > 0 {
		out.Status = "in_progress"
	}
	return out, nil
}
