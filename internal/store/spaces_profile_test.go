package store_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

// TestStoredProfile checks that a profile is stored as the JSON that earlier versions
// stored, and that every way of reading a space can read that JSON.
func TestStoredProfile(t *testing.T) {
	t.Parallel()
	url := storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	full := document.ModelProfile{
		Model: "m", QueryPrefix: "q: ", PassagePrefix: "p: ", PrefixBy: document.PrefixByServer, Dimensions: dimensions, MaxTokens: 4, Normalised: true,
	}
	const fullJSON = `{"model":"m","query_prefix":"q: ","passage_prefix":"p: ","prefix_by":"server","dimensions":8,"max_tokens":4,"normalised":true}`
	if err := s.CreateCollection(t.Context(), "c", space.Space{ID: "s", Model: "m", Dimensions: dimensions, Profile: full}); err != nil {
		t.Fatal(err)
	}
	var same bool
	if err := conn.QueryRow(t.Context(), "SELECT profile = $1::jsonb FROM spaces", fullJSON).Scan(&same); err != nil || !same {
		t.Errorf("the stored profile is not %s; error %v", fullJSON, err)
	}
	for stored, want := range map[string]document.ModelProfile{
		fullJSON:                        full,
		`{"model":"m"}`:                 {Model: "m"},
		`{"model":"m","added_later":1}`: {Model: "m"},
		`{}`:                            {},
	} {
		if _, err := conn.Exec(t.Context(), "UPDATE spaces SET profile = $1::jsonb", stored); err != nil {
			t.Fatal(err)
		}
		active, err := s.ActiveSpace(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		status, err := s.SpaceStatus(t.Context(), "c", "s")
		if err != nil {
			t.Fatal(err)
		}
		collection, err := s.GetCollection(t.Context(), "c")
		if err != nil {
			t.Fatal(err)
		}
		for what, got := range map[string]document.ModelProfile{"space": active.Profile, "status": status.Profile, "collection": collection.Active.Profile} {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", what, stored, diff)
			}
		}
	}
}
