package embed_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/accord-search/accord/internal/embed"
	"github.com/accord-search/accord/internal/embed/embedtest"
)

func Example() {
	server := httptest.NewServer(&embedtest.Server{Model: "multilingual-e5-small", Dimensions: 384})
	defer server.Close()

	client, err := embed.Open(embed.Config{URL: server.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()

	ctx := context.Background()
	profile, err := client.Profile(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	encoder, err := client.EncoderFor(ctx, profile)
	if err != nil {
		fmt.Println(err)
		return
	}
	passages, err := encoder.EmbedPassages(ctx, []string{"digital economy", "绿色发展"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(passages), "vectors of", profile.Dimensions, "dimensions, prefix by", profile.PrefixBy)
	// Output: 2 vectors of 384 dimensions, prefix by client
}
