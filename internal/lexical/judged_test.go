package lexical_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/accord-search/accord/internal/lexical"
)

// judgedFolder holds paragraphs, questions and their answers in three languages. It
// is outside the repository, next to the checkout.
const judgedFolder = "../../../shared/eval/xquad-r/dev"

type judgedText struct {
	ID       string `json:"_id"`
	Text     string `json:"text"`
	Language string `json:"lang"`
}

// TestJudgedRanking checks that BM25 alone ranks right passages high, with questions and
// passages in the same language. The figures are nDCG@10; each question has one right
// passage.
func TestJudgedRanking(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(judgedFolder); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the judged set lies outside the checkout and is not there")
	}
	passages := readJudged(t, "corpus.jsonl")
	queries := readJudged(t, "queries.jsonl")
	answers := readAnswers(t)
	for language, floor := range map[string]float64{"en": 0.962, "es": 0.952, "zh": 0.962} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			index := newIndex(passages[language], language)
			sum := 0.0
			for _, query := range queries[language] {
				if rank := index.rank(query.Text, answers[query.ID]); rank <= 10 {
					sum += 1 / math.Log2(float64(rank)+1)
				}
			}
			got := sum / float64(len(queries[language]))
			t.Logf("%s: %d passages of %.0f terms, %d questions, nDCG@10 %.4f", language, len(index.ids), index.length, len(queries[language]), got)
			if got < floor {
				t.Errorf("nDCG@10 = %.4f, want at least %.3f", got, floor)
			}
		})
	}
}

// index is an in-memory BM25 index of the passages of one language.
type index struct {
	language string
	ids      []string
	weights  []map[int32]float32
	df       map[int32]int
	length   float64 // mean number of terms
}

func newIndex(passages []judgedText, language string) *index {
	ix := &index{language: language, df: map[int32]int{}}
	terms := make([][]lexical.Term, len(passages))
	for i, p := range passages {
		terms[i] = lexical.Terms(p.Text, language)
		ix.ids = append(ix.ids, p.ID)
		ix.length += float64(len(terms[i])) / float64(len(passages))
	}
	for i := range passages {
		weights := lexical.Weights(terms[i], ix.length)
		for id := range weights {
			ix.df[id]++
		}
		ix.weights = append(ix.weights, weights)
	}
	return ix
}

// rank returns the rank, from 1, of the passage with an id for query.
func (ix *index) rank(query, id string) int {
	scores := make([]float64, len(ix.ids))
	terms, want := lexical.Terms(query, ix.language), 0.0
	for i, weights := range ix.weights {
		for _, term := range terms {
			scores[i] += lexical.IDF(ix.df[term.ID()], len(ix.ids)) * float64(weights[term.ID()])
		}
		if ix.ids[i] == id {
			want = scores[i]
		}
	}
	rank := 1
	for i, score := range scores {
		if score > want || score == want && ix.ids[i] < id {
			rank++
		}
	}
	return rank
}

func readJudged(t *testing.T, name string) map[string][]judgedText {
	t.Helper()
	byLanguage := map[string][]judgedText{}
	eachLine(t, name, func(line string) {
		var text judgedText
		if err := json.Unmarshal([]byte(line), &text); err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		byLanguage[text.Language] = append(byLanguage[text.Language], text)
	})
	return byLanguage
}

// readAnswers returns the passage that answers each query in its language.
func readAnswers(t *testing.T) map[string]string {
	t.Helper()
	answers := map[string]string{}
	eachLine(t, "qrels.same-lang.tsv", func(line string) {
		fields := strings.Split(line, "\t")
		answers[fields[0]] = fields[1]
	})
	return answers
}

func eachLine(t *testing.T, name string, do func(string)) {
	t.Helper()
	file, err := os.Open(filepath.Join(judgedFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		do(lines.Text())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}
