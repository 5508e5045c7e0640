package store_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
)

// TestMigrateToQueue checks that embedded documents stay indexed, and that a document
// without any vector has failed and can be retried.
func TestMigrateToQueue(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	before := slices.IndexFunc(files, func(name string) bool { return strings.HasPrefix(name, "0009_") })
	url, run := migratedTo(t, files[:before]...)
	run(`INSERT INTO collections (collection_id, terms_table, terms_version) VALUES ('c', 'terms_1', 1);
		INSERT INTO spaces (collection_id, space_id, state, model, model_server, dimensions, windowing, profile, vector_table, generation)
			VALUES ('c', 's', 'ACTIVE', 'model', 'default', 2, 2, '{}', 'vectors_1', 1), ('c', 'o', 'RETIRED', 'model', 'default', 2, 2, '{}', 'vectors_2', 1);
		INSERT INTO calibrations (collection_id, space_id, generation, centred_table) VALUES ('c', 's', 1, 'centred_1'), ('c', 'o', 1, 'centred_2');
		INSERT INTO documents (collection_id, document_id, title, language_code, publish_precision, source, uri, text, text_digest, blocks, metadata, etag, passage_count, content_hash)
			SELECT 'c', id, '', 'en', 0, '', '', 'Text.', 'digest', '[]', '{}', 'etag', 1, 'hash' FROM unnest(ARRAY['bad', 'elsewhere', 'part', 'whole']) id;
		INSERT INTO indexed_documents (collection_id, document_id, space_id, content_hash, window_count)
			SELECT 'c', document_id, space_id, 'hash', 2 FROM documents, spaces;
		INSERT INTO failed_windows (collection_id, document_id, space_id, ordinal, window_number, start_point, end_point, start_byte, end_byte, reason, message)
			SELECT 'c', id, space, 0, number, 0, 5, 0, 5, 'REJECTED', 'window ' || number
			FROM (VALUES ('bad', 's', 1), ('bad', 's', 0), ('part', 's', 0), ('elsewhere', 'o', 0), ('elsewhere', 'o', 1)) AS f(id, space, number)`)
	if _, err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	checkIndexed(t, s, "bad", indexed{State: document.IndexFailed, Error: "REJECTED: window 0", Failures: 2})
	checkIndexed(t, s, "elsewhere", indexed{State: document.IndexComplete})
	checkIndexed(t, s, "part", indexed{State: document.IndexPartial, Failures: 1})
	checkIndexed(t, s, "whole", indexed{State: document.IndexComplete})
	if n, err := s.RetryFailed(t.Context(), "c"); err != nil || n != 2 {
		t.Errorf("%d documents retried, error %v", n, err)
	}
	checkIndexed(t, s, "bad", indexed{State: document.IndexPending})
}
