package store_test

import (
	"errors"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/accord-search/accord/internal/auth"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	ctx, url := t.Context(), storetest.URL(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	keys, err := store.ConnectAPIKeys(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close(ctx)
	if has, err := s.HasAPIKeys(ctx); err != nil || has {
		t.Errorf("an empty database has keys: %v, error %v", has, err)
	}
	want := auth.Key{
		ID: "one", Name: "First", Role: auth.Write, Collections: auth.Collections{"news", "a-*"}, Hash: auth.Hash{1},
		ExpireTime: time.Now().Add(time.Hour).Truncate(time.Microsecond),
	}
	for _, key := range []auth.Key{want, {ID: "two", Name: "Second", Role: auth.Read, Collections: auth.AllCollections(), Hash: auth.Hash{2}}} {
		if err := keys.Create(ctx, key); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string) {
		t.Helper()
		got, err := s.APIKey(ctx, "one")
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(want, got, cmpopts.EquateApproxTime(time.Minute)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	want.CreateTime = time.Now()
	check("created")
	if err := keys.Rotate(ctx, "one", auth.Hash{3}, time.Hour); err != nil {
		t.Fatal(err)
	}
	want.Hash, want.Previous, want.PreviousEnd = auth.Hash{3}, auth.Hash{1}, time.Now().Add(time.Hour)
	check("rotated")

	for range 2 {
		if err := s.APIKeyUsed(ctx, "one"); err != nil {
			t.Fatal(err)
		}
	}
	want.LastUse = time.Now()
	check("used")
	first, err := s.APIKey(ctx, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.APIKeyUsed(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	if again, err := s.APIKey(ctx, "one"); err != nil || !again.LastUse.Equal(first.LastUse) {
		t.Errorf("used again within a minute: %v, before %v, error %v", again.LastUse, first.LastUse, err)
	}

	if err := keys.Revoke(ctx, "one"); err != nil {
		t.Fatal(err)
	}
	_, err = s.APIKey(ctx, "one")
	for what, err := range map[string]error{
		"read": err, "revoke": keys.Revoke(ctx, "one"), "rotate": keys.Rotate(ctx, "one", auth.Hash{4}, 0),
	} {
		if !errors.Is(err, document.ErrNotFound) {
			t.Errorf("%s a revoked key: error %v, want ErrNotFound", what, err)
		}
	}
	list, err := keys.List(ctx)
	if err != nil || len(list) != 1 || list[0].ID != "two" {
		t.Errorf("the list is %v, error %v", list, err)
	}
	if has, err := s.HasAPIKeys(ctx); err != nil || !has {
		t.Errorf("has keys: %v, error %v", has, err)
	}
}

// TestAPIKeyWithoutPrimary checks that keys are read from a replica while the primary is
// down, so that searches still work.
func TestAPIKeyWithoutPrimary(t *testing.T) {
	t.Parallel()
	cluster := storetest.NewCluster(t)
	keys, err := store.ConnectAPIKeys(t.Context(), cluster.Primary.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close(t.Context())
	if err := keys.Create(t.Context(), auth.Key{ID: "one", Name: "One", Role: auth.Read, Collections: auth.AllCollections()}); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(store.Config{URL: cluster.Primary.URL, ReplicaURLs: []string{cluster.Replica.URL}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	waitFor(t, func() bool { return s.PingReplicas(t.Context()) == nil })
	if _, err := s.APIKey(t.Context(), "one"); err != nil {
		t.Fatal(err)
	}
	cluster.Primary.Stop(t)
	if key, err := s.APIKey(t.Context(), "one"); err != nil || key.Name != "One" {
		t.Errorf("from the replica: %v, error %v", key, err)
	}
	cluster.Replica.Stop(t)
	if _, err := s.APIKey(t.Context(), "one"); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("from nowhere: error %v, want ErrUnavailable", err)
	}
}

func TestListVisibleCollections(t *testing.T) {
	t.Parallel()
	s := storetest.Open(t, store.Config{})
	for _, id := range []string{"a", "a-1", "ab", "b"} {
		newCollection(t, s, id)
	}
	for _, test := range []struct {
		visible auth.Collections
		after   string
		want    []string
	}{
		{auth.AllCollections(), "", []string{"a", "a-1", "ab", "b"}},
		{auth.Collections{"a-*", "b"}, "", []string{"a-1", "b"}},
		{auth.Collections{"a-*", "b"}, "a-1", []string{"b"}},
		{auth.Collections{"absent"}, "", nil},
		{nil, "", nil},
	} {
		list, err := s.ListVisibleCollections(t.Context(), test.visible, test.after, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range list {
			got = append(got, c.ID)
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("%v after %q (-want +got):\n%s", test.visible, test.after, diff)
		}
	}
}
