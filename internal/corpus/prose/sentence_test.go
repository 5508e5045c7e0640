package prose_test

import (
	"testing"

	"github.com/accord-search/accord/internal/corpus/prose"
)

func TestEndsSentence(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Ships come.": true, "船来了。": true, "जहाज आए।": true, "جہاز آئے۔": true, "هل وصلت؟": true, "Նավերը եկան։": true, "መርከቦች መጡ።": true, "នាវាមក។": true, "သင်္ဘောလာသည်။": true,
		"Ships come": false, "जहाज आए": false, "Art.": false, "": false,
	} {
		if got := prose.EndsSentence(text); got != want {
			t.Errorf("EndsSentence(%q) = %t, want %t", text, got, want)
		}
	}
	if got := prose.Sentences("जहाज आए। वे गए।"); got != 2 {
		t.Errorf("Hindi text has %d sentences, want 2", got)
	}
}
