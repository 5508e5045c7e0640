package maintenance

import (
	"context"
	"fmt"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/guard"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

// keptAtOnce is how many shipped vectors are stored in one transaction, so that it is short
// on slow machines too.
const keptAtOnce = 100

// Prepare makes sure that the calibration of a space has a language. If it does not,
// Prepare embeds and stores reference texts.
func (k *Keeper) Prepare(ctx context.Context, sp space.Space, language string) error {
	if knows(sp, language) {
		return nil
	}
	language = referenceLanguageOf(language)
	// The texts are embedded even if this caller leaves, since others may wait for them.
	prepared := k.preparing.DoChan(sp.Name()+" "+language, func() (any, error) {
		learned := make(chan error, 1)
		err := k.startTask(func(ctx context.Context) {
			learned <- guard.Call(func() error { return k.learn(ctx, sp, language) })
		})
		if err != nil {
			return nil, err
		}
		return nil, <-learned
	})
	select {
	case result := <-prepared:
		return result.Err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// learn adds a language to a space, using the language's reference queries and reference
// texts. It embeds them, unless they were embedded for the same model before. It continues
// an interrupted run.
func (k *Keeper) learn(ctx context.Context, sp space.Space, language string) error {
	if err := k.embedQueries(ctx, sp, language); err != nil {
		return err
	}
	windows, texts := cutReferenceTexts(sp, language)
	kept, err := k.store.LearnLanguage(ctx, sp, language, len(windows))
	if err != nil || kept {
		return err
	}
	failed, err := k.embedReferenceTexts(ctx, sp, language, windows, texts)
	if err != nil {
		return err
	}
	_, err = k.store.LearnLanguage(ctx, sp, language, len(windows)-failed)
	return err
}

// embedReferenceTexts stores the missing vectors of reference windows: first those that are
// shipped with Accord, then those of the model server as they arrive. It returns how many
// windows the server refused to embed. It fails if the server embeds none.
func (k *Keeper) embedReferenceTexts(ctx context.Context, sp space.Space, language string, windows []document.PlacedWindow, texts []string) (failed int, err error) {
	missing, missingTexts, err := k.storeShipped(ctx, sp, language, windows, texts)
	if err != nil || len(missing) == 0 {
		return 0, err
	}
	var last *document.Failure
	err = k.embedder.EmbedEach(ctx, sp, missingTexts, func(start int, batch []document.Embedding) error {
		made := make([]document.PlacedWindow, 0, len(batch))
		for i, embedding := range batch {
			if embedding.Failure != nil {
				failed, last = failed+1, embedding.Failure
				continue
			}
			missing[start+i].Embedding = embedding
			made = append(made, missing[start+i])
		}
		return k.store.AddReferenceTexts(ctx, sp, language, made)
	})
	if err == nil && last != nil {
		k.log.WarnContext(ctx, "reference texts without vectors", "space", sp.Name(), "language", language,
			"windows", failed, "of", len(windows), "reason", last.Reason, "said", last.Message)
		if failed == len(windows) {
			err = fmt.Errorf("%w: all reference texts in %s failed: %s: %s", ErrNoReferenceTexts, language, last.Reason, last.Message)
		}
	}
	return failed, err
}

// storeShipped stores the vectors of reference windows that are shipped with Accord. It
// returns the windows, with their texts, that still lack a vector.
func (k *Keeper) storeShipped(ctx context.Context, sp space.Space, language string, windows []document.PlacedWindow, texts []string) (
	missing []document.PlacedWindow, missingTexts []string, err error,
) {
	held, err := k.store.ReferenceTextsHeld(ctx, sp, language)
	if err != nil {
		return nil, nil, err
	}
	var known []document.PlacedWindow
	vectors := shippedFor(sp, language)
	for i, w := range windows {
		if held[[2]int{w.Passage.Ordinal, w.Number}] {
			continue
		}
		if w.Vector = vectors.Vector(texts[i]); w.Vector != nil {
			known = append(known, w)
			continue
		}
		missing, missingTexts = append(missing, w), append(missingTexts, texts[i])
	}
	for batch := range slices.Chunk(known, keptAtOnce) {
		if err := k.store.AddReferenceTexts(ctx, sp, language, batch); err != nil {
			return nil, nil, err
		}
	}
	return missing, missingTexts, nil
}

// shippedFor returns the vectors of a language's reference texts that are shipped with
// Accord, if the model of the space made them.
func shippedFor(sp space.Space, language string) shipped.Set {
	if language == calibrate.Fallback {
		return shipped.Load(sp.Fingerprint, shipped.Passages, referencetexts.Languages()...)
	}
	return shipped.Load(sp.Fingerprint, shipped.Passages, language)
}

// ReferenceWindows returns the texts to embed for a space: the reference texts of a
// language, cut into windows.
func ReferenceWindows(sp space.Space, language string) []string {
	_, texts := cutReferenceTexts(sp, language)
	return texts
}

// cutReferenceTexts returns the windows of a language's reference texts, cut like
// passages, and their texts to embed.
func cutReferenceTexts(sp space.Space, language string) (windows []document.PlacedWindow, texts []string) {
	var passages []document.Passage
	for i, text := range textsOf(language) {
		passages = append(passages, document.Passage{Ordinal: i, Kind: document.KindParagraph, Text: text})
	}
	cut, texts := sp.Cut(passages)
	for i, list := range cut {
		for number, w := range list {
			windows = append(windows, document.PlacedWindow{Passage: &passages[i], Number: number, Window: w})
		}
	}
	return windows, texts
}

// Knows reports whether the calibration of a space has a language. language is a primary
// subtag. A language without reference texts counts as the fallback.
func (k *Keeper) Knows(sp space.Space, language string) bool { return knows(sp, language) }

func knows(sp space.Space, language string) bool {
	return slices.Contains(sp.Calibration.Languages, language) ||
		slices.Contains(sp.Calibration.Languages, referenceLanguageOf(language))
}

// referenceLanguageOf returns the language whose reference texts are used for a language.
func referenceLanguageOf(language string) string {
	if !slices.Contains(referencetexts.Languages(), language) {
		return calibrate.Fallback
	}
	return language
}

// fallbackTexts is the number of texts used for a language without its own.
const fallbackTexts = 100

// textsOf returns the reference texts of a language. For the fallback it returns the
// same number of texts from each language.
func textsOf(language string) []string {
	if language != calibrate.Fallback {
		return referencetexts.Texts(language)
	}
	var texts []string
	languages := referencetexts.Languages()
	for _, l := range languages {
		own := referencetexts.Texts(l)
		texts = append(texts, own[:min(len(own), fallbackTexts/len(languages))]...)
	}
	return texts
}
