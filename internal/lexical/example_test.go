package lexical_test

import (
	"fmt"

	"github.com/accord-search/accord/internal/lexical"
)

func ExampleTerms() {
	text := "The ports of 2016 were opened"
	for _, term := range lexical.Terms(text, "en") {
		fmt.Printf("%s: %s\n", term.Text, text[term.Start:term.End])
	}
	// Output:
	// port: ports
	// 2016: 2016
	// open: opened
}

func ExampleNamedArticles() {
	for _, question := range []string{"articles 3 and 5", "第十二条", "Article IV"} {
		articles, _ := lexical.NamedArticles(question)
		for _, term := range articles {
			fmt.Println(term.Text)
		}
	}
	// Output:
	// article 3
	// article 5
	// article 12
	// article 4
}
