package chunk

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestSentences(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, text string }{ // | separates sentences in text
		{"blank", " "},
		{"plain", "Xi left.| Boluarte stayed!| Did she?| Yes"},
		{"dates and dateline", "LIMA, Nov. 14 (Xinhua) -- Xi spoke on Nov. 14, 2024.| He left."},
		{"titles", "Mr. Li met Dr. Wu and Sra. Boluarte.| El Sr. Gómez y la Dra. Ruiz hablaron."},
		{"initials", "The U.S. President met J. K. Rowling.| EE.UU. y EE. UU. firmaron."},
		{"decimals", "Trade grew 4.5 percent to 3.2 billion.| It was a record."},
		{"numbers", "4. Both sides agree.| Article 5. They widen it.| No. 6 is art. 7 of it."},
		{"a number ends", "It began in 2016.| The next year was better."},
		{"lower case after the end", "“Is it true?” he asked.| “Yes.”| He left."},
		{"Chinese", "双方满意。| 他说：“很好！”| 会谈后，两国元首出席了吗？！| 是的……"},
		{"Chinese unspaced", "双方满意。|他说：“很好。”|对吗？|（完）"},
		{"Spanish", "¿Quién vino?| ¡Nadie!| La Sección 3.a rige desde el 4 de mayo.| Fin."},
		{"Hindi", "बंदरगाह खुले हैं।| जहाज़ आए।| क्या वे गए?| हाँ।"},
		{"Urdu and Arabic", "بندرگاہ کھلی ہے۔| جہاز آئے۔| هل وصلت السفن؟| نعم."},
		{"Armenian, Amharic, Burmese and Khmer", "Նավերը եկան։| Գնացին։| ወደቡ ክፍት ነው።| መርከቦች መጡ።| သင်္ဘောလာသည်။| ပြန်သွားသည်။| កំពង់ផែបើក។| នាវាមក។"},
		{"wrapped", "Xi spoke\non trade.| He\r\nleft."},
		{"blank line", "Article 3\n\n|The Parties agree.| 第三条\n\n|双方同意。"},
		{"clauses", "甲；乙，丙：丁; e, f: g."},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var want, got []string
			for _, s := range strings.Split(tc.text, "|") {
				if s = strings.TrimSpace(s); s != "" {
					want = append(want, s)
				}
			}
			text := strings.ReplaceAll(tc.text, "|", "")
			for _, r := range Sentences(text) {
				got = append(got, r.Slice(text))
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Sentences(%q) (-want +got):\n%s", text, diff)
			}
		})
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("One. Two.\n\n三。“四！”")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			t.Skip("no text that may be stored")
		}
		points := []rune(text)
		at := 0
		for _, r := range Sentences(text) {
			s := r.Slice(text)
			if !strings.ContainsFunc(s, visible) || s != strings.TrimSpace(s) || s != string(points[r.Start:r.End]) {
				t.Errorf("sentence [%d, %d) is blank, has white space around it, or differs from its code points: %q", r.Start, r.End, s)
			}
			if r.StartByte < at || strings.ContainsFunc(text[at:r.StartByte], visible) {
				t.Errorf("sentence at byte %d overlaps or leaves out text after byte %d", r.StartByte, at)
			}
			at = r.EndByte
		}
		if strings.ContainsFunc(text[at:], visible) {
			t.Errorf("no sentence holds %q", text[at:])
		}
	})
}
