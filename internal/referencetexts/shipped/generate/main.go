// Command generate writes the vectors of package shipped, made by the model server at
// ACCORD_TEST_EMBEDDING_URL. Run it with `make reference-vectors` after a change of
// the reference texts, of how passages are cut, or of the default model.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/maintenance"
	"github.com/accord-search/accord/internal/modelservers"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

// limit bounds the whole run, which takes two minutes on two cores.
const limit = time.Hour

// embedder embeds texts of one kind.
type embedder func(ctx context.Context, servers *modelservers.Servers, sp space.Space, texts []string) ([][]float32, error)

// kinds holds, for each kind, the texts in a language and how to embed them.
var kinds = []struct {
	kind  shipped.Kind
	texts func(sp space.Space, language string) []string
	embed embedder
}{
	{shipped.Passages, maintenance.ReferenceWindows, embedPassages},
	{shipped.Queries, queryTexts, embedQueries},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	folder := flag.String("out", "internal/referencetexts/shipped/vectors", "folder to write to")
	flag.Parse()
	if err := generate(ctx, *folder); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context, folder string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	url := os.Getenv("ACCORD_TEST_EMBEDDING_URL")
	if url == "" {
		return errors.New("ACCORD_TEST_EMBEDDING_URL is not set; `make reference-vectors` sets it")
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	servers, err := modelservers.Open([]modelservers.Server{{Name: "default", Config: embed.Config{URL: url}}}, log)
	if err != nil {
		return err
	}
	defer servers.Close()
	sp, err := servers.Offer(ctx, "")
	if err != nil {
		return err
	}
	if err := shipped.WriteFingerprint(folder, sp.Fingerprint); err != nil {
		return err
	}
	for _, k := range kinds {
		for _, language := range referencetexts.Languages() {
			texts := k.texts(sp, language)
			vectors, err := k.embed(ctx, servers, sp, texts)
			if err == nil {
				err = shipped.Write(folder, k.kind, language, texts, vectors)
			}
			if err != nil {
				return fmt.Errorf("%s in %s: %w", k.kind, language, err)
			}
			fmt.Printf("%s in %s: %d\n", k.kind, language, len(texts))
		}
	}
	return nil
}

func embedPassages(ctx context.Context, servers *modelservers.Servers, sp space.Space, texts []string) ([][]float32, error) {
	embeddings, err := servers.EmbedPassages(ctx, sp, texts)
	if err != nil {
		return nil, err
	}
	vectors := make([][]float32, len(embeddings))
	for i, e := range embeddings {
		if e.Failure != nil {
			return nil, fmt.Errorf("no vector of %q: %s", texts[i], e.Failure.Message)
		}
		vectors[i] = e.Vector
	}
	return vectors, nil
}

func queryTexts(_ space.Space, language string) (texts []string) {
	for _, q := range maintenance.ReferenceQueries(language) {
		texts = append(texts, q.Text)
	}
	return texts
}

func embedQueries(ctx context.Context, servers *modelservers.Servers, sp space.Space, texts []string) ([][]float32, error) {
	vectors := make([][]float32, len(texts))
	for i, text := range texts {
		vector, err := servers.EmbedQuery(ctx, sp, text)
		if err != nil {
			return nil, err
		}
		vectors[i] = vector
	}
	return vectors, nil
}
