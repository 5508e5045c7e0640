package document

import "time"

// Filter says which documents and passages are looked at; the conditions of
// its fields must all hold, and the zero value sets none.
type Filter struct {
	// Languages are BCP-47 ranges: "zh" matches zh and zh-Hant, "zh-Hant" not zh.
	Languages []string
	Sources   []string // as written
	Documents []string // ids
	Kinds     []Kind
	// PublishedAfter ≤ t < PublishedBefore; nil is no bound, and undated
	// documents match neither.
	PublishedAfter, PublishedBefore *time.Time
	Metadata                        map[string]string
}

// Hit is a passage near a query, with its document without text and blocks.
type Hit struct {
	Passage  Passage
	Document Document
	// Similarity is the cosine of the query's vector and the passage's nearest
	// window, −1 to 1.
	Similarity float64
}
