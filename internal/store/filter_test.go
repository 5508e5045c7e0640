package store_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/space"
	"github.com/accord-search/accord/internal/store"
)

// corpusOf stores and returns documents that differ in all fields that filters use.
func corpusOf(t testing.TB, s *store.Store, sp space.Space, documents int) []document.Indexed {
	t.Helper()
	r := newRand()
	var all []document.Indexed
	for i := range documents {
		in := newDocument(sp.Collection, fmt.Sprintf("d%04d", i), r, sentence(r), sentence(r), sentence(r))
		d := &in.Document
		d.LanguageCode = []string{"en", "zh", "zh-Hant", "es"}[i%4]
		d.Source = []string{"Wire", "Gazette"}[i%2]
		d.Metadata = map[string]string{"file": fmt.Sprintf("f%d", i%5), "x": "y"}
		d.PublishTime = time.Date(2024, 1, 1+i%28, 0, 0, 0, 0, time.UTC)
		if i%7 == 0 {
			d.PublishTime, d.PublishPrecision = time.Time{}, document.PrecisionUnknown
		}
		for p := range in.Passages {
			in.Passages[p].LanguageCode = d.LanguageCode
			in.Passages[p].Kind = document.Kind(1 + (i+p)%4)
			if p == 1 { // a passage with several windows
				in.Windows[p] = append(in.Windows[p], window(randomUnit(r)), window(randomUnit(r)))
			}
		}
		if _, _, err := s.ReplaceDocument(t.Context(), sp, in); err != nil {
			t.Fatal(err)
		}
		all = append(all, in)
	}
	return all
}

type ranked struct {
	ID         string
	Ordinal    int
	Similarity float64
}

// bruteForce ranks the passages for which keep returns true.
func bruteForce(all []document.Indexed, vector []float32, limit int, keep func(document.Document, document.Passage) bool) []ranked {
	var out []ranked
	for _, in := range all {
		for i, p := range in.Passages {
			if !keep(in.Document, p) {
				continue
			}
			best := -1.0
			for _, w := range in.Windows[i] {
				var dot float64
				for k, x := range w.Vector {
					dot += float64(x) * float64(vector[k])
				}
				best = max(best, dot)
			}
			out = append(out, ranked{in.Document.ID, p.Ordinal, best})
		}
	}
	slices.SortFunc(out, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.Similarity, a.Similarity), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return out[:min(limit, len(out))]
}

func rankedHits(hits []document.Hit) []ranked {
	var out []ranked
	for _, h := range hits {
		out = append(out, ranked{h.Document.ID, h.Passage.Ordinal, h.Similarity})
	}
	return out
}

func isRanked(p document.Passage) bool {
	return p.Kind == document.KindParagraph || p.Kind == document.KindArticle
}

func day(n int) *time.Time {
	t := time.Date(2024, 1, n, 0, 0, 0, 0, time.UTC)
	return &t
}

var filters = map[string]struct {
	filter document.Filter
	keep   func(document.Document, document.Passage) bool
}{
	"none": {document.Filter{}, func(_ document.Document, p document.Passage) bool { return isRanked(p) }},
	"language": {
		document.Filter{Languages: []string{"zh"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && strings.HasPrefix(d.LanguageCode, "zh")
		},
	},
	"script": {
		document.Filter{Languages: []string{"ZH-hant", "fr"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.LanguageCode == "zh-Hant" },
	},
	"two languages": {
		document.Filter{Languages: []string{"es", "en"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && (d.LanguageCode == "es" || d.LanguageCode == "en")
		},
	},
	"source": {
		document.Filter{Sources: []string{"Gazette", "Nobody"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.Source == "Gazette" },
	},
	"documents": {
		document.Filter{Documents: []string{"d0003", "d0008", "missing"}},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && (d.ID == "d0003" || d.ID == "d0008")
		},
	},
	"kinds": {
		document.Filter{Kinds: []document.Kind{document.KindCaption, document.KindHeading}},
		func(_ document.Document, p document.Passage) bool { return !isRanked(p) },
	},
	"dates": {
		document.Filter{PublishedAfter: day(5), PublishedBefore: day(9)},
		func(d document.Document, p document.Passage) bool {
			return isRanked(p) && !d.PublishTime.IsZero() && d.PublishTime.Day() >= 5 && d.PublishTime.Day() < 9
		},
	},
	"dated": {
		document.Filter{PublishedAfter: &time.Time{}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && !d.PublishTime.IsZero() },
	},
	"metadata": {
		document.Filter{Metadata: map[string]string{"file": "f2", "x": "y"}},
		func(d document.Document, p document.Passage) bool { return isRanked(p) && d.Metadata["file"] == "f2" },
	},
	"nothing": {
		document.Filter{Sources: []string{"Nobody"}},
		func(document.Document, document.Passage) bool { return false },
	},
}
