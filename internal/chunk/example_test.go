package chunk_test

import (
	"fmt"

	"github.com/accord-search/accord/internal/chunk"
	"github.com/accord-search/accord/internal/document"
)

func ExamplePassages() {
	doc := document.Document{LanguageCode: "en", Text: "Both sides met.\n\nArticle 1. The ports open.\n\nArticle 2. Trade is free."}
	for _, p := range chunk.Passages(doc) {
		fmt.Printf("%d-%d %q %s\n", p.Range.Start, p.Range.End, p.Label, p.Text)
	}
	// Output:
	// 0-15 "" Both sides met.
	// 17-43 "Article 1" Article 1. The ports open.
	// 45-70 "Article 2" Article 2. Trade is free.
}

func ExampleSentences() {
	text := "Both sides met. They agreed! 港口开放。"
	for _, s := range chunk.Sentences(text) {
		fmt.Println(text[s.StartByte:s.EndByte])
	}
	// Output:
	// Both sides met.
	// They agreed!
	// 港口开放。
}
