package corpus_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

const (
	simplified  = "两市签署港口合作协议\n\n2022年3月8日 09:30 来源：人民网\n\n两市代表8日签署港口合作协议，同意共同建设集装箱码头。\n\n双方还将开展人员培训。\n"
	traditional = "兩市簽署港口合作協議\n\n2022年3月8日 09:30 來源：中央社\n\n兩市代表8日簽署港口合作協議，同意共同建設貨櫃碼頭。\n\n雙方還將開展人員培訓。\n"
	french      = "Le port rouvre après deux semaines de travaux\n\n3 mars 2022\n\nLe port a rouvert jeudi, « comme prévu », a annoncé la préfecture. Les premiers navires sont entrés à l’aube – d’autres sont attendus.\n\nUne enquête s’ouvrira à l’été.\n"
	spanish     = "El puerto reabre mañana\n\n3 de marzo de 2022\n\n¿Qué dirán los pescadores? La autoridad portuaria informó que el puerto reabrirá mañana.\n\n“Ha sido difícil”, dijo un portavoz. Costó 300 €.\n"
	german      = "Der Hafen öffnet wieder\n\n3. März 2022\n\nDer Hafen öffnet nach zwei Wochen wieder, teilte die Behörde mit. Die Fischer müssen früher aufstehen.\n\n„Das war größer als gedacht“, sagte ein Sprecher.\n"
	treaty      = "关于边境贸易的协定\n\n　　（２０１２年６月１８日，昆明）\n\n　　第一条　双方开展边境贸易。\n\n　　第二条　双方各自指定口岸。\n"
	shortText   = "Préavis : le café ferme à 18 h.\n"
	english     = "Café owners meet\n\nMarch 3, 2022\n\nCafé owners met on Thursday – “at last”, said one – to talk about prices.\n"
)

// TestEncodings reads one text in each encoding that can represent it. The result must be
// that of UTF-8.
func TestEncodings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		in   encoding.Encoding
		text []string
	}{
		{"UTF-8 with mark", unicode.UTF8BOM, []string{simplified, french}},
		{"UTF-16LE with mark", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), []string{simplified, french, english}},
		{"UTF-16BE with mark", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), []string{simplified, french, english}},
		{"UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), []string{simplified, traditional, treaty, french, english}},
		{"UTF-16BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), []string{simplified, traditional, treaty, french, english}},
		{"GB18030", simplifiedchinese.GB18030, []string{simplified, traditional, treaty}},
		{"GBK", simplifiedchinese.GBK, []string{simplified}},
		{"Big5", traditionalchinese.Big5, []string{traditional}},
		{"Windows-1252", charmap.Windows1252, []string{french, spanish, german, shortText, english}},
	} {
		for i, text := range tc.text {
			t.Run(tc.name+"/"+strings.Fields(text)[0], func(t *testing.T) {
				t.Parallel()
				encoded, err := tc.in.NewEncoder().String(text)
				if err != nil {
					t.Fatalf("text %d cannot be written in %s: %v", i, tc.name, err)
				}
				want, wantErr := read(t, "a.txt", []byte(text))
				got, gotErr := read(t, "a.txt", []byte(encoded))
				if diff := cmp.Diff(describe(want, wantErr), describe(got, gotErr)); diff != "" {
					t.Errorf("%s (-UTF-8 +%s):\n%s", tc.name, tc.name, diff)
				}
			})
		}
	}
}

// TestMojibake checks the repair of texts that were decoded wrongly before they were saved.
func TestMojibake(t *testing.T) {
	t.Parallel()
	latin := func(s string) string { // reads UTF-8 as Windows-1252, and its undefined bytes as Latin-1
		var out strings.Builder
		for i := range len(s) {
			r := charmap.Windows1252.DecodeByte(s[i])
			if r == '\uFFFD' {
				r = rune(s[i])
			}
			out.WriteRune(r)
		}
		return out.String()
	}
	gbkAsLatin := func(s string) string {
		encoded, err := simplifiedchinese.GBK.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return latin(encoded)
	}
	for _, tc := range []struct{ name, broken, want string }{
		{"French", latin(french), french},
		{"Spanish", latin(spanish), spanish},
		{"Chinese", latin(simplified), simplified},
		{"twice", latin(latin(french)), french},
		{"Chinese twice", latin(latin(simplified)), simplified},
		{"GBK read as Latin", gbkAsLatin(simplified), simplified},
		{"one line of several", strings.Replace(french, "Une enquête s’ouvrira à l’été.", latin("Une enquête s’ouvrira à l’été."), 1), french},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			want, wantErr := read(t, "a.txt", []byte(tc.want))
			got, gotErr := read(t, "a.txt", []byte(tc.broken))
			if diff := cmp.Diff(describe(want, wantErr), describe(got, gotErr)); diff != "" {
				t.Errorf("%q (-right +mended):\n%s", tc.broken, diff)
			}
		})
	}
}
