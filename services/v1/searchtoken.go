package v1

import (
	"math"

	"github.com/accord-search/accord/internal/document"
	"github.com/accord-search/accord/internal/search"
	"github.com/accord-search/accord/internal/store"
	pagetokenv1 "github.com/accord-search/accord/proto/accord/pagetoken/v1"
)

// The token of the next page holds the rest of a search's list, so that any server can
// continue it. Scores are float32, as in responses. Every search makes a token, so a tenth
// of a millisecond matters.

// Flags of a passage in a token.
const (
	hasLexical = int32(pagetokenv1.Flag_FLAG_LEXICAL)
	hasPivot   = int32(pagetokenv1.Flag_FLAG_PIVOT)
	hasRerank  = int32(pagetokenv1.Flag_FLAG_RERANK)
	isNamed    = int32(pagetokenv1.Flag_FLAG_NAMED)
	isReranked = int32(pagetokenv1.Flag_FLAG_RERANKED)
)

// encodeList returns a token for the entries from next on, or "" if there are none. Later
// pages must be read from a database that has reached the position at.
func encodeList(list search.List, next int, binding []byte, at store.Position) string {
	if next >= len(list.Entries) {
		return ""
	}
	entries := list.Entries[next:]
	index := documentIndex{places: make(map[string]int32, len(entries))}
	page := &pagetokenv1.SearchPage{
		SpaceId: list.SpaceID, Generation: int32(list.Generation), Language: list.Language, Candidates: int32(list.Candidates),
		Confidence: int32(list.Confidence), PossiblyIncomplete: list.PossiblyIncomplete, UnmatchedPhrases: list.UnmatchedPhrases,
		Entries: fromEntries(entries, &index),
	}
	for _, d := range list.Degraded {
		page.Degraded = append(page.Degraded, int32(d))
	}
	for _, c := range list.Counterparts {
		page.Counterparts = append(page.Counterparts, &pagetokenv1.Counterpart{
			Document: index.place(c.Document), Ordinal: int32(c.Ordinal), Language: c.Language, Similarity: float32(c.Similarity),
		})
	}
	page.DocumentIds = index.ids
	return encodeToken(page, binding, at)
}

// documentIndex numbers documents in the order in which they are added.
type documentIndex struct {
	ids    []string
	places map[string]int32
}

// place returns the number of a document, and adds the document if it is new.
func (d *documentIndex) place(id string) int32 {
	place, known := d.places[id]
	if !known {
		place = int32(len(d.ids))
		d.places[id], d.ids = place, append(d.ids, id)
	}
	return place
}

// fromEntries encodes entries by column.
func fromEntries(entries []search.Entry, index *documentIndex) *pagetokenv1.Entries {
	n := len(entries)
	out := &pagetokenv1.Entries{
		Documents: make([]int32, n), Ordinals: make([]int32, n), Flags: make([]int32, n),
		Fused: make([]float32, n), Relevance: make([]float32, n), DenseRanks: make([]int32, n), LexicalRanks: make([]int32, n),
		Copies: make([]int32, n),
	}
	for i, e := range entries {
		out.Documents[i], out.Ordinals[i] = index.place(e.Document), int32(e.Ordinal)
		out.Fused[i], out.Relevance[i] = float32(e.Fused), e.Relevance
		out.DenseRanks[i], out.LexicalRanks[i] = int32(e.DenseRank), int32(e.LexicalRank)
		out.Flags[i] = addScore(&out.Lexical, e.Lexical, hasLexical) | addScore(&out.Pivots, e.Pivot, hasPivot) | addScore(&out.Reranks, e.Rerank, hasRerank)
		if e.Named {
			out.Flags[i] |= isNamed
		}
		if e.Reranked {
			out.Flags[i] |= isReranked
		}
		out.Copies[i] = int32(len(e.Copies))
		for _, key := range e.Copies {
			out.CopyDocuments, out.CopyOrdinals = append(out.CopyDocuments, index.place(key.Document)), append(out.CopyOrdinals, int32(key.Ordinal))
		}
	}
	for _, column := range []*[]int32{&out.DenseRanks, &out.LexicalRanks, &out.Copies} {
		if allZero(*column) {
			*column = nil
		}
	}
	return out
}

// addScore adds a score to a column and returns flag. If the score is 0, it adds nothing
// and returns 0.
func addScore(column *[]float32, score float64, flag int32) int32 {
	if float32(score) == 0 {
		return 0
	}
	*column = append(*column, float32(score))
	return flag
}

func allZero(column []int32) bool {
	for _, n := range column {
		if n != 0 {
			return false
		}
	}
	return true
}

// decodeList returns the list to continue, or nil for no token.
func (s *Services) decodeList(token string, binding []byte) (*search.List, error) {
	if token == "" {
		return nil, nil
	}
	var page pagetokenv1.SearchPage
	if err := s.decodeToken(token, binding, &page); err != nil {
		return nil, err
	}
	r := pageReader{ids: page.GetDocumentIds()}
	for _, id := range r.ids {
		r.check(document.ValidID(id))
	}
	list := &search.List{
		SpaceID: page.GetSpaceId(), Generation: int(page.GetGeneration()), Language: page.GetLanguage(), Candidates: int(page.GetCandidates()),
		Confidence: search.Confidence(page.GetConfidence()), PossiblyIncomplete: page.GetPossiblyIncomplete(),
		UnmatchedPhrases: page.GetUnmatchedPhrases(), Entries: r.entries(page.GetEntries()),
	}
	for _, d := range page.GetDegraded() {
		list.Degraded = append(list.Degraded, search.Degradation(r.number(d)))
	}
	for _, c := range page.GetCounterparts() {
		list.Counterparts = append(list.Counterparts, search.Counterpart{
			PassageKey: r.key(c.GetDocument(), c.GetOrdinal()), Language: c.GetLanguage(), Similarity: float64(c.GetSimilarity()),
		})
	}
	if r.damaged {
		return nil, errDamaged
	}
	return list, nil
}

// pageReader decodes a page whose columns have matching lengths. It checks the values of
// columns itself: with rules in the protos for three columns, decoding a token of 400
// passages took 0.4 ms instead of 0.06 ms.
type pageReader struct {
	ids     []string
	damaged bool
}

func (r *pageReader) check(ok bool) { r.damaged = r.damaged || !ok }

func (r *pageReader) number(n int32) int {
	r.check(n >= 0)
	return int(n)
}

func (r *pageReader) score(x float32) float64 {
	r.check(!math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0))
	return float64(x)
}

func (r *pageReader) key(place, ordinal int32) document.PassageKey {
	if place < 0 || int(place) >= len(r.ids) || ordinal < 0 {
		r.damaged = true
		return document.PassageKey{}
	}
	return document.PassageKey{Document: r.ids[place], Ordinal: int(ordinal)}
}

// entries decodes the entries of a list.
func (r *pageReader) entries(in *pagetokenv1.Entries) []search.Entry {
	out := make([]search.Entry, len(in.GetDocuments()))
	lexical, pivots, reranks := in.GetLexical(), in.GetPivots(), in.GetReranks()
	copies := 0 // copies read so far
	for i := range out {
		flags := in.Flags[i]
		out[i].PassageKey = r.key(in.Documents[i], in.Ordinals[i])
		out[i].Scores = search.Scores{
			Fused: r.score(in.Fused[i]), Relevance: float32(r.score(in.Relevance[i])),
			DenseRank: r.number(valueAt(in.DenseRanks, i)), LexicalRank: r.number(valueAt(in.LexicalRanks, i)),
			Lexical: r.flagged(&lexical, flags&hasLexical), Pivot: r.flagged(&pivots, flags&hasPivot), Rerank: r.flagged(&reranks, flags&hasRerank),
			Named: flags&isNamed != 0, Reranked: flags&isReranked != 0,
		}
		n := r.number(valueAt(in.Copies, i))
		if n > search.MaxCopies || copies+n > len(in.CopyDocuments) {
			r.damaged = true
		}
		if r.damaged {
			return nil
		}
		for range n {
			out[i].Copies = append(out[i].Copies, r.key(in.CopyDocuments[copies], in.CopyOrdinals[copies]))
			copies++
		}
	}
	r.check(len(lexical)+len(pivots)+len(reranks) == 0 && copies == len(in.GetCopyDocuments()))
	return out
}

// valueAt returns the value at i of a column. An empty column has only zeros.
func valueAt(column []int32, i int) int32 {
	if len(column) == 0 {
		return 0
	}
	return column[i]
}

// flagged removes the first value of a column and returns it if flag is set. Otherwise it
// returns 0.
func (r *pageReader) flagged(column *[]float32, flag int32) float64 {
	if flag == 0 {
		return 0
	}
	if len(*column) == 0 {
		r.damaged = true
		return 0
	}
	x := (*column)[0]
	*column = (*column)[1:]
	return r.score(x)
}
