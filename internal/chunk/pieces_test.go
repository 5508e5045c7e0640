package chunk

import (
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/accord-search/accord/internal/document"
)

func TestPieces(t *testing.T) {
	t.Parallel()
	const (
		whole     = document.RolePassage
		sentences = document.RoleSentences
	)
	type piece struct {
		Role  document.Role
		Range string
		Text  string
	}
	for _, tc := range []struct {
		name, text string
		sentences  bool
		want       []piece
	}{
		{"two sentences are one window", "Xi left. He slept.", true, []piece{{whole, "Xi left. He slept.", "Xi left. He slept."}}},
		{"three sentences make two pairs", "双方满意。\n　　他说：“很好。”然后走了。再见。", true, []piece{
			{whole, "双方满意。\n　　他说：“很好。”然后走了。再见。", "双方满意。他说：“很好。”然后走了。再见。"},
			{sentences, "双方满意。\n　　他说：“很好。”", "双方满意。他说：“很好。”"},
			{sentences, "他说：“很好。”然后走了。", "他说：“很好。”然后走了。"},
			{sentences, "然后走了。再见。", "然后走了。再见。"},
		}},
		{"no sentence windows unless asked for", "One.\nTwo.\nThree.", false, []piece{{whole, "One.\nTwo.\nThree.", "One. Two. Three."}}},
		{"a pair over the limit is cut", "A b c d e f g h. I j k l m n o p. Q.", true, []piece{
			{whole, "A b c d e f g h. I j k l m n o p. Q.", "A b c d e f g h."},
			{whole, "A b c d e f g h. I j k l m n o p. Q.", "I j k l m n o p. Q."},
			{sentences, "A b c d e f g h. I j k l m n o p.", "A b c d e f g h."},
			{sentences, "A b c d e f g h. I j k l m n o p.", "I j k l m n o p."},
			{sentences, "I j k l m n o p. Q.", "I j k l m n o p. Q."},
		}},
		{"blank", " ", true, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var got []piece
			for _, p := range Pieces(tc.text, tc.sentences, 32, utf8.RuneCountInString) {
				got = append(got, piece{p.Role, p.Range.Slice(tc.text), p.Text})
				if cut := string([]rune(tc.text)[p.Range.Start:p.Range.End]); cut != p.Range.Slice(tc.text) {
					t.Errorf("code points cut %q, bytes %q", cut, p.Range.Slice(tc.text))
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
