package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/accord-search/accord/internal/store"
	"github.com/accord-search/accord/internal/store/storetest"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	s, err := store.Open(store.Config{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrSchema) {
		t.Errorf("before migrating: got %v, want ErrSchema", err)
	}
	first, err := store.Migrate(t.Context(), url)
	if err != nil || len(first) == 0 {
		t.Fatalf("first: applied %v, error %v", first, err)
	}
	again, err := store.Migrate(t.Context(), url)
	if err != nil || len(again) != 0 {
		t.Errorf("second: applied %v, error %v, want none", again, err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("after migrating: %v", err)
	}
}

func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := storetest.Empty(t)
	applied := make(chan int)
	for range 4 {
		go func() {
			names, err := store.Migrate(context.Background(), url)
			if err != nil {
				t.Errorf("migrate: %v", err)
			}
			applied <- len(names)
		}()
	}
	migrators := 0
	for range 4 {
		if <-applied > 0 {
			migrators++
		}
	}
	if migrators != 1 {
		t.Errorf("%d migrators applied something, want 1", migrators)
	}
}
