package maintenance

import (
	"context"
	"slices"

	"github.com/accord-search/accord/internal/calibrate"
	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/referencetexts"
	"github.com/accord-search/accord/internal/referencetexts/shipped"
	"github.com/accord-search/accord/internal/space"
)

// fallbackQueries is how many reference queries of each form and language are used
// for languages without their own.
const fallbackQueries = 3

// ReferenceQueries returns the reference queries of a language, short ones first,
// then whole questions. For the fallback it returns some of each language.
func ReferenceQueries(language string) (list []document.ReferenceQuery) {
	languages, most := []string{language}, len(referencetexts.Texts(language))
	if language == calibrate.Fallback {
		languages, most = referencetexts.Languages(), fallbackQueries
	}
	for form, texts := range map[document.QueryForm]func(string) []string{
		document.ShortQuery: referencetexts.ShortQueries, document.WholeQuestion: referencetexts.Questions,
	} {
		number := 0
		for _, l := range languages {
			own := texts(l)
			for _, text := range own[:min(most, len(own))] {
				list = append(list, document.ReferenceQuery{Form: form, Number: number, Text: text})
				number++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b document.ReferenceQuery) int { return int(a.Form) - int(b.Form) })
	return list
}

// embedQueries stores the missing vectors of a language's reference queries. It uses those
// shipped with Accord, and gets the others from the model server.
func (k *Keeper) embedQueries(ctx context.Context, sp space.Space, language string) error {
	held, err := k.store.ReferenceQueriesHeld(ctx, sp, language)
	if err != nil {
		return err
	}
	languages := []string{language}
	if language == calibrate.Fallback {
		languages = referencetexts.Languages()
	}
	vectors := shipped.Load(sp.Fingerprint, shipped.Queries, languages...)
	var made []document.ReferenceQuery
	for _, q := range ReferenceQueries(language) {
		if held[[2]int{int(q.Form), q.Number}] {
			continue
		}
		if q.Vector = vectors.Vector(q.Text); q.Vector == nil {
			if q.Vector, err = k.embedder.EmbedQuery(ctx, sp, q.Text); err != nil {
				break // stores what has been embedded so far
			}
		}
		made = append(made, q)
	}
	if len(made) > 0 {
		if kept := k.store.AddReferenceQueries(ctx, sp, language, made); kept != nil {
			return kept
		}
	}
	return err
}
