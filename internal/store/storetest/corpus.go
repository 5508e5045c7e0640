package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/accord-search/accord/internal/document"
)

// Share is a value with the share of all documents or passages that have it.
type Share[T any] struct {
	Value T
	Of    float64 // 0 to 1
}

// Corpus makes documents that resemble real ones in the properties that matter when many
// passages are searched. Vectors are grouped by topic and vary in fewer directions than
// they have dimensions. The vectors of a passage's windows are near the passage's own. Some
// words are far more frequent than others. The same fields always give the same documents.
type Corpus struct {
	Collection string
	Documents  int
	Passages   int // per document
	Dimensions int
	// Kinds holds shares of passages; the other fields hold shares of documents. Each share
	// is independent of the others and of the publish times, which are one day apart from
	// Start on.
	Languages []Share[string]
	Sources   []Share[string]
	Metadata  []Share[map[string]string]
	Kinds     []Share[document.Kind]

	directions [][]float32 // vectors are combinations of these
	topics     [][]float64
	means      map[string][]float32
}

// Start is the publish time of the first document.
func (*Corpus) Start() time.Time { return time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) }

const (
	corpusDirections = 48 // roughly the intrinsic dimension of sentence embeddings
	corpusTopics     = 1_000
	corpusWords      = 45 // per passage
	corpusAsked      = 12 // words, or characters, per question
	corpusVocabulary = 50_000
	corpusHan        = 3_000
)

// Document returns the nth document, from 0.
func (c *Corpus) Document(n int) document.Indexed {
	c.prepare()
	r := rand.New(rand.NewPCG(uint64(n), 1))
	language := pick(c.Languages, spread(n, 0, c.Documents))
	day := int(spread(n, 1, c.Documents) * float64(c.Documents))
	d := document.Document{
		Collection: c.Collection, ID: fmt.Sprintf("d%06d", n), Title: fmt.Sprintf("Statement %d", n), LanguageCode: language,
		Source: pick(c.Sources, spread(n, 2, c.Documents)), URI: fmt.Sprintf("https://example.com/%d", n),
		Metadata:    pick(c.Metadata, spread(n, 3, c.Documents)),
		PublishTime: c.Start().AddDate(0, 0, day), PublishPrecision: document.PrecisionDate,
	}
	texts := make([]string, c.Passages)
	for i := range texts {
		texts[i] = words(r, language)
	}
	d.Text = strings.Join(texts, "\n\n")
	d.Digest, d.ETag = document.TextDigest(d.Text), d.ID
	in := document.Indexed{Document: d, ContentHash: d.ID}
	about := perturb(r, c.topics[r.IntN(len(c.topics))], 0.5)
	counter, at := document.NewRangeCounter(d.Text), 0
	for i, text := range texts {
		p := document.Passage{Ordinal: i, Kind: document.KindParagraph, LanguageCode: language, Text: text, Range: counter.Range(at, at+len(text))}
		if len(c.Kinds) > 0 {
			p.Kind = pick(c.Kinds, spread(n*c.Passages+i, 4, c.Documents*c.Passages))
		}
		in.Passages = append(in.Passages, p)
		says := perturb(r, about, 0.6)
		in.Windows = append(in.Windows, []document.Window{
			{Embedding: document.Embedding{Vector: c.vector(r, says, language)}},
			{Role: document.RoleSentences, Embedding: document.Embedding{Vector: c.vector(r, perturb(r, says, 0.4), language)}},
			{Role: document.RoleSentences, Embedding: document.Embedding{Vector: c.vector(r, perturb(r, says, 0.4), language)}},
		})
		at += len(text) + len("\n\n")
	}
	return in
}

// Question returns the nth question: some words of a passage, and a vector near its
// vector, in the language of its document.
func (c *Corpus) Question(n int) (text string, vector []float32) {
	in := c.Document(n * 31 % c.Documents)
	passage := n % c.Passages
	r := rand.New(rand.NewPCG(uint64(n), 2))
	noise := c.vector(r, perturb(r, make([]float64, corpusDirections), 1), in.Document.LanguageCode)
	vector = make([]float32, c.Dimensions)
	for i, x := range in.Windows[passage][0].Vector {
		vector[i] = x + 0.3*noise[i]
	}
	text = in.Passages[passage].Text
	if document.PrimarySubtag(in.Document.LanguageCode) == "zh" {
		return string([]rune(text)[:corpusAsked]), unit(vector)
	}
	return strings.Join(strings.Fields(text)[:corpusAsked], " "), unit(vector)
}

func (c *Corpus) prepare() {
	if c.means != nil {
		return
	}
	r := rand.New(rand.NewPCG(1, 3))
	for i := range corpusDirections {
		direction := gaussian(r, c.Dimensions)
		for k := range direction { // later directions vary less
			direction[k] /= float32(math.Sqrt(1 + float64(i)/8))
		}
		c.directions = append(c.directions, direction)
	}
	for range corpusTopics {
		c.topics = append(c.topics, perturb(r, make([]float64, corpusDirections), 1))
	}
	c.means = map[string][]float32{}
	common := gaussian(r, c.Dimensions)
	for _, l := range c.Languages {
		own := gaussian(r, c.Dimensions)
		for i := range own {
			own[i] = 6*common[i] + 2*own[i]
		}
		c.means[l.Value] = own
	}
}

// vector maps a point in the space of directions to a vector as a model makes it.
func (c *Corpus) vector(r *rand.Rand, point []float64, language string) []float32 {
	v := make([]float32, c.Dimensions)
	for i, x := range point {
		for k, d := range c.directions[i] {
			v[k] += float32(x) * d
		}
	}
	for i, m := range c.means[language] {
		v[i] += m + 0.3*float32(r.NormFloat64())
	}
	return unit(v)
}

// perturb returns a point at about the given distance from another.
func perturb(r *rand.Rand, point []float64, distance float64) []float64 {
	out := make([]float64, len(point))
	for i, x := range point {
		out[i] = x + distance*r.NormFloat64()
	}
	return out
}

func gaussian(r *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.NormFloat64())
	}
	return v
}

func unit(v []float32) []float32 {
	var square float64
	for _, x := range v {
		square += float64(x) * float64(x)
	}
	for i := range v {
		v[i] /= float32(math.Sqrt(square))
	}
	return v
}

// words returns the text of a passage. A Chinese text is cut to a length at
// which it has about as many terms as the others.
func words(r *rand.Rand, language string) string {
	if document.PrimarySubtag(language) == "zh" {
		zipf := rand.NewZipf(r, 1.05, 4, corpusHan)
		var text strings.Builder
		for i := range corpusWords / 2 {
			if i > 0 && i%6 == 0 {
				text.WriteRune('，') // a punctuation mark, since spaces between Chinese characters are ignored
			}
			text.WriteRune(rune(0x4e00 + int(zipf.Uint64())))
		}
		return text.String()
	}
	zipf := rand.NewZipf(r, 1.05, 4, corpusVocabulary)
	list := make([]string, corpusWords)
	for i := range list {
		list[i] = fmt.Sprintf("w%d", zipf.Uint64())
	}
	return strings.Join(list, " ")
}

// spread returns a position in [0, 1) for n, which is less than of. Each n has a different
// position, and each purpose a different order of positions.
func spread(n, purpose, of int) float64 {
	step := []int{7919, 104729, 15485863, 32452843, 49979687}[purpose] // primes
	return float64(n*step%of) / float64(of)
}

// pick returns the value of the share that contains a position, or the zero value if
// the shares end before it.
func pick[T any](shares []Share[T], place float64) (value T) {
	for _, s := range shares {
		if place < s.Of {
			return s.Value
		}
		place -= s.Of
	}
	return value
}
